-- What was paid for, beside what an operator granted; keys that end, and whether they were used.

-- `plan` is what an operator granted. Which plan holds is the greatest of the three.
ALTER TABLE accounts ADD COLUMN bought_plan text NOT NULL DEFAULT 'free' CHECK (bought_plan IN ('free', 'coffee', 'growth', 'scale'));
ALTER TABLE accounts ADD COLUMN subscribed_plan text NOT NULL DEFAULT 'free' CHECK (subscribed_plan IN ('free', 'coffee', 'growth', 'scale'));
-- NULL where nothing was ever subscribed to
ALTER TABLE accounts ADD COLUMN subscribed_until timestamptz;

-- NULL for never
ALTER TABLE credentials ADD COLUMN expires_at timestamptz;
ALTER TABLE credentials ADD COLUMN first_used_at timestamptz;
