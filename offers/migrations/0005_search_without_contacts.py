"""Searches do not find a preselected offer by how to reach its employer (S22)."""

from django.db import migrations

# A text without what must not be found in it; ``contacts`` has the longest first.
MASKED = """
CREATE FUNCTION opus_masked(words text, contacts text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    contact text;
BEGIN
    IF contacts IS NOT NULL THEN
        FOREACH contact IN ARRAY contacts LOOP
            words := replace(words, contact, ' ');
        END LOOP;
    END IF;
    RETURN words;
END $$;
"""

# As before, but for ``hidden``: the mode may change alone, and its row follows.
ROWS = """
-- Runs once for each statement that writes offers, over all the rows that it wrote.
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
        setweight(opus_words(opus_masked(title || ' ' || appellation, hidden)), 'A')
            || setweight(
                opus_words(opus_masked(rome_label || ' ' || company, hidden)), 'B')
            || setweight(opus_words(opus_masked(skills_text, hidden)), 'C')
            || setweight(opus_words(opus_masked(description, hidden)), 'D'),
        created_at, contract, nature, experience, full_time, accessible_th, rome_code,
        published,
        CASE WHEN NOT preselection THEN 'sans'
             WHEN delegated THEN 'deleguee' ELSE 'preselection' END,
        commune_code, department, region, latitude, longitude,
        few_candidates, adapted, handi_engaged, is_cadre, from_partner, training,
        CASE WHEN appellation <> ''
            THEN opus_label_key(opus_masked(appellation, hidden)) END,
        permits, skills, pay_most, weekly_hours, contract_months, sector
    FROM written,
        LATERAL (SELECT CASE WHEN preselection THEN contacts END AS hidden) AS masked
    WHERE state = 'active'
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


class Migration(migrations.Migration):
    dependencies = [("offers", "0004_contacts_in_texts")]

    operations = [migrations.RunSQL(MASKED), migrations.RunSQL(ROWS)]
