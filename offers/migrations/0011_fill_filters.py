"""The offers there are say in ``details`` what the new columns hold: nothing to re-import.

The rules are those of ``offers.payload`` on the day of this migration. Writing an offer
makes its trigger index it again.
"""

from django.db import migrations

FILL = r"""
SET LOCAL statement_timeout = 0;
SET LOCAL opus.sync = 'on';

CREATE FUNCTION pg_temp.permits_of(jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(DISTINCT code COLLATE "C" ORDER BY code COLLATE "C") FROM (
        SELECT CASE code WHEN 'EB' THEN 'BE' WHEN 'EC' THEN 'CE' WHEN 'ED' THEN 'DE'
                         WHEN 'B79' THEN 'BE' WHEN 'B7906' THEN 'BE' ELSE code END
        FROM jsonb_array_elements($1) AS need,
            regexp_matches(
                upper(need ->> 'libelle'),
                '^(\w{1,3})\M(?: MENTION (\d[\d.]*))?'
            ) AS found,
            LATERAL (SELECT found[1] || replace(coalesce(found[2], ''), '.', ''))
                AS read (code)
    ) AS permits (code)
    WHERE code IN ('AM', 'A1', 'A2', 'A', 'B1', 'B', 'B96', 'BE', 'C1', 'C1E', 'C',
        'CE', 'D1', 'D1E', 'D', 'DE')
$$;

CREATE FUNCTION pg_temp.skills_of(jsonb) RETURNS integer[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(DISTINCT code::integer ORDER BY code::integer)
    FROM jsonb_array_elements($1) AS skill, LATERAL (SELECT skill ->> 'code') AS r (code)
    WHERE code ~ '^[0-9]{1,9}$'
$$;

CREATE FUNCTION pg_temp.training_of(jsonb) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT min(CASE
        WHEN label ~* 'aucune' THEN 0
        WHEN label ~* 'bac\s*\+\s*[5-8]' THEN 7
        WHEN label ~* 'bac\s*\+\s*[34]' THEN 6
        WHEN label ~* 'bac\s*\+\s*2' THEN 5
        WHEN label ~* '\m(cap|bep)\M' THEN 3
        WHEN label ~* '\mbac' THEN 4
        WHEN label ~* 'brevet|bepc|3\s*[eè]me|4\s*[eè]me' THEN 2
    END)
    FROM jsonb_array_elements($1) AS f, LATERAL (SELECT f ->> 'niveauLibelle') AS r (label)
$$;

UPDATE offers_offer o SET
    permits = pg_temp.permits_of(o.details -> 'permis'),
    skills = pg_temp.skills_of(o.details -> 'competences'),
    training = pg_temp.training_of(o.details -> 'formations'),
    is_cadre = CASE WHEN o.details ->> 'qualificationCode' = '9' THEN true
        WHEN o.details ->> 'qualificationCode' ~ '^[1-8]$' THEN false END,
    pay_least = round((o.details #>> '{salaire,minimum}')::numeric * t.per_year / 12),
    pay_most = round((o.details #>> '{salaire,maximum}')::numeric * t.per_year / 12),
    contract_months = (o.details ->> 'dureeContratMois')::numeric,
    -- Yes where one of the two says so, no where none does and one says no.
    adapted = greatest(
        (o.details #>> '{entreprise,entrepriseAdaptee}')::boolean,
        (o.details ->> 'entrepriseAdaptee')::boolean
    ),
    handi_engaged = (o.details ->> 'employeurHandiEngage')::boolean,
    sector = coalesce(
        substring(upper(o.details ->> 'secteurActivite') from '^\d\d(?=(\.?\d\d[A-Z])?$)'),
        substring(upper(o.details ->> 'codeNAF') from '^\d\d(?=(\.?\d\d[A-Z])?$)'),
        ''
    ),
    from_partner = CASE o.details #>> '{origineOffre,origine}'
        WHEN '1' THEN false WHEN '2' THEN true END
FROM (
    SELECT reference, CASE details #>> '{salaire,periode}'
        WHEN 'H' THEN CASE
            WHEN weekly_hours IS NOT NULL THEN weekly_hours * 52
            WHEN full_time IS NOT FALSE THEN 35 * 52 END
        WHEN 'A' THEN 1
        WHEN 'M' THEN 12 END AS per_year
    FROM offers_offer
) AS t
WHERE t.reference = o.reference;

INSERT INTO offers_appellation (key, label, plain, rome_code)
    SELECT DISTINCT ON (plain) opus_label_key(appellation), appellation, plain, rome_code
    FROM (SELECT appellation, opus_plain(appellation) AS plain, rome_code, updated_at
        FROM offers_offer WHERE appellation <> '') named
    WHERE plain <> ''
    ORDER BY plain, updated_at DESC;

INSERT INTO offers_skill (code, label, plain)
    SELECT DISTINCT ON (code) code::integer, label, opus_plain(label)
    FROM (SELECT skill ->> 'code' AS code, skill ->> 'libelle' AS label, updated_at
        FROM offers_offer, jsonb_array_elements(details -> 'competences') AS skill
        WHERE skills IS NOT NULL) named
    WHERE code ~ '^[0-9]{1,9}$' AND label <> ''
    ORDER BY code, updated_at DESC
ON CONFLICT DO NOTHING;

DROP FUNCTION pg_temp.permits_of(jsonb);
DROP FUNCTION pg_temp.skills_of(jsonb);
DROP FUNCTION pg_temp.training_of(jsonb);
SET LOCAL opus.sync = 'off';
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0010_rows_of_filters")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
