-- The reports of analyses. A report is never updated; a new analysis inserts a new row.

CREATE TABLE site_reports (
  account_id uuid NOT NULL REFERENCES accounts,
  report_id uuid NOT NULL,
  -- the requested URL, normalized
  url text NOT NULL,
  -- the SHA-256 of the request's other options, in hex
  options text NOT NULL,
  partial boolean NOT NULL,
  report json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, report_id)
);

CREATE INDEX site_reports_fresh ON site_reports (account_id, url, options, created_at DESC);
-- Reports of Free accounts are looked up by id without the account.
CREATE INDEX site_reports_id ON site_reports (report_id);
