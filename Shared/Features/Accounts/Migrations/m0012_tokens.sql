-- JSON Web Tokens: their subjects, and the key sets of their issuers.

ALTER TABLE account_identities DROP CONSTRAINT account_identities_kind_check;
-- The subject of a 'token' is 'sub' or 'org', the issuer, and the name of the user or organisation, separated by
-- spaces. Issuers contain no spaces.
ALTER TABLE account_identities ADD CONSTRAINT account_identities_kind_check CHECK (kind IN ('operator', 'email', 'address', 'grant', 'token'));

-- The last key set that was fetched from an issuer.
CREATE TABLE token_key_sets (
  -- the URL where the issuer publishes the set
  url text PRIMARY KEY,
  -- the JSON text; NULL until the first successful fetch
  jwks text,
  -- the time of the fetch that returned `jwks`
  fetched_at timestamptz,
  -- the time of the last fetch, successful or not
  asked_at timestamptz NOT NULL,
  CHECK ((jwks IS NULL) = (fetched_at IS NULL))
);
