-- Who somebody is, and what finds them.

CREATE TABLE accounts (
  account_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('operator', 'free')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What a caller says or shows, and the account that it stands for. Small, and not of any account: it is what finds one.
CREATE TABLE account_identities (
  -- 'operator', 'email' (in lower case) or 'address' (an IPv4 address or an IPv6 /64)
  kind text NOT NULL CHECK (kind IN ('operator', 'email', 'address')),
  subject text NOT NULL,
  account_id uuid NOT NULL REFERENCES accounts,
  PRIMARY KEY (kind, subject)
);

-- API keys, by the SHA-256 of the key; the key itself is nowhere.
CREATE TABLE credentials (
  digest bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);
