-- Plans, names of API keys, and the audit log.

ALTER TABLE accounts DROP CONSTRAINT accounts_kind_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_kind_check CHECK (kind IN ('operator', 'free', 'customer'));
ALTER TABLE accounts ADD COLUMN plan text NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'coffee', 'growth', 'scale'));
-- The contact address. It is not verified, and a request that names it does not get the account.
ALTER TABLE accounts ADD COLUMN email text;

ALTER TABLE account_identities DROP CONSTRAINT account_identities_kind_check;
-- 'grant' is the email under which the operator granted a plan; only the operator's commands look it up.
ALTER TABLE account_identities ADD CONSTRAINT account_identities_kind_check CHECK (kind IN ('operator', 'email', 'address', 'grant'));

ALTER TABLE credentials ADD COLUMN key_id uuid NOT NULL DEFAULT gen_random_uuid();
-- The first characters of the key, which distinguish the keys of an account.
ALTER TABLE credentials ADD COLUMN beginning text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX credentials_key_id ON credentials (key_id);
CREATE INDEX credentials_account ON credentials (account_id);

-- Changes of money, plans, keys and roles. Entries are only added.
CREATE TABLE audit_log (
  account_id uuid NOT NULL REFERENCES accounts,
  entry_id uuid NOT NULL DEFAULT gen_random_uuid(),
  -- 'operator', or the id of the API key that was used
  actor text NOT NULL,
  action text NOT NULL,
  -- contains no key, digest or secret
  details text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, entry_id)
);
