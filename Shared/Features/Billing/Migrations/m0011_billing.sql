-- What was sold, and what Stripe says of it. Every row is joined by rules that give the same whatever order events come in.

-- What is being bought: stored before its buyer is sent to pay, and believed in before any delivery.
CREATE TABLE checkouts (
  account_id uuid NOT NULL REFERENCES accounts,
  session_id text NOT NULL,
  product text NOT NULL,
  price_id text NOT NULL,
  -- in the currency's smallest unit
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  mode text NOT NULL CHECK (mode IN ('payment', 'subscription')),
  customer_id text NOT NULL,
  credits bigint NOT NULL DEFAULT 0,
  -- the SHA-256 of the token that claims the key
  claim_digest bytea NOT NULL,
  -- of the key that was claimed
  key_id uuid,
  -- where it is paid, and until when
  url text NOT NULL DEFAULT '',
  expires_at timestamptz,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'pending', 'failed', 'expired', 'paid')),
  payment_intent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  paid_at timestamptz,
  PRIMARY KEY (account_id, session_id)
);

-- Stripe's ids, and the account that they are of: what finds one. Customers, sessions, subscriptions, payment intents, invoices, and our
-- own checkout ids, which stand in what Stripe keeps for us.
CREATE TABLE stripe_references (
  reference text PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  -- of the checkout that it came from, where that is known
  session_id text
);

CREATE INDEX stripe_references_account ON stripe_references (account_id);

CREATE TABLE subscriptions (
  account_id uuid NOT NULL REFERENCES accounts,
  subscription_id text NOT NULL,
  -- NULL until it is known to come from a checkout of ours: without one it gives nothing
  session_id text,
  plan text NOT NULL,
  status text NOT NULL,
  -- when Stripe said so, in seconds since 1970, and whether it was asked rather than told
  as_of bigint NOT NULL,
  is_fetched boolean NOT NULL DEFAULT false,
  -- the end of the latest period in which it was active, in seconds since 1970
  covered_until bigint NOT NULL,
  PRIMARY KEY (account_id, subscription_id)
);

-- Invoices that were paid.
CREATE TABLE subscription_invoices (
  account_id uuid NOT NULL REFERENCES accounts,
  invoice_id text NOT NULL,
  subscription_id text NOT NULL,
  amount bigint NOT NULL,
  -- the end of what it paid for, in seconds since 1970
  period_end bigint NOT NULL,
  PRIMARY KEY (account_id, invoice_id)
);

-- Which payment paid which invoice; of no account, for a refund may come before either.
CREATE TABLE invoice_payments (
  invoice_id text NOT NULL,
  payment_intent text NOT NULL,
  PRIMARY KEY (invoice_id, payment_intent)
);

CREATE INDEX invoice_payments_payment ON invoice_payments (payment_intent);

-- What was given back of payments, perhaps before the payment itself is known.
CREATE TABLE payment_reversals (
  payment_intent text NOT NULL,
  reversal_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('charge', 'refund', 'dispute')),
  -- in the currency's smallest unit
  amount bigint NOT NULL,
  -- how far it is: the greater wins
  rank bigint NOT NULL,
  counts boolean NOT NULL,
  PRIMARY KEY (payment_intent, reversal_id)
);

-- Events that were applied, and what became of each; the purge forgets them after 30 days.
CREATE TABLE webhook_events (
  source text NOT NULL CHECK (source IN ('stripe', 'clerk')),
  event_id text NOT NULL,
  type text NOT NULL,
  outcome text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source, event_id)
);

CREATE INDEX webhook_events_received_at ON webhook_events (received_at);
