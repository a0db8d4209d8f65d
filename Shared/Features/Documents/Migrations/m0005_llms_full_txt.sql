-- Adds the kind llms_full_txt: the text of a site's selected pages in one file.

ALTER TABLE documents DROP CONSTRAINT documents_kind_check;
ALTER TABLE documents ADD CONSTRAINT documents_kind_check CHECK (kind IN ('llms_txt', 'llms_full_txt'));
