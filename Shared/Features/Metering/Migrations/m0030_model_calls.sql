-- Calls of language models and their cost.

-- in the meter's unit: uses or millionths of a dollar
ALTER TABLE meter_holds ADD COLUMN amount bigint NOT NULL DEFAULT 1 CHECK (amount > 0);

-- One row per attempt to call a model. The prompt and the answer are not stored.
CREATE TABLE model_calls (
  account_id uuid NOT NULL REFERENCES accounts,
  call_id uuid NOT NULL DEFAULT gen_random_uuid(),
  -- the work that the call was for: 'scoring', 'curation'
  purpose text NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  -- 'answered', or the name of the error
  outcome text NOT NULL,
  input_tokens bigint NOT NULL CHECK (input_tokens >= 0),
  output_tokens bigint NOT NULL CHECK (output_tokens >= 0),
  -- in millionths of a dollar
  cost_microdollars bigint NOT NULL CHECK (cost_microdollars >= 0),
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, call_id)
);

CREATE INDEX model_calls_asked_at ON model_calls (account_id, asked_at);
