-- Analyses whose callers did not wait, from when they were accepted until their report is stored under the same id. Those that failed
-- stay for a while, so that they can be asked about.

CREATE TABLE queued_analyses (
  account_id uuid NOT NULL REFERENCES accounts,
  report_id uuid NOT NULL,
  -- as it was asked for, normalised
  url text NOT NULL,
  -- all that was asked for, but not who asked
  request json NOT NULL,
  -- what is held for it
  promise json NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'failed')),
  -- why it failed, as it is answered
  failure json,
  created_at timestamptz NOT NULL DEFAULT now(),
  failed_at timestamptz,
  PRIMARY KEY (account_id, report_id),
  CHECK ((state = 'failed') = (failure IS NOT NULL)),
  CHECK ((state = 'failed') = (failed_at IS NOT NULL))
);

-- A Free account's analysis is found by its id alone, as the worker finds any.
CREATE INDEX queued_analyses_id ON queued_analyses (report_id);
CREATE INDEX queued_analyses_failed_at ON queued_analyses (failed_at);
