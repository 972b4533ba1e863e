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

-- Words of a trade that are one letter or contain a sign: C#, C++, .NET, R&D, permis C.
--
-- Once every sign is a space, « C# » is the letter c, which French drops as what is left of
-- « c’est »; « permis D » loses its d in the same way, and « .NET » is a net salary. Each
-- gets a word of letters of its own, in offers and in questions. A letter before an
-- apostrophe is an elision and stays dropped. Who types « chef d equipe » means one too: in
-- a question, d counts where the question ends on it.
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

-- Every sign that is no letter or digit parts two words, in offers and in questions.
--
-- The parser takes « dynamique.Vous » for the name of a machine and « bac+2 » for a signed
-- number: a tenth of the real texts contain such words, which no search would find. « à »,
-- once without its accent, is no stop word any more, and « (H/F) » is no part of a title:
-- the question drops them.
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

-- An offer carries the label of its appellation, not its code: the search compares a key
-- made of the label, whatever its accents and signs.
CREATE FUNCTION opus_label_key(text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x' || left(md5(public.opus_plain($1)), 16))::bit(64)::bigint;
