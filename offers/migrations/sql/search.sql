-- A text without what must not be found in it; the contacts have the longest first (S22).
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

-- The search table gets what one filters by; appeared_at keeps its default (ADR 2).
-- A preselected offer is not found by how to reach its employer; the mode may change
-- alone, and its row follows.
--
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
CREATE TRIGGER offers_offer_index_insert AFTER INSERT ON offers_offer
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION opus_index_offers();
CREATE TRIGGER offers_offer_index_update AFTER UPDATE ON offers_offer
    REFERENCING OLD TABLE AS replaced NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION opus_index_offers();

-- One index of words and tags, so that conditions are met inside the index.
--
-- On a million offers, « soudeur » in one department took 3 ms of processor where the two
-- indexes apart took 20, and a word of seven offers in ten within one department 23 ms
-- instead of seconds. What an offer is (its contract, its department, the square of the map
-- where it lies…) stands in the index as tags (« contract=CDI »); the table does not have
-- them.
--
-- The list of dates carries what the filters need, so that a walk along it does not touch
-- the table, whose rows carry the vectors.
--
-- Two samples of the offers are tags too: a sixteenth, and a sixteenth of it. Whether a
-- search has more than 10 000 offers, and what they are like, is known by how many of them
-- are in a sample: on a million offers, 1 to 5 ms of processor where reading 10 001 rows
-- took 10 to 60. The sample is drawn from the offer's number, which has nothing to do with
-- what it says.
--
-- How many new offers wait to be merged into the index is a setting of the connection
-- (gin_pending_list_limit): a first load, which nobody searches yet, merges more of them at
-- a time.
CREATE FUNCTION opus_tags(
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
    'sample=' || left(md5(offer_id), 1),
    'sample=' || left(md5(offer_id), 2)
], NULL);

CREATE INDEX search_words_tags ON offers_offersearch USING gin (
    vector,
    ts_filter(vector, '{a,b}'),
    opus_tags(
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
