"""One index of words and signs, so that conditions are met inside the index.

On a million offers, « soudeur » in one department took 3 ms of processor where the two
indexes apart took 20, and a word of seven offers in ten within one department 23 ms
instead of seconds. What an offer is (its contract, its department, the square of the map
where it lies…) stands in the index as signs (« contract=CDI »); the table does not hold
them. Title, appellation, trade and company have their own words, for the order of
relevance.

The list of dates carries what the filters need, so that a walk along it does not touch
the table, whose rows carry the vectors.
"""

from django.db import migrations

SIGNS = """
CREATE FUNCTION opus_signs(
    contract text, nature text, experience text, full_time boolean, accessible_th
    boolean, few_candidates boolean, adapted boolean, handi_engaged boolean,
    is_cadre boolean, from_partner boolean, training smallint, published boolean,
    mode text, sector text, rome_code text, appellation bigint, commune_code text,
    department text, region text, latitude double precision, longitude double
    precision
) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
RETURN array_remove(ARRAY[
    'contract=' || nullif(contract, ''),
    'nature=' || nullif(nature, ''),
    'experience=' || nullif(experience, ''),
    'full_time=' || full_time::text,
    'accessible_th=' || accessible_th::text,
    'few_candidates=' || few_candidates::text,
    'adapted=' || adapted::text,
    'handi_engaged=' || handi_engaged::text,
    'is_cadre=' || is_cadre::text,
    'from_partner=' || from_partner::text,
    'training=' || training::text,
    'published=' || published::text,
    'mode=' || nullif(mode, ''),
    'sector=' || nullif(sector, ''),
    'rome_code=' || nullif(rome_code, ''),
    'appellation=' || appellation::text,
    'commune_code=' || nullif(commune_code, ''),
    'department=' || nullif(department, ''),
    'region=' || nullif(region, ''),
    'fine=' || floor(latitude * 10)::int || '/' || floor(longitude * 10)::int,
    'middle=' || floor(latitude * 3)::int || '/' || floor(longitude * 3)::int,
    'coarse=' || floor(latitude)::int || '/' || floor(longitude)::int
], NULL);

-- A question whose words are wanted in some parts of an offer alone.
-- Both named: PostgreSQL's own dump spells one unnamed beside one named as "".
CREATE FUNCTION opus_weighed(question text, weights text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        opus_query(question)::text, '''([a-z0-9]+)''', '''\\1'':' || weights, 'g'
    )::tsquery;

SET LOCAL statement_timeout = 0;
-- The cost keeps the planner from making signs row by row. New offers are merged into
-- the index early: what waits is read by every search.
CREATE INDEX search_words_signs ON offers_offersearch USING gin (
    vector,
    ts_filter(vector, '{a,b}'),
    opus_signs(
        contract, nature, experience, full_time, accessible_th, few_candidates,
        adapted, handi_engaged, is_cadre, from_partner, training, published,
        mode, sector, rome_code, appellation, commune_code, department, region,
        latitude, longitude
    )
) WITH (gin_pending_list_limit = 512);

CREATE INDEX search_newest ON offers_offersearch (created_at DESC, offer_id)
    INCLUDE (
        contract, nature, experience, full_time, accessible_th, few_candidates,
        adapted, handi_engaged, is_cadre, from_partner, training, published,
        mode, sector, rome_code, commune_code, department, region, latitude,
        longitude, pay_most, weekly_hours, contract_months
    );
DROP INDEX search_choices;
"""

UNDO_SIGNS = """
CREATE INDEX search_choices ON offers_offersearch (
    contract, mode, published, full_time, experience, accessible_th, nature
);
DROP INDEX search_newest;
DROP INDEX search_words_signs;
DROP FUNCTION opus_weighed;
DROP FUNCTION opus_signs;
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0014_saved_searches")]

    operations = [
        migrations.RunSQL(SIGNS, UNDO_SIGNS),
        migrations.RemoveIndex("offersearch", "search_vector"),
        migrations.RemoveIndex("offersearch", "search_date"),
        migrations.RemoveIndex("offersearch", "search_commune"),
    ]
