-- Allows documents of any kind, because the kinds are defined in code, and documents that were not generated from an
-- analysis.

ALTER TABLE documents DROP CONSTRAINT documents_kind_check;
ALTER TABLE documents ALTER COLUMN report_id DROP NOT NULL;
