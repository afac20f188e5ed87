-- What differs on Supabase, applied after the numbered steps and safe to apply again: callers may ask for themselves only,
-- the functions read with the rights of their owner, and an unknown item is an error.
CREATE OR REPLACE FUNCTION get_user_embedding_features(p_user_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, extensions AS $$
BEGIN
  IF auth.uid() IS NOT NULL AND auth.uid() <> p_user_id THEN
    RAISE EXCEPTION 'The features of another user may not be read.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN user_embedding_features(p_user_id);
END
$$;

CREATE OR REPLACE FUNCTION get_item_embedding_features(p_video_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, extensions AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM videos v WHERE v.id = p_video_id) THEN
    RAISE EXCEPTION 'video % not found', p_video_id USING ERRCODE = 'no_data_found';
  END IF;
  RETURN item_embedding_features(p_video_id);
END
$$;

REVOKE ALL ON FUNCTION user_embedding_features(uuid) FROM public, anon, authenticated;
REVOKE ALL ON FUNCTION get_user_embedding_features(uuid) FROM public, anon;
REVOKE ALL ON FUNCTION get_user_embedding_feature_batch(integer, integer) FROM public, anon, authenticated;
GRANT EXECUTE ON FUNCTION get_user_embedding_features(uuid) TO authenticated, service_role;
GRANT EXECUTE ON FUNCTION get_item_embedding_features(uuid) TO authenticated, service_role;
GRANT EXECUTE ON FUNCTION get_item_embedding_feature_batch(integer, integer) TO service_role;
GRANT EXECUTE ON FUNCTION user_embedding_features(uuid), get_user_embedding_feature_batch(integer, integer) TO service_role;
GRANT EXECUTE ON FUNCTION recommend_videos_ann(vector, integer, text[], integer, text[], uuid[]) TO authenticated, service_role;
