-- The plan of which the operator's endpoints were told last: where another holds, they are told.
ALTER TABLE accounts ADD COLUMN told_plan text NOT NULL DEFAULT 'free';

UPDATE accounts SET told_plan = (
  SELECT name FROM unnest(ARRAY['scale', 'growth', 'coffee', 'free']) WITH ORDINALITY AS ranks (name, rank)
  WHERE name IN (
    plan, bought_plan, CASE WHEN subscribed_until > now() THEN subscribed_plan WHEN next_until > now() THEN next_plan ELSE 'free' END, 'free')
  ORDER BY rank LIMIT 1
);
