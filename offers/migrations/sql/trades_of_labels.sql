-- The trade of an offer without its code, by its label: that of the trade, else of the
-- appellation, else the title, if what is learned names one trade so. Of several parts
-- (« Conducteur / Conductrice de ligne ») the one of the most words counts.
--
-- Of a preselected offer nothing is read of how to reach its employer (S22).
CREATE FUNCTION opus_trade_of(offer offers_offer) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT known.rome_code
    FROM unnest(ARRAY[offer.rome_label, offer.appellation, offer.title])
            WITH ORDINALITY AS text (label, rank),
        regexp_split_to_table(
            opus_masked(label, CASE WHEN offer.preselection THEN offer.contacts END),
            '\s*/\s*'
        ) AS part
        JOIN offers_jobname AS known ON known.key = opus_name_key(part)
    WHERE known.is_label AND known.share >= 0.5
    ORDER BY rank, cardinality(string_to_array(known.key, ' ')) DESC, known.share DESC,
        known.rome_code
    LIMIT 1
$$;

-- Whoever writes the row: a later event must not forget its trade. What was not learned
-- yet is found by the nightly learning (offers/search/words.py).
CREATE FUNCTION opus_find_trade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rome_code := coalesce(
        (SELECT opus_trade_of(o) FROM offers_offer AS o WHERE reference = NEW.offer_id), ''
    );
    RETURN NEW;
END $$;
CREATE TRIGGER offers_offersearch_trade BEFORE INSERT OR UPDATE ON offers_offersearch
    FOR EACH ROW WHEN (NEW.rome_code = '') EXECUTE FUNCTION opus_find_trade();
