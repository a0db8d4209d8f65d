-- Deliveries about money that gave nothing to anybody: of no checkout of ours, not at its price, of the other livemode, or before their payment
-- was known. The log of what happened to accounts is by account; these have none. Rows are only ever added.
CREATE TABLE delivery_audit (
  event_id text PRIMARY KEY,
  type text NOT NULL,
  outcome text NOT NULL,
  -- the ids at Stripe that it was about
  subject text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now()
);
