-- Queued analyses. A row is deleted when the report is stored under the same id in site_reports. The row of a failed
-- analysis stays for 30 days, so that callers can read the reason.

CREATE TABLE queued_analyses (
  account_id uuid NOT NULL REFERENCES accounts,
  report_id uuid NOT NULL,
  -- the requested URL, normalized
  url text NOT NULL,
  -- the options of the analysis, without the caller
  request json NOT NULL,
  -- the held uses of the account's and its network's quotas
  promise json NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'failed')),
  -- the failure as responses report it
  failure json,
  created_at timestamptz NOT NULL DEFAULT now(),
  failed_at timestamptz,
  PRIMARY KEY (account_id, report_id),
  CHECK ((state = 'failed') = (failure IS NOT NULL)),
  CHECK ((state = 'failed') = (failed_at IS NOT NULL))
);

-- The worker looks up analyses by id without the account, and so do requests for analyses of Free accounts.
CREATE INDEX queued_analyses_id ON queued_analyses (report_id);
CREATE INDEX queued_analyses_failed_at ON queued_analyses (failed_at);
