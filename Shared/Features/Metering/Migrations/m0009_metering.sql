-- Daily meters, credits and idempotency keys.

-- The use of a meter on one day, including holds.
CREATE TABLE meter_days (
  account_id uuid NOT NULL REFERENCES accounts,
  meter text NOT NULL,
  -- UTC
  day date NOT NULL,
  used bigint NOT NULL CHECK (used >= 0),
  PRIMARY KEY (account_id, meter, day)
);

-- A reservation of a use until the work is done, and its final state.
CREATE TABLE meter_holds (
  account_id uuid NOT NULL REFERENCES accounts,
  hold_id uuid NOT NULL,
  meter text NOT NULL,
  day date NOT NULL,
  state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'settled', 'released', 'expired')),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (account_id, hold_id)
);

CREATE INDEX meter_holds_open ON meter_holds (account_id, meter, day, expires_at) WHERE state = 'held';
CREATE INDEX meter_holds_expired ON meter_holds (expires_at) WHERE state = 'held';
CREATE INDEX meter_holds_ended_at ON meter_holds (ended_at);

-- The balance of an account's credits. Its row is locked by every change, and its check prevents overspending.
CREATE TABLE credit_accounts (
  account_id uuid PRIMARY KEY REFERENCES accounts,
  balance bigint NOT NULL DEFAULT 0,
  held bigint NOT NULL DEFAULT 0,
  CHECK (0 <= held AND held <= balance)
);

-- Credits of one purchase or grant, which expire or are refunded together.
CREATE TABLE credit_lots (
  account_id uuid NOT NULL REFERENCES accounts,
  lot_id uuid NOT NULL,
  -- the id of the purchase or grant, such as a checkout session
  key text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  remaining bigint NOT NULL,
  -- the number of refunded credits, and how many of them were removed from the balance
  reversed bigint NOT NULL DEFAULT 0,
  taken_back bigint NOT NULL DEFAULT 0,
  -- NULL if the credits do not expire
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, lot_id),
  UNIQUE (account_id, key),
  CHECK (0 <= remaining AND remaining <= amount),
  CHECK (0 <= reversed AND reversed <= amount),
  CHECK (0 <= taken_back AND taken_back <= amount)
);

CREATE INDEX credit_lots_open ON credit_lots (account_id, expires_at) WHERE remaining > 0;

-- The ledger of credits. Entries are only added.
CREATE TABLE credit_entries (
  account_id uuid NOT NULL REFERENCES accounts,
  entry_id uuid NOT NULL DEFAULT gen_random_uuid(),
  lot_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('purchase', 'grant', 'usage', 'refund', 'expiry')),
  -- positive for added credits, negative for removed ones
  amount bigint NOT NULL CHECK (amount <> 0),
  -- the id of the operation that wrote the entry
  key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, entry_id),
  FOREIGN KEY (account_id, lot_id) REFERENCES credit_lots (account_id, lot_id)
);

CREATE INDEX credit_entries_created_at ON credit_entries (account_id, created_at);

CREATE TABLE credit_holds (
  account_id uuid NOT NULL REFERENCES accounts,
  hold_id uuid NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'settled', 'released', 'expired')),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (account_id, hold_id)
);

CREATE INDEX credit_holds_open ON credit_holds (account_id, expires_at) WHERE state = 'held';
CREATE INDEX credit_holds_ended_at ON credit_holds (ended_at);

-- Idempotency keys and the resources that their requests made. `caller` names the account or the network.
CREATE TABLE idempotency_keys (
  caller text NOT NULL,
  key_digest bytea NOT NULL,
  request_digest bytea NOT NULL,
  -- the id of the resource; NULL while the request is running
  resource text,
  -- when the running request must have ended, or when the finished key can be deleted
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (caller, key_digest)
);

CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
