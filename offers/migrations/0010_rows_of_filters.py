"""The search table takes what one filters by; ``appeared_at`` stays with its default.

An offer carries the label of its appellation, not its code: the search compares a key
made of the label, whatever its accents and signs.
"""

from django.db import migrations

LABEL_KEY = """
CREATE FUNCTION opus_label_key(text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x' || left(md5(public.opus_plain($1)), 16))::bit(64)::bigint;
"""

INDEX_OFFERS = """
CREATE OR REPLACE FUNCTION opus_index_offers() RETURNS trigger LANGUAGE plpgsql AS $$
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
        latitude, longitude,
        few_candidates, adapted, handi_engaged, is_cadre, from_partner, training,
        appellation, permits, skills, pay_most, weekly_hours, contract_months, sector
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
        commune_code, department, region, latitude, longitude,
        few_candidates, adapted, handi_engaged, is_cadre, from_partner, training,
        CASE WHEN appellation <> '' THEN opus_label_key(appellation) END,
        permits, skills, pay_most, weekly_hours, contract_months, sector
    FROM written WHERE state = 'active'
    ON CONFLICT (offer_id) DO UPDATE SET
        vector = excluded.vector, created_at = excluded.created_at,
        contract = excluded.contract, nature = excluded.nature,
        experience = excluded.experience, full_time = excluded.full_time,
        accessible_th = excluded.accessible_th, rome_code = excluded.rome_code,
        published = excluded.published, mode = excluded.mode,
        commune_code = excluded.commune_code, department = excluded.department,
        region = excluded.region, latitude = excluded.latitude,
        longitude = excluded.longitude,
        few_candidates = excluded.few_candidates, adapted = excluded.adapted,
        handi_engaged = excluded.handi_engaged, is_cadre = excluded.is_cadre,
        from_partner = excluded.from_partner, training = excluded.training,
        appellation = excluded.appellation, permits = excluded.permits,
        skills = excluded.skills, pay_most = excluded.pay_most,
        weekly_hours = excluded.weekly_hours,
        contract_months = excluded.contract_months, sector = excluded.sector;
    RETURN NULL;
END $$;
"""

UNDO_INDEX_OFFERS = """
CREATE OR REPLACE FUNCTION opus_index_offers() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0009_columns_of_filters")]

    operations = [
        migrations.RunSQL(LABEL_KEY, "DROP FUNCTION opus_label_key(text)"),
        migrations.RunSQL(INDEX_OFFERS, UNDO_INDEX_OFFERS),
    ]
