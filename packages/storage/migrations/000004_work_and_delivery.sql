-- Work in pieces, the morning update, messages that leave, settings, measurements and how long things are kept.
CREATE TABLE classification_job_queue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recap_job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  chunk_idx integer NOT NULL CHECK (chunk_idx >= 0),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'completed', 'failed', 'retrying')),
  texts jsonb NOT NULL,
  result jsonb,
  error_message text,
  retry_count integer NOT NULL DEFAULT 0,
  max_retries integer NOT NULL DEFAULT 3,
  -- Grows with every worker that takes the row and whenever its texts change: it tells a late worker from the present one.
  token bigint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  completed_at timestamptz(3),
  next_retry_at timestamptz(3),
  UNIQUE (recap_job_id, chunk_idx)
);
CREATE INDEX classification_job_queue_open ON classification_job_queue (created_at, id)
  WHERE status IN ('pending', 'retrying', 'running');

CREATE TABLE morning_article_groups (
  group_id uuid NOT NULL,
  article_id text NOT NULL,
  is_primary boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (group_id, article_id)
);
CREATE INDEX morning_article_groups_created_at ON morning_article_groups (created_at);

CREATE TABLE morning_letters (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  target_date date NOT NULL,
  edition_timezone text NOT NULL DEFAULT 'Asia/Tokyo',
  source_recap_job_id uuid,
  is_degraded boolean NOT NULL DEFAULT false,
  schema_version integer NOT NULL DEFAULT 1,
  generation_revision integer NOT NULL DEFAULT 1,
  result_jsonb jsonb NOT NULL,
  model text,
  generation_metadata_jsonb jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL,
  UNIQUE (target_date, edition_timezone)
);

CREATE TABLE morning_letter_sources (
  letter_id uuid NOT NULL REFERENCES morning_letters (id) ON DELETE CASCADE,
  section_key text NOT NULL,
  article_id text NOT NULL,
  source_type text NOT NULL DEFAULT 'overnight',
  position integer NOT NULL,
  PRIMARY KEY (letter_id, section_key, article_id)
);

CREATE TABLE notification_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dedupe_key text NOT NULL UNIQUE,
  user_id uuid,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'forwarding', 'forwarded', 'dead')),
  attempts integer NOT NULL DEFAULT 0,
  -- While a message is being forwarded, the end of the lease.
  next_attempt_at timestamptz(3) NOT NULL,
  locked_by text,
  last_error text,
  forwarded_at timestamptz(3)
);
CREATE INDEX notification_outbox_due ON notification_outbox (next_attempt_at, id) WHERE state IN ('pending', 'forwarding');

-- Append-only: the newest row of a type is in force.
CREATE TABLE recap_worker_config (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  config_type text NOT NULL DEFAULT 'graph_override',
  config_payload jsonb NOT NULL,
  source text NOT NULL DEFAULT 'genre_learning',
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX recap_worker_config_newest ON recap_worker_config (config_type, created_at DESC, id DESC);

CREATE TABLE recap_system_metrics (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id uuid,
  metric_type text NOT NULL,
  "timestamp" timestamptz(3) NOT NULL,
  metrics jsonb NOT NULL
);
CREATE INDEX recap_system_metrics_type ON recap_system_metrics (metric_type, "timestamp" DESC);
CREATE INDEX recap_system_metrics_job ON recap_system_metrics (job_id);

CREATE TABLE recap_retention_config (
  table_name text PRIMARY KEY,
  retention_days integer NOT NULL CHECK (retention_days > 0),
  updated_at timestamptz(3) NOT NULL
);
