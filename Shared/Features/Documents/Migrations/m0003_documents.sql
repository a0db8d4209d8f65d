-- What was written. A document is never changed, so its id is its version.

CREATE TABLE documents (
  account_id uuid NOT NULL REFERENCES accounts,
  document_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('llms_txt')),
  media_type text NOT NULL,
  content text NOT NULL,
  -- the analysis that it was written from: of the same account, or of a Free one, whose reports anybody may use who knows the id
  report_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, document_id)
);

-- A Free account's document is found by its id alone.
CREATE INDEX documents_id ON documents (document_id);
