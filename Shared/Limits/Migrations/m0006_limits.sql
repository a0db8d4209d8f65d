-- What callers used up lately. Nobody's own: a subject is an address, an account, a key's digest, whatever the caller counts by.

-- Counts in windows that follow one another. A row for each, so that a clock that was set wrong for a while harms no other window.
CREATE TABLE rate_windows (
  scope text NOT NULL,
  subject text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  used bigint NOT NULL CHECK (used > 0),
  PRIMARY KEY (scope, subject, starts_at)
);

CREATE INDEX rate_windows_ends_at ON rate_windows (ends_at);

-- Buckets that fill again steadily; one that is full needs no row.
CREATE TABLE rate_buckets (
  scope text NOT NULL,
  subject text NOT NULL,
  -- when the last token that was taken will be there again
  full_at timestamptz NOT NULL,
  PRIMARY KEY (scope, subject)
);

-- Sources that failed lately.
CREATE TABLE failure_brakes (
  scope text NOT NULL,
  source text NOT NULL,
  failures bigint NOT NULL CHECK (failures > 0),
  -- NULL where it failed too seldom to be refused
  refused_until timestamptz,
  -- from then on it counts as one that never failed
  forgotten_at timestamptz NOT NULL,
  PRIMARY KEY (scope, source)
);
