-- Recent use per subject. Rows are not tied to an account: a subject is an address, an account id, the digest of a key,
-- or any other text that a limit counts by.

-- Use in consecutive time windows. Each window has its own row, so a clock that is wrong for a while affects no other
-- window.
CREATE TABLE rate_windows (
  scope text NOT NULL,
  subject text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  used bigint NOT NULL CHECK (used > 0),
  PRIMARY KEY (scope, subject, starts_at)
);

CREATE INDEX rate_windows_ends_at ON rate_windows (ends_at);

-- Token buckets. A full bucket has no row.
CREATE TABLE rate_buckets (
  scope text NOT NULL,
  subject text NOT NULL,
  -- when the bucket will be full again
  full_at timestamptz NOT NULL,
  PRIMARY KEY (scope, subject)
);

-- Sources with recent failures.
CREATE TABLE failure_brakes (
  scope text NOT NULL,
  source text NOT NULL,
  failures bigint NOT NULL CHECK (failures > 0),
  -- the end of the block; NULL while the source is not blocked
  refused_until timestamptz,
  -- from this time on, earlier failures no longer count
  forgotten_at timestamptz NOT NULL,
  PRIMARY KEY (scope, source)
);
