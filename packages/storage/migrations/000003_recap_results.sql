-- What a recap found: duplicates, genres, stories with their evidence, sections.
CREATE TABLE recap_job_duplicates (
  job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  article_id text NOT NULL,
  primary_article_id text NOT NULL,
  similarity real NOT NULL CHECK (similarity BETWEEN 0 AND 1),
  reason text NOT NULL,
  PRIMARY KEY (job_id, article_id)
);
CREATE INDEX recap_job_duplicates_primary ON recap_job_duplicates (job_id, primary_article_id);

CREATE TABLE recap_genre_learning_results (
  job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  article_id text NOT NULL,
  coarse_candidates jsonb NOT NULL,
  refine_decision jsonb NOT NULL,
  tag_profile jsonb NOT NULL,
  graph_context jsonb NOT NULL DEFAULT '[]',
  feedback jsonb,
  telemetry jsonb,
  timestamps jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (job_id, article_id)
);
CREATE INDEX recap_genre_learning_results_refine ON recap_genre_learning_results USING gin (refine_decision);

CREATE TABLE tag_label_graph (
  window_label text NOT NULL,
  genre text NOT NULL,
  tag text NOT NULL,
  weight real NOT NULL CHECK (weight BETWEEN 0 AND 1),
  sample_size integer NOT NULL CHECK (sample_size >= 0),
  last_observed_at timestamptz(3),
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (window_label, genre, tag)
);
CREATE INDEX tag_label_graph_genre_tag ON tag_label_graph (genre, tag);

CREATE TABLE recap_subworker_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id uuid NOT NULL,
  genre text NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'succeeded', 'partial', 'failed')),
  cluster_count integer NOT NULL DEFAULT 0,
  idempotency_key text,
  request_hash text,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3),
  request_payload jsonb NOT NULL DEFAULT '{}',
  response_payload jsonb,
  error_message text
);
CREATE INDEX recap_subworker_runs_job ON recap_subworker_runs (job_id, genre);
CREATE INDEX recap_subworker_runs_request ON recap_subworker_runs USING gin (request_payload);
CREATE INDEX recap_subworker_runs_response ON recap_subworker_runs USING gin (response_payload);

CREATE TABLE recap_subworker_clusters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES recap_subworker_runs (id) ON DELETE CASCADE,
  cluster_id integer NOT NULL,
  size integer NOT NULL CHECK (size >= 0),
  label text,
  top_terms jsonb NOT NULL DEFAULT '[]',
  stats jsonb NOT NULL DEFAULT '{}',
  UNIQUE (run_id, cluster_id)
);

CREATE TABLE recap_subworker_sentences (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cluster_row_id bigint NOT NULL REFERENCES recap_subworker_clusters (id) ON DELETE CASCADE,
  source_article_id text NOT NULL,
  paragraph_idx integer,
  sentence_text text NOT NULL,
  lang text NOT NULL DEFAULT 'unknown',
  score real NOT NULL DEFAULT 0,
  sentence_id integer NOT NULL DEFAULT 0,
  UNIQUE (cluster_row_id, source_article_id, sentence_id)
);

CREATE TABLE recap_subworker_diagnostics (
  run_id bigint NOT NULL REFERENCES recap_subworker_runs (id) ON DELETE CASCADE,
  metric text NOT NULL,
  value jsonb NOT NULL,
  PRIMARY KEY (run_id, metric)
);

CREATE TABLE recap_cluster_evidence (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cluster_row_id bigint NOT NULL REFERENCES recap_subworker_clusters (id) ON DELETE CASCADE,
  article_id text NOT NULL,
  title text,
  source_url text,
  published_at timestamptz(3),
  lang text,
  rank smallint NOT NULL,
  UNIQUE (cluster_row_id, article_id)
);

CREATE TABLE recap_outputs (
  job_id uuid NOT NULL REFERENCES recap_jobs (job_id) ON DELETE CASCADE,
  genre text NOT NULL,
  response_id text NOT NULL,
  title_ja text NOT NULL,
  summary_ja text NOT NULL,
  bullets_ja jsonb NOT NULL,
  body_json jsonb NOT NULL,
  tags jsonb NOT NULL DEFAULT '[]',
  window_days integer NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (job_id, genre)
);
CREATE INDEX recap_outputs_response ON recap_outputs (response_id);
CREATE INDEX recap_outputs_window ON recap_outputs (window_days);
CREATE INDEX recap_outputs_body ON recap_outputs USING gin (body_json);
CREATE INDEX recap_outputs_tags ON recap_outputs USING gin (tags);

CREATE TABLE recap_sections (
  job_id uuid NOT NULL,
  genre text NOT NULL,
  response_id text NOT NULL,
  PRIMARY KEY (job_id, genre),
  FOREIGN KEY (job_id, genre) REFERENCES recap_outputs (job_id, genre) ON DELETE CASCADE
);
