-- Lines of paid invoices. A plan lasts until the end of its latest paid line; the subscription's present price does not
-- matter.

CREATE TABLE invoice_lines (
  account_id uuid NOT NULL,
  invoice_id text NOT NULL,
  line integer NOT NULL,
  -- NULL if the line has no price; then the subscription's plan applies
  plan text,
  -- in the currency's smallest unit; negative for a credited period
  amount bigint NOT NULL,
  -- the paid period, in seconds since 1970
  period_start bigint NOT NULL,
  period_end bigint NOT NULL,
  PRIMARY KEY (account_id, invoice_id, line),
  FOREIGN KEY (account_id, invoice_id) REFERENCES subscription_invoices
);

INSERT INTO invoice_lines (account_id, invoice_id, line, amount, period_start, period_end)
  SELECT account_id, invoice_id, 0, amount, 0, period_end FROM subscription_invoices;

ALTER TABLE subscription_invoices DROP COLUMN period_end;

-- Whether Stripe collects no payments at present; the status does not change then.
ALTER TABLE subscriptions ADD COLUMN is_paused boolean NOT NULL DEFAULT false;
-- covered_until becomes the end of the provisional period before the first invoice is known: 3 days after the event.
UPDATE subscriptions SET covered_until = least(covered_until, as_of + 259200);

-- The number of credits that were taken back because of refunds, even if fewer were left.
ALTER TABLE checkouts ADD COLUMN credits_reversed bigint NOT NULL DEFAULT 0;
-- NULL if the checkout was opened without a customer and Stripe has not created one yet
ALTER TABLE checkouts ALTER COLUMN customer_id DROP NOT NULL;

-- Jobs fetch any Stripe object from now on, not only subscriptions.
UPDATE jobs SET kind = 'stripe_object' WHERE kind = 'stripe_subscription';
