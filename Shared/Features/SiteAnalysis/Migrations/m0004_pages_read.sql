-- What was read of pages, so that those that did not change need not be read again. A page is public, and nobody's own: the
-- table names no account. A crash may empty it.

CREATE UNLOGGED TABLE pages_read (
  -- as it was fetched, normalised
  url text PRIMARY KEY,
  -- the version of the program's reading that made the record
  version bigint NOT NULL,
  -- what the server wants to be asked with: an ETag, a date, or both
  etag text,
  last_modified text,
  record bytea NOT NULL,
  read_at timestamptz NOT NULL DEFAULT now(),
  CHECK (etag IS NOT NULL OR last_modified IS NOT NULL)
);

-- Packing costs more time than the room is worth.
ALTER TABLE pages_read ALTER COLUMN record SET STORAGE EXTERNAL;
-- The oldest go first.
CREATE INDEX pages_read_at ON pages_read (read_at);
