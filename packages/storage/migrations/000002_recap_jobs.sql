-- Runs of the recap pipeline and what each stage left behind.
CREATE TABLE recap_jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id uuid NOT NULL UNIQUE,
  kicked_at timestamptz(3) NOT NULL,
  note text,
  status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'running', 'completed', 'failed', 'morning_completed')),
  last_stage text,
  updated_at timestamptz(3) NOT NULL,
  user_id uuid,
  trigger_source text NOT NULL DEFAULT 'system' CHECK (trigger_source IN ('system', 'morning', 'user')),
  window_days integer NOT NULL CHECK (window_days > 0)
);
CREATE INDEX recap_jobs_status ON recap_jobs (status);
CREATE INDEX recap_jobs_user ON recap_jobs (user_id);

CREATE TABLE recap_job_status_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  status text NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'morning_completed')),
  stage text,
  transitioned_at timestamptz(3) NOT NULL,
  reason text,
  actor text
);
CREATE INDEX recap_job_status_history_job ON recap_job_status_history (job_id, transitioned_at);

CREATE TABLE recap_job_articles (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  article_id text NOT NULL,
  title text,
  fulltext_html text NOT NULL,
  published_at timestamptz(3),
  source_url text,
  lang_hint text,
  normalized_hash text NOT NULL,
  feed_id text,
  UNIQUE (job_id, article_id)
);

CREATE TABLE recap_stage_state (
  job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  stage text NOT NULL,
  state jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (job_id, stage)
);

-- One row per item of a stage's result. The type is json, not jsonb: the order of keys must survive, so that a resumed
-- run computes the same bytes as an undisturbed one.
CREATE TABLE recap_stage_items (
  job_id uuid NOT NULL,
  stage text NOT NULL,
  position integer NOT NULL,
  item json NOT NULL,
  PRIMARY KEY (job_id, stage, position),
  FOREIGN KEY (job_id, stage) REFERENCES recap_stage_state (job_id, stage) ON DELETE CASCADE
);

CREATE TABLE recap_job_stage_logs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  stage text NOT NULL,
  status text NOT NULL,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3),
  message text,
  metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX recap_job_stage_logs_job ON recap_job_stage_logs (job_id);

CREATE TABLE recap_failed_tasks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  stage text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  error text NOT NULL,
  retry_count integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX recap_failed_tasks_job ON recap_failed_tasks (job_id);

CREATE TABLE recap_preprocess_metrics (
  job_id uuid PRIMARY KEY REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  total_articles_fetched integer NOT NULL,
  articles_processed integer NOT NULL,
  articles_dropped_empty integer NOT NULL,
  articles_html_cleaned integer NOT NULL,
  total_characters bigint NOT NULL,
  avg_chars_per_article double precision,
  languages_detected jsonb NOT NULL DEFAULT '{}'
);

-- Work of hours is guarded by a lease: it survives no holder, and its token tells a late holder from the present one.
CREATE TABLE matome_leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  token bigint NOT NULL,
  expires_at timestamptz(3) NOT NULL
);
