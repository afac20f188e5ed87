-- Users, items and what users thought of items: the input of the two-tower pipeline.
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE profiles (
  user_id uuid PRIMARY KEY,
  display_name text,
  created_at timestamptz
);

CREATE TABLE videos (
  id uuid PRIMARY KEY,
  external_id text,
  title text,
  description text,
  duration_seconds integer,
  thumbnail_url text,
  preview_video_url text,
  distribution_code text,
  maker_code text,
  director text,
  series text,
  maker text,
  label text,
  price numeric,
  distribution_started_at timestamptz,
  product_released_at timestamptz,
  sample_video_url text,
  image_urls jsonb,
  source text,
  published_at timestamptz,
  product_url text,
  created_at timestamptz,
  safety_level smallint NOT NULL DEFAULT 0,
  region_codes text[] NOT NULL DEFAULT '{}',
  is_active boolean NOT NULL DEFAULT true
);

CREATE TABLE video_tags (
  video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  tag_name text NOT NULL,
  PRIMARY KEY (video_id, tag_name)
);
CREATE INDEX video_tags_tag_name ON video_tags (tag_name);

CREATE TABLE video_performers (
  video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  performer_name text NOT NULL,
  PRIMARY KEY (video_id, performer_name)
);
CREATE INDEX video_performers_performer_name ON video_performers (performer_name);

CREATE TABLE user_video_decisions (
  user_id uuid NOT NULL,
  video_id uuid NOT NULL,
  decision_type text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, video_id, decision_type, created_at)
);
CREATE INDEX user_video_decisions_user_id ON user_video_decisions (user_id);
CREATE INDEX user_video_decisions_video_id ON user_video_decisions (video_id);

CREATE TABLE video_embeddings (
  video_id uuid PRIMARY KEY,
  embedding vector(256) NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_video_embeddings_embedding_hnsw ON video_embeddings USING hnsw (embedding vector_cosine_ops);
