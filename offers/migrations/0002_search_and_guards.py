"""French search without accents, the triggers that keep it, and the read-only mirror."""

from django.contrib.postgres.operations import (
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

SEARCH = """
-- French stems, accents ignored: « macon » finds « Maçons ».
CREATE TEXT SEARCH CONFIGURATION opus_fr (COPY = french);
ALTER TEXT SEARCH CONFIGURATION opus_fr
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
    WITH unaccent, french_stem;

-- unaccent(text) is not immutable, since its dictionary could change: ours does not.
CREATE FUNCTION opus_plain(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN trim(regexp_replace(
        lower(public.unaccent('public.unaccent'::regdictionary, $1)),
        '[^a-z0-9]+', ' ', 'g'
    ));

-- The parser reads « Maçon/Maçonne » as a file name and « aide-soignant » as a word
-- of its own: slashes, dashes and apostrophes go first, here and in the question.
CREATE FUNCTION opus_words(text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('public.opus_fr'::regconfig, translate($1, '/’''_()-–', '        '));

CREATE FUNCTION opus_query(text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN plainto_tsquery(
        'public.opus_fr'::regconfig, translate($1, '/’''_()-–', '        ')
    );

CREATE INDEX search_point ON offers_offersearch
    USING gist (ll_to_earth(latitude, longitude)) WHERE latitude IS NOT NULL;

-- Runs once for each statement that writes offers, over all the rows that it wrote.
CREATE FUNCTION opus_index_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO offers_offerstep (offer_id, origin, target, at)
            SELECT n.reference, o.state, n.state, n.state_at
            FROM written n JOIN replaced o USING (reference)
            WHERE o.state <> n.state;
        DELETE FROM offers_offersearch s USING written w
            WHERE s.offer_id = w.reference AND w.state <> 'active';
    ELSE
        INSERT INTO offers_offerstep (offer_id, origin, target, at)
            SELECT reference, '', state, state_at FROM written;
    END IF;
    INSERT INTO offers_offersearch AS s (
        offer_id, vector, created_at, contract, nature, experience, full_time,
        accessible_th, rome_code, published, mode, commune_code, department, region,
        latitude, longitude
    )
    SELECT
        reference,
        setweight(opus_words(title || ' ' || appellation), 'A')
            || setweight(opus_words(rome_label || ' ' || company), 'B')
            || setweight(opus_words(skills_text), 'C')
            || setweight(opus_words(description), 'D'),
        created_at, contract, nature, experience, full_time, accessible_th, rome_code,
        published,
        CASE WHEN NOT preselection THEN 'sans'
             WHEN delegated THEN 'deleguee' ELSE 'preselection' END,
        commune_code, department, region, latitude, longitude
    FROM written WHERE state = 'active'
    ON CONFLICT (offer_id) DO UPDATE SET
        vector = excluded.vector, created_at = excluded.created_at,
        contract = excluded.contract, nature = excluded.nature,
        experience = excluded.experience, full_time = excluded.full_time,
        accessible_th = excluded.accessible_th, rome_code = excluded.rome_code,
        published = excluded.published, mode = excluded.mode,
        commune_code = excluded.commune_code, department = excluded.department,
        region = excluded.region, latitude = excluded.latitude,
        longitude = excluded.longitude;
    RETURN NULL;
END $$;
CREATE TRIGGER offers_offer_index_insert AFTER INSERT ON offers_offer
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION opus_index_offers();
CREATE TRIGGER offers_offer_index_update AFTER UPDATE ON offers_offer
    REFERENCING OLD TABLE AS replaced NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION opus_index_offers();

-- Article 7: a partner's path cannot write an offer. ``offers.sync`` says who it is
-- with SET LOCAL opus.sync = 'on', which ends with its transaction.
CREATE FUNCTION opus_offers_are_a_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('opus.sync', true), '') <> 'on' THEN
        RAISE EXCEPTION 'Une offre ne se modifie pas depuis Opus (convention, art. 7).'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER offers_offer_mirror BEFORE INSERT OR UPDATE OR DELETE ON offers_offer
    FOR EACH STATEMENT EXECUTE FUNCTION opus_offers_are_a_mirror();
CREATE TRIGGER offers_offersearch_mirror
    BEFORE INSERT OR UPDATE OR DELETE ON offers_offersearch
    FOR EACH STATEMENT EXECUTE FUNCTION opus_offers_are_a_mirror();
"""

UNDO_SEARCH = """
DROP TRIGGER offers_offersearch_mirror ON offers_offersearch;
DROP TRIGGER offers_offer_mirror ON offers_offer;
DROP FUNCTION opus_offers_are_a_mirror();
DROP TRIGGER offers_offer_index_update ON offers_offer;
DROP TRIGGER offers_offer_index_insert ON offers_offer;
DROP FUNCTION opus_index_offers();
DROP INDEX search_point;
DROP FUNCTION opus_query(text);
DROP FUNCTION opus_words(text);
DROP FUNCTION opus_plain(text);
DROP TEXT SEARCH CONFIGURATION opus_fr;
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0001_offers")]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        CreateExtension("cube"),
        CreateExtension("earthdistance"),
        migrations.RunSQL(SEARCH, UNDO_SEARCH),
    ]
