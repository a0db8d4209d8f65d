-- Work for later. Nobody's own: what it is about stands in the payload.

CREATE TABLE jobs (
  job_id uuid PRIMARY KEY,
  kind text NOT NULL,
  payload json NOT NULL,
  -- the greater first
  priority bigint NOT NULL,
  -- among unfinished jobs of a kind no two have the same
  key text,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dead')),
  -- from when on it may be leased: as it was enqueued, when it is to be tried again, or when its lease ends
  due_at timestamptz NOT NULL,
  attempts bigint NOT NULL DEFAULT 0,
  max_attempts bigint NOT NULL CHECK (max_attempts > 0),
  -- the token of whoever works on it, or did until the lease expired
  lease uuid,
  -- what the last attempt failed of
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CHECK ((finished_at IS NULL) = (state = 'open'))
);

CREATE UNIQUE INDEX jobs_key ON jobs (kind, key) WHERE state = 'open';
CREATE INDEX jobs_next ON jobs (priority DESC, due_at) WHERE state = 'open';
-- Those whose last attempt nobody ended.
CREATE INDEX jobs_spent ON jobs (due_at) WHERE state = 'open' AND attempts >= max_attempts;
CREATE INDEX jobs_finished_at ON jobs (finished_at);
