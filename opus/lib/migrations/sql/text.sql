-- Names without case and accents: their order, and what makes two of them the same.
CREATE FUNCTION opus_folded(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));
