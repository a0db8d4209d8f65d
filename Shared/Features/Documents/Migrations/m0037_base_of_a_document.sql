-- Stores the version of a document without the edits that were merged into it. It is null if nothing was merged.

ALTER TABLE documents ADD COLUMN base text;
