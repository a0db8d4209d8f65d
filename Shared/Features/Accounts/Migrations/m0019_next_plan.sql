-- What holds once `subscribed_until` is past: of two plans that are paid, the lesser may be paid for longer.
ALTER TABLE accounts ADD COLUMN next_plan text NOT NULL DEFAULT 'free' CHECK (next_plan IN ('free', 'coffee', 'growth', 'scale'));
ALTER TABLE accounts ADD COLUMN next_until timestamptz;
