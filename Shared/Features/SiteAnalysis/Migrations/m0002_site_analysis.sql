-- What analyses found. A report is never changed: another analysis makes another.

CREATE TABLE site_reports (
  account_id uuid NOT NULL REFERENCES accounts,
  report_id uuid NOT NULL,
  -- as it was asked for, normalised
  url text NOT NULL,
  -- the SHA-256 of what was asked for besides, in hex
  options text NOT NULL,
  partial boolean NOT NULL,
  report json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, report_id)
);

CREATE INDEX site_reports_fresh ON site_reports (account_id, url, options, created_at DESC);
-- A Free account's report is found by its id alone.
CREATE INDEX site_reports_id ON site_reports (report_id);
