-- Plans, keys that can be told apart, and who changed what.

ALTER TABLE accounts DROP CONSTRAINT accounts_kind_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_kind_check CHECK (kind IN ('operator', 'free', 'customer'));
ALTER TABLE accounts ADD COLUMN plan text NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'coffee', 'growth', 'scale'));
-- Where to write to. It finds nothing and proves nothing.
ALTER TABLE accounts ADD COLUMN email text;

ALTER TABLE account_identities DROP CONSTRAINT account_identities_kind_check;
-- 'grant' is the email under which an operator granted a plan: only the operator's own commands look there.
ALTER TABLE account_identities ADD CONSTRAINT account_identities_kind_check CHECK (kind IN ('operator', 'email', 'address', 'grant'));

ALTER TABLE credentials ADD COLUMN key_id uuid NOT NULL DEFAULT gen_random_uuid();
-- Its first characters, which tell keys apart and are of no use to anybody else.
ALTER TABLE credentials ADD COLUMN beginning text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX credentials_key_id ON credentials (key_id);
CREATE INDEX credentials_account ON credentials (account_id);

-- Whatever changes money, plans, keys or roles. Entries are only ever added.
CREATE TABLE audit_log (
  account_id uuid NOT NULL REFERENCES accounts,
  entry_id uuid NOT NULL DEFAULT gen_random_uuid(),
  -- who did it: 'operator', or the id of the key
  actor text NOT NULL,
  action text NOT NULL,
  -- never a key, a digest or a secret
  details text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, entry_id)
);
