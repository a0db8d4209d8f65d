-- The plan after `subscribed_until`. If two plans are paid, the smaller one may be paid for a longer time.
ALTER TABLE accounts ADD COLUMN next_plan text NOT NULL DEFAULT 'free' CHECK (next_plan IN ('free', 'coffee', 'growth', 'scale'));
ALTER TABLE accounts ADD COLUMN next_until timestamptz;
