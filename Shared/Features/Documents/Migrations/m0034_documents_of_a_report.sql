-- Whether the llms.txt of a site is one that was written here is asked with each that is written anew.

CREATE INDEX documents_report ON documents (account_id, report_id);
