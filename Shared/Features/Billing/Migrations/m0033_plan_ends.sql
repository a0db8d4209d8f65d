-- Enqueues jobs for periods that are paid already: plan.changed at their end, and the checks for a renewal.

INSERT INTO jobs (job_id, kind, payload, key, due_at, max_attempts)
  SELECT gen_random_uuid(), 'plan_end', json_build_object('account', account_id), account_id || ' ' || extract(epoch FROM until)::bigint, until, 100
  FROM accounts CROSS JOIN LATERAL (VALUES (subscribed_until), (next_until)) AS ends (until)
  WHERE until > now()
ON CONFLICT (kind, key) WHERE state = 'open' DO NOTHING;

INSERT INTO jobs (job_id, kind, payload, priority, key, due_at, max_attempts)
  SELECT gen_random_uuid(), 'stripe_object', json_build_object('id', subscription_id), 10, subscription_id || ' ' || (period_end + later),
    to_timestamp(period_end + later), 12
  FROM (
    SELECT subscription_id, max(period_end) AS period_end FROM subscription_invoices JOIN invoice_lines USING (account_id, invoice_id)
    WHERE invoice_lines.amount >= 0 GROUP BY subscription_id
  ) AS paid CROSS JOIN (VALUES (4 * 86400), (6 * 86400)) AS waits (later)
  WHERE period_end + 7 * 86400 > extract(epoch FROM now())
ON CONFLICT (kind, key) WHERE state = 'open' DO NOTHING;
