-- Without a credential an email finds an account only together with the client's network: 'ada@example.com 192.0.2.1'.

-- What an email alone found is found no more; what was made there is still found by its own id.
DELETE FROM account_identities WHERE kind = 'email' AND position(' ' IN subject) = 0;
-- So that accounts which came to nothing can be told from the others.
CREATE INDEX accounts_created_at ON accounts (created_at);
