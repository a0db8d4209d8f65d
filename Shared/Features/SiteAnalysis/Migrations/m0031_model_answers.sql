-- A cache of language models' answers about public pages, so that the same question is not paid for twice. Rows belong
-- to no account. Only the SHA-256 of a question is stored, not its text.

CREATE TABLE model_answers (
  -- 'score' or 'curation'
  kind text NOT NULL,
  digest bytea NOT NULL,
  model text NOT NULL,
  -- the version of the prompt
  version bigint NOT NULL,
  answer json NOT NULL,
  answered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, digest, model, version)
);

CREATE INDEX model_answers_answered_at ON model_answers (answered_at);
