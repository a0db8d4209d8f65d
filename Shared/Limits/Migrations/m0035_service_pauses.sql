-- Pauses that services requested, for example with Retry-After.
CREATE TABLE service_pauses (
  name text PRIMARY KEY,
  ends_at timestamptz NOT NULL
);
