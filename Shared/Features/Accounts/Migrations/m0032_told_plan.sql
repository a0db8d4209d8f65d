-- The last plan that the operator's endpoints were notified of. If the effective plan differs, they are notified.
ALTER TABLE accounts ADD COLUMN told_plan text NOT NULL DEFAULT 'free';

UPDATE accounts SET told_plan = (
  SELECT name FROM unnest(ARRAY['scale', 'growth', 'coffee', 'free']) WITH ORDINALITY AS ranks (name, rank)
  WHERE name IN (
    plan, bought_plan, CASE WHEN subscribed_until > now() THEN subscribed_plan WHEN next_until > now() THEN next_plan ELSE 'free' END, 'free')
  ORDER BY rank LIMIT 1
);
