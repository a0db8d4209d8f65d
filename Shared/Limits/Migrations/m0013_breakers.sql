-- Services that failed lately, and whether they are still asked. One that has no row answers.
CREATE TABLE circuit_breakers (
  name text PRIMARY KEY,
  -- one after another
  failures bigint NOT NULL CHECK (failures > 0),
  -- NULL where it failed too seldom to be refused; else until when it is, or a probe is waited for
  open_until timestamptz,
  -- the latest probe's
  probe uuid,
  changed_at timestamptz NOT NULL
);
