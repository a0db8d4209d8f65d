-- The circuit breakers of services with recent failures. A working service has no row.
CREATE TABLE circuit_breakers (
  name text PRIMARY KEY,
  -- consecutive failures
  failures bigint NOT NULL CHECK (failures > 0),
  -- NULL while the breaker is closed; otherwise when the next probe is allowed
  open_until timestamptz,
  -- the id of the current probe
  probe uuid,
  changed_at timestamptz NOT NULL
);
