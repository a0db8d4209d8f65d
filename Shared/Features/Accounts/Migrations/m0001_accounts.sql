-- Accounts, the identities that lead to them, and API keys.

CREATE TABLE accounts (
  account_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('operator', 'free')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- The account of an identity, such as an address or an email that a request names.
CREATE TABLE account_identities (
  -- 'operator', 'email' (in lower case) or 'address' (an IPv4 address or an IPv6 /64)
  kind text NOT NULL CHECK (kind IN ('operator', 'email', 'address')),
  subject text NOT NULL,
  account_id uuid NOT NULL REFERENCES accounts,
  PRIMARY KEY (kind, subject)
);

-- API keys. Only the SHA-256 digest of a key is stored.
CREATE TABLE credentials (
  digest bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);
