-- What an import needs of the owner of the tables.

-- New statistics, before the next search and before autovacuum.
CREATE FUNCTION opus_analyze_offers() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE offers_offer, offers_offersearch;
END $$;

-- The waiting entries of the index of words, merged at once.
CREATE FUNCTION opus_merge_pending_words() RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN gin_clean_pending_list('search_words_tags');
END $$;

-- The hash of the reference data that are loaded; a restore keeps comments.
CREATE FUNCTION opus_mark_reference(mark text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('COMMENT ON TABLE offers_commune IS %L', mark);
END $$;
