-- A cache of parsed pages for conditional requests. Pages are public, so rows belong to no account. The table is
-- unlogged: it is empty after a crash.

CREATE UNLOGGED TABLE pages_read (
  -- the URL of the page, normalized
  url text PRIMARY KEY,
  -- the version of the record format
  version bigint NOT NULL,
  -- the validators for conditional requests: an ETag, a date, or both
  etag text,
  last_modified text,
  record bytea NOT NULL,
  read_at timestamptz NOT NULL DEFAULT now(),
  CHECK (etag IS NOT NULL OR last_modified IS NOT NULL)
);

-- Store records uncompressed: compression costs more time than its savings in space are worth.
ALTER TABLE pages_read ALTER COLUMN record SET STORAGE EXTERNAL;
-- For the purge of old rows.
CREATE INDEX pages_read_at ON pages_read (read_at);
