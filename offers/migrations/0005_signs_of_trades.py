"""Words of a trade that are one letter or hold a sign: C#, C++, .NET, R&D, permis C.

Once every sign is a space, « C# » is the letter c, which French drops as what is left of
« c’est »; « permis D » loses its d in the same way, and « .NET » is a net salary. Each
gets a word of letters of its own, in offers and in questions. A letter before an
apostrophe is an elision and stays dropped. Who types « chef d equipe » means one too: in
a question, d counts where the question ends on it.
"""

from django.db import migrations

SIGNS_OF_TRADES = """
CREATE FUNCTION opus_spell(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        lower($1),
        '\\mc ?#', ' csharp ', 'g'),
        '\\mc ?\\+\\+', ' cplusplus ', 'g'),
        '(?<![a-z0-9])\\.net\\M|(?<=\\m(asp|microsoft))\\.net\\M', ' dotnet ', 'g'),
        '\\mr ?& ?d\\M', ' retd ', 'g'),
        '\\m([cd])\\M(?![''’ʼ´`])', ' lettre\\1 ', 'g');

CREATE OR REPLACE FUNCTION opus_words(text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector(
        'public.opus_fr'::regconfig, public.opus_plain(public.opus_spell($1))
    );

CREATE OR REPLACE FUNCTION opus_query(text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN plainto_tsquery(
        'public.opus_fr'::regconfig,
        regexp_replace(
            public.opus_plain(public.opus_spell($1)),
            '\\m(a|h f|f h|lettred(?= ))\\M', ' ', 'g'
        )
    );
"""

UNDO_SIGNS_OF_TRADES = """
CREATE OR REPLACE FUNCTION opus_words(text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('public.opus_fr'::regconfig, public.opus_plain($1));

CREATE OR REPLACE FUNCTION opus_query(text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN plainto_tsquery(
        'public.opus_fr'::regconfig,
        regexp_replace(public.opus_plain($1), '\\m(a|h f|f h)\\M', ' ', 'g')
    );

DROP FUNCTION opus_spell(text);
"""

# Writing an offer as it is makes its trigger index it again.
INDEX_AGAIN = """
SET LOCAL statement_timeout = 0;
SET LOCAL opus.sync = 'on';
UPDATE offers_offer SET state = state WHERE state = 'active';
SET LOCAL opus.sync = 'off';
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0004_index_of_choices")]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, INDEX_AGAIN),
        migrations.RunSQL(SIGNS_OF_TRADES, UNDO_SIGNS_OF_TRADES),
        migrations.RunSQL(INDEX_AGAIN, migrations.RunSQL.noop),
    ]
