-- Several endpoints, each of which may be gone. An address may hold a secret, so it is known here by its SHA-256, in hex.
ALTER TABLE notification_endpoints RENAME COLUMN url TO endpoint;
UPDATE notification_endpoints SET endpoint = encode(sha256(convert_to(endpoint, 'UTF8')), 'hex');
-- for whoever looks for the row
ALTER TABLE notification_endpoints ADD COLUMN host text NOT NULL DEFAULT '';
