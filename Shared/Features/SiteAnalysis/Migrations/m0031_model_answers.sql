-- What models said of public pages, so that the same is not paid for twice. Of no account. Neither page nor question is kept, only
-- the SHA-256 of what was shown.

CREATE TABLE model_answers (
  -- 'score' or 'curation'
  kind text NOT NULL,
  digest bytea NOT NULL,
  model text NOT NULL,
  -- of the prompt
  version bigint NOT NULL,
  answer json NOT NULL,
  answered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, digest, model, version)
);

CREATE INDEX model_answers_answered_at ON model_answers (answered_at);
