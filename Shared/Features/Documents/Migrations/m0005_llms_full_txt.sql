-- A site's chosen pages whole, in one file.

ALTER TABLE documents DROP CONSTRAINT documents_kind_check;
ALTER TABLE documents ADD CONSTRAINT documents_kind_check CHECK (kind IN ('llms_txt', 'llms_full_txt'));
