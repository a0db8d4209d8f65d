-- Generated documents. A document is never changed, so its id also identifies its version.

CREATE TABLE documents (
  account_id uuid NOT NULL REFERENCES accounts,
  document_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('llms_txt')),
  media_type text NOT NULL,
  content text NOT NULL,
  -- The analysis that the document was generated from. It belongs to the same account or to a Free account: everyone who
  -- knows the id of a Free account's report may use it.
  report_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, document_id)
);

-- Documents of Free accounts are found by their id, without the account.
CREATE INDEX documents_id ON documents (document_id);
