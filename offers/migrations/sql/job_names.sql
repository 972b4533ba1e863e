-- The stems of a name, sorted: « Vendeuse en chaussures » and « chaussures (vendeuse) » are
-- one key. « à », once without its accent, and « (H/F) » say nothing.
CREATE FUNCTION opus_name_key(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN coalesce((
        SELECT string_agg(lexeme, ' ' ORDER BY lexeme COLLATE "C")
        FROM unnest(tsvector_to_array(public.opus_words($1))) AS lexeme
        WHERE lexeme NOT IN ('a', 'f', 'h')
    ), '');
