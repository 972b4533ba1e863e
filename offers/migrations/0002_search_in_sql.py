"""French search without accents: words, signs, the rows that triggers keep, indexes."""

from django.db import migrations

# French search without accents.
CONFIGURATION = """
-- French stems, accents ignored: « macon » finds « Maçons ».
CREATE TEXT SEARCH CONFIGURATION opus_fr (COPY = french);
ALTER TEXT SEARCH CONFIGURATION opus_fr
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
    WITH unaccent, french_stem;
ALTER TEXT SEARCH CONFIGURATION opus_fr
    ALTER MAPPING FOR numword WITH unaccent, simple;

-- unaccent(text) is not immutable, since its dictionary could change: ours does not.
CREATE FUNCTION opus_plain(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN trim(regexp_replace(
        lower(public.unaccent('public.unaccent'::regdictionary, $1)),
        '[^a-z0-9]+', ' ', 'g'
    ));
"""

# Words of a trade that are one letter or hold a sign: C#, C++, .NET, R&D, permis C.
#
# Once every sign is a space, « C# » is the letter c, which French drops as what is left of
# « c’est »; « permis D » loses its d in the same way, and « .NET » is a net salary. Each
# gets a word of letters of its own, in offers and in questions. A letter before an
# apostrophe is an elision and stays dropped. Who types « chef d equipe » means one too: in
# a question, d counts where the question ends on it.
SIGNS_OF_TRADES = r"""
CREATE FUNCTION opus_spell(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        CASE WHEN $1 ~ '[#+&]' OR strpos(lower($1), '.net') > 0 THEN
            regexp_replace(regexp_replace(regexp_replace(regexp_replace(
                lower($1),
                '\mc ?#', ' csharp ', 'g'),
                '\mc ?\+\+', ' cplusplus ', 'g'),
                '(?<![a-z0-9])\.net\M|(?<=\m(asp|microsoft))\.net\M',
                ' dotnet ', 'g'),
                '\mr ?& ?d\M', ' retd ', 'g')
        ELSE lower($1) END,
        '\m([cd])\M(?![''’ʼ´`])', ' lettre\1 ', 'g');
"""

# Every sign that is no letter or digit parts two words, in offers and in questions.
#
# The parser takes « dynamique.Vous » for the name of a machine and « bac+2 » for a signed
# number: a tenth of the real texts hold such words, which no search would find. « à », once
# without its accent, is no stop word any more, and « (H/F) » is no part of a title: the
# question drops them.
WORDS = r"""
CREATE FUNCTION opus_words(text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector(
        'public.opus_fr'::regconfig, public.opus_plain(public.opus_spell($1))
    );

CREATE FUNCTION opus_query(text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN plainto_tsquery(
        'public.opus_fr'::regconfig,
        regexp_replace(
            public.opus_plain(public.opus_spell($1)),
            '\m(a|h f|f h|lettred(?= ))\M', ' ', 'g'
        )
    );

-- A question whose words are wanted in some parts of an offer alone.
-- Both named: PostgreSQL's own dump spells one unnamed beside one named as "".
CREATE FUNCTION opus_weighed(question text, weights text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        opus_query(question)::text, '''([a-z0-9]+)''', '''\1'':' || weights, 'g'
    )::tsquery;
"""

# An offer carries the label of its appellation, not its code: the search compares a key
# made of the label, whatever its accents and signs.
LABEL_KEY = """
CREATE FUNCTION opus_label_key(text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x' || left(md5(public.opus_plain($1)), 16))::bit(64)::bigint;
"""

# The search table takes what one filters by; ``appeared_at`` stays with its default.
ROWS = """
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
CREATE TRIGGER offers_offer_index_insert AFTER INSERT ON offers_offer
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION opus_index_offers();
CREATE TRIGGER offers_offer_index_update AFTER UPDATE ON offers_offer
    REFERENCING OLD TABLE AS replaced NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION opus_index_offers();
"""

# One index of words and signs, so that conditions are met inside the index.
#
# On a million offers, « soudeur » in one department took 3 ms of processor where the two
# indexes apart took 20, and a word of seven offers in ten within one department 23 ms
# instead of seconds. What an offer is (its contract, its department, the square of the map
# where it lies…) stands in the index as signs (« contract=CDI »); the table does not hold
# them. Title, appellation, trade and company have their own words, for the order of
# relevance.
#
# The list of dates carries what the filters need, so that a walk along it does not touch
# the table, whose rows carry the vectors.
#
# Two lots of the offers are signs too: a sixteenth, and a sixteenth of it.
# Whether a search has more than 10 000 offers, and what they are like, is told by how
# many of them are in a lot: on a million offers, 1 to 5 ms of processor where reading
# 10 001 rows took 10 to 60. The lot is drawn from the offer's number, which has nothing to
# do with what it says.
#
# How many new offers wait to be merged into the index is a setting of the connection from
# now on (``gin_pending_list_limit``): a first load, which nobody searches yet, merges
# larger lots of them.
SIGNS = """
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
"""

INDEXES = """
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
CREATE INDEX search_newest ON offers_offersearch (created_at DESC, offer_id)
    INCLUDE (
        contract, nature, experience, full_time, accessible_th, few_candidates,
        adapted, handi_engaged, is_cadre, from_partner, training, published,
        mode, sector, rome_code, commune_code, department, region, latitude,
        longitude, pay_most, weekly_hours, contract_months
    );
"""


class Migration(migrations.Migration):
    replaces = [
        ("offers", "0002_search_and_guards"),
        ("offers", "0003_whole_words"),
        ("offers", "0004_index_of_choices"),
        ("offers", "0005_signs_of_trades"),
        ("offers", "0010_rows_of_filters"),
        ("offers", "0015_index_of_signs"),
        ("offers", "0017_spell_where_there_is_a_sign"),
    ]

    dependencies = [("offers", "0001_initial")]

    operations = [
        migrations.RunSQL(CONFIGURATION),
        migrations.RunSQL(SIGNS_OF_TRADES),
        migrations.RunSQL(WORDS),
        migrations.RunSQL(LABEL_KEY),
        migrations.RunSQL(ROWS),
        migrations.RunSQL(SIGNS),
        migrations.RunSQL(INDEXES),
    ]
