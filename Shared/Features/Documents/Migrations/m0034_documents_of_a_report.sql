-- Each new analysis checks whether the site's llms.txt is a document that was generated from an earlier report of the
-- same account.

CREATE INDEX documents_report ON documents (account_id, report_id);
