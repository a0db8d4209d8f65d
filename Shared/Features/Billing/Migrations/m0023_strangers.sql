-- The purge deletes payments that were not made here after 30 days.

ALTER TABLE invoice_payments ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE payment_reversals ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX invoice_payments_noted_at ON invoice_payments (noted_at);
CREATE INDEX payment_reversals_noted_at ON payment_reversals (noted_at);
