-- Features as JSON. Parameters begin with p_, so that none is taken for a column. What is computed here is computed by
-- userFeaturePayload in the same way: means are rounded to six digits, so that the order of summation cannot show.
CREATE FUNCTION mean_like_hour(p_times timestamptz[]) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
  -- Mean direction on the clock face, in UTC: of 23 and 1 it is 0. Hours without a direction, and none, give 12.
  WITH directions AS (
    SELECT sum(sin(h * pi() / 12)) AS y, sum(cos(h * pi() / 12)) AS x, count(*) AS n
    FROM (SELECT extract(hour FROM t AT TIME ZONE 'UTC')::double precision AS h FROM unnest(p_times) AS t) AS hours
  ), angles AS (
    SELECT CASE WHEN n = 0 OR sqrt(x * x + y * y) < 1e-9 * n THEN 12 ELSE atan2(y, x) * 12 / pi() END AS hour
    FROM directions
  )
  SELECT mod(round((CASE WHEN hour < -5e-7 THEN hour + 24 ELSE greatest(0, hour) END)::numeric, 6), 24)::double precision
  FROM angles
$$;

CREATE FUNCTION known_price(p_price numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_price NOT IN ('NaN', 'Infinity', '-Infinity') THEN p_price END
$$;

CREATE FUNCTION user_embedding_features(p_user_id uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH own AS (
    SELECT d.video_id, d.decision_type, d.created_at FROM user_video_decisions d WHERE d.user_id = p_user_id
  ), likes AS (
    SELECT o.video_id, o.created_at FROM own o WHERE o.decision_type = 'like'
  ), prices AS (
    SELECT known_price(v.price) AS price FROM likes l JOIN videos v ON v.id = l.video_id
  )
  SELECT jsonb_build_object(
    'user_id', p_user_id,
    'profile', jsonb_build_object('created_at', (SELECT p.created_at FROM profiles p WHERE p.user_id = p_user_id)),
    'decision_stats', jsonb_build_object(
      'like_count', (SELECT count(*) FROM likes),
      'nope_count', (SELECT count(*) FROM own o WHERE o.decision_type = 'nope'),
      'decision_count', (SELECT count(*) FROM own),
      'recent_like_at', (SELECT max(l.created_at) FROM likes l),
      'average_like_hour', mean_like_hour(ARRAY(SELECT l.created_at FROM likes l))
    ),
    'price_stats', (
      SELECT jsonb_build_object(
        'mean', coalesce(round(avg(price), 6), 0),
        'median', coalesce(round((percentile_cont(0.5) WITHIN GROUP (ORDER BY price))::numeric, 6), 0)
      )
      FROM prices WHERE price IS NOT NULL
    ),
    'tags', (
      SELECT coalesce(jsonb_agg(t.tag_name ORDER BY t.tag_name COLLATE "C"), '[]')
      FROM likes l JOIN video_tags t ON t.video_id = l.video_id WHERE t.tag_name <> ''
    ),
    'performers', (
      SELECT coalesce(jsonb_agg(p.performer_name ORDER BY p.performer_name COLLATE "C"), '[]')
      FROM likes l JOIN video_performers p ON p.video_id = l.video_id WHERE p.performer_name <> ''
    )
  )
$$;

CREATE FUNCTION item_embedding_features(p_video_id uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'video_id', p_video_id,
    'price', known_price(v.price),
    'duration_seconds', v.duration_seconds,
    'product_released_at', v.product_released_at,
    'distribution_started_at', v.distribution_started_at,
    'safety_level', v.safety_level,
    'region_codes', to_jsonb(v.region_codes),
    'tags', (
      SELECT coalesce(jsonb_agg(t.tag_name ORDER BY t.tag_name COLLATE "C"), '[]')
      FROM video_tags t WHERE t.video_id = p_video_id AND t.tag_name <> ''
    ),
    'performers', (
      SELECT coalesce(jsonb_agg(p.performer_name ORDER BY p.performer_name COLLATE "C"), '[]')
      FROM video_performers p WHERE p.video_id = p_video_id AND p.performer_name <> ''
    )
  )
  FROM (SELECT p_video_id AS id) AS asked LEFT JOIN videos v ON v.id = asked.id
$$;

CREATE FUNCTION get_user_embedding_features(p_user_id uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$ SELECT user_embedding_features(p_user_id) $$;

CREATE FUNCTION get_item_embedding_features(p_video_id uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$ SELECT item_embedding_features(p_video_id) $$;

CREATE FUNCTION get_item_embedding_feature_batch(p_limit integer DEFAULT 100, p_offset integer DEFAULT 0)
RETURNS TABLE (video_id uuid, payload jsonb)
LANGUAGE sql STABLE AS $$
  SELECT v.id, item_embedding_features(v.id) FROM videos v WHERE v.is_active ORDER BY v.id
  LIMIT least(1000, greatest(1, p_limit)) OFFSET greatest(0, p_offset)
$$;

CREATE FUNCTION get_user_embedding_feature_batch(p_limit integer DEFAULT 100, p_offset integer DEFAULT 0)
RETURNS TABLE (user_id uuid, payload jsonb)
LANGUAGE sql STABLE AS $$
  SELECT u.id, user_embedding_features(u.id)
  FROM (SELECT DISTINCT d.user_id AS id FROM user_video_decisions d) AS u ORDER BY u.id
  LIMIT least(1000, greatest(1, p_limit)) OFFSET greatest(0, p_offset)
$$;
