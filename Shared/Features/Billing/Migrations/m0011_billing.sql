-- Purchases, and the state of Stripe objects. The rules that update these rows give the same result in any order of
-- events.

-- Checkout sessions with the offered terms. A row is stored before the buyer can pay, and events are checked against it.
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
  -- the SHA-256 of the token that claims the API key
  claim_digest bytea NOT NULL,
  -- the API key of the last claim
  key_id uuid,
  -- the payment page, and the time at which it expires
  url text NOT NULL DEFAULT '',
  expires_at timestamptz,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'pending', 'failed', 'expired', 'paid')),
  payment_intent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  paid_at timestamptz,
  PRIMARY KEY (account_id, session_id)
);

-- Maps Stripe ids to accounts: customers, sessions, subscriptions, payment intents, invoices, and our own checkout ids,
-- which Stripe returns in metadata.
CREATE TABLE stripe_references (
  reference text PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  -- the checkout that the object belongs to, or NULL if it is unknown
  session_id text
);

CREATE INDEX stripe_references_account ON stripe_references (account_id);

CREATE TABLE subscriptions (
  account_id uuid NOT NULL REFERENCES accounts,
  subscription_id text NOT NULL,
  -- NULL until the checkout of the subscription is known; without one the subscription gives no plan
  session_id text,
  plan text NOT NULL,
  status text NOT NULL,
  -- the time of this state by Stripe's clock, in seconds since 1970, and whether it was fetched rather than delivered
  as_of bigint NOT NULL,
  is_fetched boolean NOT NULL DEFAULT false,
  -- the end of the latest period in which the subscription was active, in seconds since 1970
  covered_until bigint NOT NULL,
  PRIMARY KEY (account_id, subscription_id)
);

-- Paid invoices of subscriptions.
CREATE TABLE subscription_invoices (
  account_id uuid NOT NULL REFERENCES accounts,
  invoice_id text NOT NULL,
  subscription_id text NOT NULL,
  amount bigint NOT NULL,
  -- the end of the paid period, in seconds since 1970
  period_end bigint NOT NULL,
  PRIMARY KEY (account_id, invoice_id)
);

-- Links payments to invoices. It has no account_id, because the event about a refund may arrive before both.
CREATE TABLE invoice_payments (
  invoice_id text NOT NULL,
  payment_intent text NOT NULL,
  PRIMARY KEY (invoice_id, payment_intent)
);

CREATE INDEX invoice_payments_payment ON invoice_payments (payment_intent);

-- Refunds and disputes of payments. Their events may arrive before the event about the payment.
CREATE TABLE payment_reversals (
  payment_intent text NOT NULL,
  reversal_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('charge', 'refund', 'dispute')),
  -- in the currency's smallest unit
  amount bigint NOT NULL,
  -- the progress: a state with a greater rank replaces one with a smaller rank
  rank bigint NOT NULL,
  counts boolean NOT NULL,
  PRIMARY KEY (payment_intent, reversal_id)
);

-- Applied webhook events with their outcome. The purge deletes them after 30 days.
CREATE TABLE webhook_events (
  source text NOT NULL CHECK (source IN ('stripe', 'clerk')),
  event_id text NOT NULL,
  type text NOT NULL,
  outcome text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source, event_id)
);

CREATE INDEX webhook_events_received_at ON webhook_events (received_at);
