-- Plans that were paid for, and the expiry and first use of API keys.

-- `plan` is the plan that the operator granted. The best of the three plans is the effective one.
ALTER TABLE accounts ADD COLUMN bought_plan text NOT NULL DEFAULT 'free' CHECK (bought_plan IN ('free', 'coffee', 'growth', 'scale'));
ALTER TABLE accounts ADD COLUMN subscribed_plan text NOT NULL DEFAULT 'free' CHECK (subscribed_plan IN ('free', 'coffee', 'growth', 'scale'));
-- NULL if there was never a subscription
ALTER TABLE accounts ADD COLUMN subscribed_until timestamptz;

-- NULL if the key does not expire
ALTER TABLE credentials ADD COLUMN expires_at timestamptz;
ALTER TABLE credentials ADD COLUMN first_used_at timestamptz;
