-- Events about payments that changed no account: the checkout is unknown, the price or the live mode differs, or the
-- payment is not known yet. The table audit_log needs an account, so these events are logged here. Rows are only added.
CREATE TABLE delivery_audit (
  event_id text PRIMARY KEY,
  type text NOT NULL,
  outcome text NOT NULL,
  -- the Stripe ids that the event is about
  subject text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now()
);
