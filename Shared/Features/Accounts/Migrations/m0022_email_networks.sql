-- Without a credential, an email leads to an account only together with the client's network:
-- 'ada@example.com 192.0.2.1'.

-- Emails without a network no longer lead to an account. Resources of these accounts can still be read by their ids.
DELETE FROM account_identities WHERE kind = 'email' AND position(' ' IN subject) = 0;
-- For the purge, which looks for old accounts that own nothing.
CREATE INDEX accounts_created_at ON accounts (created_at);
