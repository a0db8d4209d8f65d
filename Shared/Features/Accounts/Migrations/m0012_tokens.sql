-- JSON Web Tokens: who they are of, and the keys that they are signed with.

ALTER TABLE account_identities DROP CONSTRAINT account_identities_kind_check;
-- 'token' is 'sub' or 'org', the issuer and its name for them, a space between each: issuers have none.
ALTER TABLE account_identities ADD CONSTRAINT account_identities_kind_check CHECK (kind IN ('operator', 'email', 'address', 'grant', 'token'));

-- What an issuer publishes, as it was last read. It is not of any account.
CREATE TABLE token_key_sets (
  -- where it is published
  url text PRIMARY KEY,
  -- the JSON text; NULL until it was read for the first time
  jwks text,
  -- when the set above was asked for
  fetched_at timestamptz,
  -- when somebody last set out to fetch it, whatever came of it
  asked_at timestamptz NOT NULL,
  CHECK ((jwks IS NULL) = (fetched_at IS NULL))
);
