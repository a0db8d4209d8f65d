-- Endpoints that said that they are gone: nothing is sent there until the row is deleted.
CREATE TABLE notification_endpoints (
  url text PRIMARY KEY,
  disabled_at timestamptz NOT NULL DEFAULT now()
);
