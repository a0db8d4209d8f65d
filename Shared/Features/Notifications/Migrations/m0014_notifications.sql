-- Endpoints that answered 410 Gone. Nothing is sent to them until their row is deleted.
CREATE TABLE notification_endpoints (
  url text PRIMARY KEY,
  disabled_at timestamptz NOT NULL DEFAULT now()
);
