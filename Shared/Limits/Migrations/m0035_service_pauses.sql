-- Services that asked not to be asked for a while.
CREATE TABLE service_pauses (
  name text PRIMARY KEY,
  ends_at timestamptz NOT NULL
);
