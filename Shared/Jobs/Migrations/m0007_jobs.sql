-- Background jobs. They are not owned by an account; the payload names the subject of a job.

CREATE TABLE jobs (
  job_id uuid PRIMARY KEY,
  kind text NOT NULL,
  payload json NOT NULL,
  -- a higher number runs first
  priority bigint NOT NULL,
  -- unique among the unfinished jobs of a kind
  key text,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dead')),
  -- when the job can be leased next: the requested start, the next retry, or the end of the current lease
  due_at timestamptz NOT NULL,
  attempts bigint NOT NULL DEFAULT 0,
  max_attempts bigint NOT NULL CHECK (max_attempts > 0),
  -- the token of the current or last lease
  lease uuid,
  -- the error of the last failed attempt
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CHECK ((finished_at IS NULL) = (state = 'open'))
);

CREATE UNIQUE INDEX jobs_key ON jobs (kind, key) WHERE state = 'open';
CREATE INDEX jobs_next ON jobs (priority DESC, due_at) WHERE state = 'open';
-- Jobs with an unfinished last attempt.
CREATE INDEX jobs_spent ON jobs (due_at) WHERE state = 'open' AND attempts >= max_attempts;
CREATE INDEX jobs_finished_at ON jobs (finished_at);
