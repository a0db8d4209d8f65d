-- Accounts that were erased, and what an issuer of tokens tells of its users.

-- From then on the row only says whose the books were: nobody can use it again.
ALTER TABLE accounts ADD COLUMN erased_at timestamptz;
-- Whatever comes late must not bring it back.
ALTER TABLE accounts ADD CONSTRAINT accounts_erased_check CHECK (erased_at IS NULL
  OR email IS NULL AND plan = 'free' AND bought_plan = 'free' AND subscribed_plan = 'free' AND subscribed_until IS NULL);
-- How old what the issuer said of it is, in milliseconds since 1970, by the issuer's clock; NULL where it said nothing.
ALTER TABLE accounts ADD COLUMN issuer_updated_at bigint;

-- For the operator, who looks for everything that concerns an address.
CREATE INDEX accounts_email ON accounts (email) WHERE email IS NOT NULL;
CREATE INDEX account_identities_account ON account_identities (account_id);
