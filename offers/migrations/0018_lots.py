"""Two lots of the offers as signs in the index: a sixteenth, and a sixteenth of it.

Whether a search has more than 10 000 offers, and what they are like, is told by how
many of them are in a lot: on a million offers, 1 to 5 ms of processor where reading
10 001 rows took 10 to 60. The lot is drawn from the offer's number, which has nothing to
do with what it says.

How many new offers wait to be merged into the index is a setting of the connection from
now on (``gin_pending_list_limit``): a first load, which nobody searches yet, merges
larger lots of them.
"""

from django.db import migrations

LOTS = """
DROP INDEX search_words_signs;
DROP FUNCTION opus_signs;
CREATE FUNCTION opus_signs(
    contract text, nature text, experience text, full_time boolean, accessible_th
    boolean, few_candidates boolean, adapted boolean, handi_engaged boolean,
    is_cadre boolean, from_partner boolean, training smallint, published boolean,
    mode text, sector text, rome_code text, appellation bigint, commune_code text,
    department text, region text, latitude double precision, longitude double
    precision, offer_id text
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
    'coarse=' || floor(latitude)::int || '/' || floor(longitude)::int,
    'lot=' || left(md5(offer_id), 1),
    'lot=' || left(md5(offer_id), 2)
], NULL);


SET LOCAL statement_timeout = 0;
CREATE INDEX search_words_signs ON offers_offersearch USING gin (
    vector,
    ts_filter(vector, '{a,b}'),
    opus_signs(
        contract, nature, experience, full_time, accessible_th, few_candidates,
        adapted, handi_engaged, is_cadre, from_partner, training, published,
        mode, sector, rome_code, appellation, commune_code, department, region,
        latitude, longitude, offer_id
    )
);
"""

UNDO_LOTS = """
DROP INDEX search_words_signs;
DROP FUNCTION opus_signs;
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


SET LOCAL statement_timeout = 0;
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
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0017_spell_where_there_is_a_sign")]

    operations = [migrations.RunSQL(LOTS, UNDO_LOTS)]
