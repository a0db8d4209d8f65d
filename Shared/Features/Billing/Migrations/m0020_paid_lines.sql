-- What was paid for is kept line by line: a plan lasts as long as the best line that was paid, whatever the subscription's newest price is.

CREATE TABLE invoice_lines (
  account_id uuid NOT NULL,
  invoice_id text NOT NULL,
  line integer NOT NULL,
  -- NULL where the line names no price: then the subscription's own
  plan text,
  -- in the currency's smallest unit; below 0 for time that is credited
  amount bigint NOT NULL,
  -- what it pays for, in seconds since 1970
  period_start bigint NOT NULL,
  period_end bigint NOT NULL,
  PRIMARY KEY (account_id, invoice_id, line),
  FOREIGN KEY (account_id, invoice_id) REFERENCES subscription_invoices
);

INSERT INTO invoice_lines (account_id, invoice_id, line, amount, period_start, period_end)
  SELECT account_id, invoice_id, 0, amount, 0, period_end FROM subscription_invoices;

ALTER TABLE subscription_invoices DROP COLUMN period_end;

-- Whether nothing is collected at present, though the status stays what it was.
ALTER TABLE subscriptions ADD COLUMN is_paused boolean NOT NULL DEFAULT false;
-- Until when it is believed to be active before any invoice of it is known, in seconds since 1970: a few days from when it was said.
UPDATE subscriptions SET covered_until = least(covered_until, as_of + 259200);

-- How many of its credits were taken back, as far as they were there.
ALTER TABLE checkouts ADD COLUMN credits_reversed bigint NOT NULL DEFAULT 0;
-- NULL until Stripe made one, where the page was opened without.
ALTER TABLE checkouts ALTER COLUMN customer_id DROP NOT NULL;

-- Any object of Stripe's may be asked about.
UPDATE jobs SET kind = 'stripe_object' WHERE kind = 'stripe_subscription';
