-- Two people open a breach, and its month is left to the structure, whoever writes
-- (art. 12, S28). Files of release 1.0.0 were opened by one: they run on.

-- The first letter's presentation, where it is known already.
UPDATE accounts_breach b SET presented_on = l.received_on
    FROM accounts_letter l
    WHERE l.breach_id = b.id AND l.kind = 'manquements' AND l.state <> 'annule'
      AND l.received_on IS NOT NULL AND b.state NOT IN ('resilie', 'leve');

CREATE FUNCTION opus_breach_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state <> 'propose' THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NEW.signed_at IS NULL OR NOT EXISTS (
        SELECT FROM accounts_user WHERE id = NEW.signed_by_id AND role = 'admin'
    ) THEN
        RAISE EXCEPTION 'Un dossier de manquement est signé par un second administrateur de France Travail.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- By its name, it comes after the table of moves.
CREATE TRIGGER accounts_breach_signed BEFORE INSERT OR UPDATE OF state ON accounts_breach
    FOR EACH ROW WHEN (NEW.state NOT IN ('propose', 'leve'))
    EXECUTE FUNCTION opus_breach_is_signed();

-- The structure's month runs from the letter's presentation, to its last day.
CREATE FUNCTION opus_breach_leaves_its_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.presented_on IS NULL
       OR NEW.upheld_on <= (NEW.presented_on + interval '1 month')::date THEN
        RAISE EXCEPTION 'La décision suit le mois d’observations, compté de la présentation de la lettre (art. 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_breach_upheld
    BEFORE INSERT OR UPDATE OF state, upheld_on ON accounts_breach
    FOR EACH ROW WHEN (NEW.state = 'maintenu')
    EXECUTE FUNCTION opus_breach_leaves_its_month();

-- A presentation that is recorded after the decision counts too.
CREATE FUNCTION opus_ending_leaves_the_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_breach
        WHERE id = NEW.breach_id AND state = 'maintenu'
          AND NEW.told_on >= upheld_on
          AND upheld_on > (presented_on + interval '1 month')::date
    ) THEN
        RAISE EXCEPTION 'La résiliation suit le mois d’observations, compté de la présentation de la lettre (art. 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_ending_upheld BEFORE INSERT OR UPDATE OF state ON accounts_ending
    FOR EACH ROW WHEN (NEW.state = 'confirme' AND NEW.breach_id IS NOT NULL)
    EXECUTE FUNCTION opus_ending_leaves_the_month();

-- What was written stays, and who signed it.
DROP TRIGGER accounts_breach_frozen ON accounts_breach;
CREATE TRIGGER accounts_breach_frozen BEFORE UPDATE ON accounts_breach
    FOR EACH ROW WHEN (
        OLD.state IN ('resilie', 'leve')
        OR (OLD.convention_id, OLD.reasons, OLD.facts, OLD.other_obligation,
            OLD.opened_by_id)
        IS DISTINCT FROM
           (NEW.convention_id, NEW.reasons, NEW.facts, NEW.other_obligation,
            NEW.opened_by_id)
        OR OLD.signed_by_id IS NOT NULL
           AND (OLD.signed_by_id, OLD.signed_at)
           IS DISTINCT FROM (NEW.signed_by_id, NEW.signed_at)
        OR OLD.observations_file IS DISTINCT FROM NEW.observations_file
           AND OLD.observations_file IS NOT NULL
    )
    EXECUTE FUNCTION opus_refuse('Les motifs notifiés ne changent plus.');
DROP TRIGGER accounts_ending_frozen ON accounts_ending;
CREATE TRIGGER accounts_ending_frozen BEFORE UPDATE ON accounts_ending
    FOR EACH ROW WHEN (
        OLD.state <> 'propose'
        OR (OLD.convention_id, OLD.origin, OLD.motive, OLD.breach_id, OLD.told_on,
            OLD.ends_on, OLD.at_once, OLD.proposed_by_id, OLD.proposed_at)
        IS DISTINCT FROM
           (NEW.convention_id, NEW.origin, NEW.motive, NEW.breach_id, NEW.told_on,
            NEW.ends_on, NEW.at_once, NEW.proposed_by_id, NEW.proposed_at)
    )
    EXECUTE FUNCTION opus_refuse(
        'Une fin anticipée enregistrée ne change plus : abandonnez-la d’abord.');
DROP TRIGGER accounts_breach_moves ON accounts_breach;
