-- Erased accounts, and updates from token issuers.

-- The time of the erasure. The row stays because the ledger refers to it, but the account cannot be used again.
ALTER TABLE accounts ADD COLUMN erased_at timestamptz;
-- Late updates must not restore the data of an erased account.
ALTER TABLE accounts ADD CONSTRAINT accounts_erased_check CHECK (erased_at IS NULL
  OR email IS NULL AND plan = 'free' AND bought_plan = 'free' AND subscribed_plan = 'free' AND subscribed_until IS NULL);
-- The issuer's time of its last update, in milliseconds since 1970; NULL if there was none.
ALTER TABLE accounts ADD COLUMN issuer_updated_at bigint;

-- For the operator's search by email.
CREATE INDEX accounts_email ON accounts (email) WHERE email IS NOT NULL;
CREATE INDEX account_identities_account ON account_identities (account_id);
