-- Supports several endpoints. A URL can contain a secret, so it is stored as its SHA-256 in hex.
ALTER TABLE notification_endpoints RENAME COLUMN url TO endpoint;
UPDATE notification_endpoints SET endpoint = encode(sha256(convert_to(endpoint, 'UTF8')), 'hex');
-- for operators who search for a row
ALTER TABLE notification_endpoints ADD COLUMN host text NOT NULL DEFAULT '';
