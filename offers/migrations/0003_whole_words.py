"""Every sign that is no letter or digit parts two words, in offers and in questions.

The parser takes « dynamique.Vous » for the name of a machine and « bac+2 » for a signed
number: a tenth of the real texts hold such words, which no search would find. « à », once
without its accent, is no stop word any more, and « (H/F) » is no part of a title: the
question drops them.
"""

from django.db import migrations

WHOLE_WORDS = """
ALTER TEXT SEARCH CONFIGURATION opus_fr
    ALTER MAPPING FOR numword WITH unaccent, simple;

CREATE OR REPLACE FUNCTION opus_words(text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('public.opus_fr'::regconfig, public.opus_plain($1));

CREATE OR REPLACE FUNCTION opus_query(text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN plainto_tsquery(
        'public.opus_fr'::regconfig,
        regexp_replace(public.opus_plain($1), '\\m(a|h f|f h)\\M', ' ', 'g')
    );
"""

UNDO_WHOLE_WORDS = """
ALTER TEXT SEARCH CONFIGURATION opus_fr ALTER MAPPING FOR numword WITH simple;

CREATE OR REPLACE FUNCTION opus_words(text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('public.opus_fr'::regconfig, translate($1, '/’''_()-–', '        '));

CREATE OR REPLACE FUNCTION opus_query(text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN plainto_tsquery(
        'public.opus_fr'::regconfig, translate($1, '/’''_()-–', '        ')
    );
"""

# Writing an offer as it is makes its trigger index it again.
INDEX_AGAIN = """
SET LOCAL statement_timeout = 0;
SET LOCAL opus.sync = 'on';
UPDATE offers_offer SET state = state WHERE state = 'active';
SET LOCAL opus.sync = 'off';
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0002_search_and_guards")]

    operations = [
        migrations.RunSQL(WHOLE_WORDS, UNDO_WHOLE_WORDS),
        migrations.RunSQL(INDEX_AGAIN, INDEX_AGAIN),
    ]
