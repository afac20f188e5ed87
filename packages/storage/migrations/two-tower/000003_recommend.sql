-- The nearest items that may be shown, `limit` of them whenever so many exist.
CREATE FUNCTION may_be_shown(
  p_video_id uuid,
  p_banned_tag_ids text[],
  p_max_safety_level integer,
  p_allowed_regions text[],
  p_exclude_video_ids uuid[]
) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM videos v
    WHERE v.id = p_video_id
      AND v.is_active
      AND v.safety_level <= p_max_safety_level
      AND (p_allowed_regions IS NULL OR v.region_codes = '{}' OR v.region_codes && p_allowed_regions)
      AND (p_exclude_video_ids IS NULL OR NOT v.id = ANY (p_exclude_video_ids))
      AND (p_banned_tag_ids IS NULL OR NOT EXISTS (
        SELECT FROM video_tags t WHERE t.video_id = v.id AND t.tag_name = ANY (p_banned_tag_ids)
      ))
  )
$$;

CREATE FUNCTION recommend_videos_ann(
  p_embedding vector,
  p_limit integer DEFAULT 50,
  p_banned_tag_ids text[] DEFAULT NULL,
  p_max_safety_level integer DEFAULT 1,
  p_allowed_regions text[] DEFAULT NULL,
  p_exclude_video_ids uuid[] DEFAULT NULL
) RETURNS TABLE (video_id uuid, distance double precision, similarity double precision)
LANGUAGE plpgsql STABLE
-- The index goes on where the filter took items away, instead of stopping at a fixed number of candidates.
SET hnsw.iterative_scan = 'strict_order'
AS $$
DECLARE
  wanted CONSTANT integer := least(500, greatest(1, coalesce(p_limit, 50)));
  found uuid[];
BEGIN
  IF p_embedding IS NULL THEN
    RAISE EXCEPTION 'The p_embedding of recommend_videos_ann must not be null.';
  END IF;
  found := ARRAY(
    SELECT e.video_id FROM video_embeddings e
    WHERE may_be_shown(e.video_id, p_banned_tag_ids, p_max_safety_level, p_allowed_regions, p_exclude_video_ids)
    ORDER BY e.embedding <=> p_embedding LIMIT wanted
  );
  -- The index gives up after some thousand candidates; what it left out is found by looking at all.
  IF cardinality(found) < wanted THEN
    found := ARRAY(
      SELECT e.video_id FROM video_embeddings e
      WHERE may_be_shown(e.video_id, p_banned_tag_ids, p_max_safety_level, p_allowed_regions, p_exclude_video_ids)
      ORDER BY (e.embedding <=> p_embedding) + 0, e.video_id LIMIT wanted
    );
  END IF;
  RETURN QUERY
    SELECT e.video_id, e.embedding <=> p_embedding, 1 - (e.embedding <=> p_embedding)
    FROM video_embeddings e WHERE e.video_id = ANY (found)
    ORDER BY (e.embedding <=> p_embedding) + 0, e.video_id;
END
$$;
