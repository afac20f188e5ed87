-- Articles and their tags. Times have millisecond precision: a keyset cursor travels through a JavaScript Date, and a
-- finer column would make the last row of a page reappear on the next one.
CREATE TABLE articles (
  id text COLLATE "C" PRIMARY KEY,
  title text NOT NULL DEFAULT '',
  body text NOT NULL,
  url text,
  feed_id text NOT NULL DEFAULT '',
  language text,
  published_at timestamptz(3),
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX articles_created_at_id ON articles (created_at DESC, id DESC);
CREATE INDEX articles_published_at_id ON articles (published_at, id);

CREATE TABLE feed_tags (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  feed_id text NOT NULL DEFAULT '',
  tag_name text NOT NULL,
  confidence double precision NOT NULL DEFAULT 0 CHECK (confidence BETWEEN 0 AND 1),
  tag_type text NOT NULL DEFAULT 'auto',
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  UNIQUE (feed_id, tag_name)
);
CREATE INDEX feed_tags_confidence ON feed_tags (confidence DESC);
CREATE INDEX feed_tags_lower_name ON feed_tags (lower(tag_name) text_pattern_ops);

-- The confidence of a tag belongs to the article, so that articles of one feed do not overwrite one another.
CREATE TABLE article_tags (
  article_id text NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  feed_tag_id uuid NOT NULL REFERENCES feed_tags (id) ON DELETE CASCADE,
  confidence double precision NOT NULL DEFAULT 0 CHECK (confidence BETWEEN 0 AND 1),
  position integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (article_id, feed_tag_id)
);
CREATE INDEX article_tags_feed_tag ON article_tags (feed_tag_id, article_id);
