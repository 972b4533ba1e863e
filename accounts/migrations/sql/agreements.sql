-- The end of the parent bounds that of its conventions, whoever writes (art. 13).
--
-- The parent's end is part of a foreign key. A convention that is written meanwhile and
-- a parent whose end moves wait for one another; where both cannot stand, one is refused.
CREATE FUNCTION opus_copy_parents_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT ends_on INTO NEW.parent_ends_on FROM accounts_partnership
        WHERE id = NEW.parent_id;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_convention_parent
    BEFORE INSERT OR UPDATE OF parent_id ON accounts_convention
    FOR EACH ROW EXECUTE FUNCTION opus_copy_parents_end();
ALTER TABLE accounts_convention ADD CONSTRAINT convention_has_its_parents_end
    FOREIGN KEY (parent_id, parent_ends_on)
    REFERENCES accounts_partnership (id, ends_on) ON UPDATE CASCADE;

-- Signed terms change by an amendment alone; the quota is that of the day (R9, R12).

-- What annexe 2 allows on a day: the signed quota, then each amendment in turn. The
-- same rule as accounts/agreements/models/conventions.py.
CREATE FUNCTION opus_quota_on(convention bigint, day date) RETURNS integer
    LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT quota FROM accounts_amendment
         WHERE convention_id = convention AND state = 'confirme'
           AND quota IS NOT NULL AND effective_on <= day
         ORDER BY effective_on DESC, confirmed_at DESC, id DESC LIMIT 1),
        (SELECT signed_quota FROM accounts_convention WHERE id = convention)
    )
$$;

-- Writes down what the amendment changes, so that four eyes do not depend on what the
-- one who proposes says; and holds a lower quota to the accounts in use.
CREATE FUNCTION opus_weigh_amendment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    structure bigint;
    counted integer;
BEGIN
    SELECT structure_id, ends_on INTO structure, NEW.was_ends_on
        FROM accounts_convention WHERE id = NEW.convention_id FOR NO KEY UPDATE;
    NEW.was_quota := opus_quota_on(NEW.convention_id, NEW.effective_on);
    IF NEW.state = 'confirme' AND NEW.quota IS NOT NULL THEN
        SELECT count(*) INTO counted FROM accounts_user
            WHERE structure_id = structure AND role = 'conseiller'
              AND state IN ('cree', 'actif');
        IF counted > NEW.quota THEN
            RAISE EXCEPTION 'Quota trop bas : % comptes sont actifs.', counted
                USING ERRCODE = 'check_violation',
                    CONSTRAINT = 'accounts_within_quota';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_amendment_weighed BEFORE INSERT OR UPDATE ON accounts_amendment
    FOR EACH ROW WHEN (NEW.state::text IN ('propose', 'confirme'))
    EXECUTE FUNCTION opus_weigh_amendment();
-- What is proposed is what is confirmed; its day alone may be put off.
CREATE TRIGGER accounts_amendment_frozen BEFORE UPDATE ON accounts_amendment
    FOR EACH ROW WHEN (
        OLD.state <> 'propose'
        OR NEW.effective_on < OLD.effective_on
        OR (OLD.convention_id, OLD.reference, OLD.noticed_on, OLD.consultation,
            OLD.referrals, OLD.quota, OLD.ends_on, OLD.ft_contact,
            OLD.ft_contact_email, OLD.ft_contact_phone, OLD.partner_contact,
            OLD.partner_contact_email, OLD.partner_contact_phone, OLD.proposed_by_id,
            OLD.proposed_at)
        IS DISTINCT FROM
           (NEW.convention_id, NEW.reference, NEW.noticed_on, NEW.consultation,
            NEW.referrals, NEW.quota, NEW.ends_on, NEW.ft_contact,
            NEW.ft_contact_email, NEW.ft_contact_phone, NEW.partner_contact,
            NEW.partner_contact_email, NEW.partner_contact_phone, NEW.proposed_by_id,
            NEW.proposed_at)
    )
    EXECUTE FUNCTION opus_refuse(
        'Un avenant enregistré ne change plus : enregistrez-en un autre.');
CREATE TRIGGER accounts_amendment_stays BEFORE DELETE ON accounts_amendment
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Un avenant ne s’efface pas.');

CREATE FUNCTION opus_freeze_signed_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The names of contacts, five years after its end.
    IF current_setting('opus.purging', true) = 'on' THEN
        RETURN NEW;
    END IF;
    IF (OLD.structure_id, OLD.number, OLD.parent_id, OLD.signed_by_ft_on,
        OLD.signed_by_structure_on, OLD.starts_on, OLD.signed_consultation,
        OLD.signed_referrals, OLD.signed_quota, OLD.signed_ft_contact,
        OLD.signed_ft_contact_email, OLD.signed_ft_contact_phone,
        OLD.signed_partner_contact, OLD.signed_partner_contact_email,
        OLD.signed_partner_contact_phone)
       IS DISTINCT FROM
       (NEW.structure_id, NEW.number, NEW.parent_id, NEW.signed_by_ft_on,
        NEW.signed_by_structure_on, NEW.starts_on, NEW.signed_consultation,
        NEW.signed_referrals, NEW.signed_quota, NEW.signed_ft_contact,
        NEW.signed_ft_contact_email, NEW.signed_ft_contact_phone,
        NEW.signed_partner_contact, NEW.signed_partner_contact_email,
        NEW.signed_partner_contact_phone)
    THEN
        RAISE EXCEPTION 'Une convention signée ne change que par un avenant (art. 5.2).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.ends_on = OLD.ends_on OR (
        NEW.ends_on < OLD.ends_on AND NEW.state <> OLD.state
        AND NEW.state::text IN ('preavis', 'resiliee')
    ) THEN
        RETURN NEW;
    END IF;
    -- Else its end is the one that was agreed on last.
    -- Two confirmed at the same instant may both be the last.
    IF NOT EXISTS (
        WITH ends AS (
            SELECT ends_on, confirmed_at FROM accounts_amendment
                WHERE convention_id = OLD.id AND state = 'confirme'
                  AND ends_on IS NOT NULL
            UNION ALL
            SELECT ends_on, confirmed_at FROM accounts_ending
                WHERE convention_id = OLD.id AND state = 'confirme'
        )
        SELECT FROM ends WHERE ends_on = NEW.ends_on
            AND confirmed_at = (SELECT max(confirmed_at) FROM ends)
    ) THEN
        RAISE EXCEPTION 'La fin d’une convention signée ne change que par un avenant ou une fin anticipée confirmés (art. 5.2 et 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_convention_signed BEFORE UPDATE ON accounts_convention
    FOR EACH ROW WHEN (OLD.state <> 'projet') EXECUTE FUNCTION opus_freeze_signed_terms();
CREATE TRIGGER accounts_convention_stays BEFORE DELETE ON accounts_convention
    FOR EACH ROW WHEN (OLD.state <> 'projet')
    EXECUTE FUNCTION opus_refuse('Une convention signée ne s’efface pas.');
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
CREATE TRIGGER accounts_ending_stays BEFORE DELETE ON accounts_ending
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une fin anticipée ne s’efface pas.');
CREATE TRIGGER accounts_breach_frozen BEFORE UPDATE ON accounts_breach
    FOR EACH ROW WHEN (
        OLD.state::text IN ('resilie', 'leve')
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
CREATE TRIGGER accounts_breach_stays BEFORE DELETE ON accounts_breach
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Un dossier de manquement ne s’efface pas.');

-- No way round four eyes, whoever writes (S28): ends and confirmations are checked by
-- PostgreSQL, not by the button that one presses.

-- A convention ends before its term by an early end that two people confirmed, and by
-- nothing else; at its term, or after its notice, once its last day is over. Ended before
-- its first day, it never begins, and is over at once.
CREATE FUNCTION opus_guard_convention_ends() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_over boolean := OLD.ends_on < (now() AT TIME ZONE 'Europe/Paris')::date;
BEGIN
    IF NEW.state IN ('expiree', 'resiliee') AND is_over THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'expiree' AND EXISTS (
        SELECT FROM accounts_ending
        WHERE convention_id = OLD.id AND state = 'confirme'
          AND (at_once OR (NEW.state = 'preavis' AND ends_on = NEW.ends_on)
               OR (NEW.state = 'resiliee' AND ends_on < OLD.starts_on))
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une convention prend fin à son terme, ou par une fin anticipée que deux personnes ont confirmée (art. 12).'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER accounts_convention_ends BEFORE UPDATE OF state ON accounts_convention
    FOR EACH ROW WHEN (
        OLD.state::text IN ('signee', 'preavis') AND NEW.state <> OLD.state
        AND NEW.state::text IN ('preavis', 'resiliee', 'expiree')
    )
    EXECUTE FUNCTION opus_guard_convention_ends();

-- Agents propose; an administrator decides. By its name, it comes after the
-- table of moves.
CREATE FUNCTION opus_admin_confirms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_user WHERE id = NEW.confirmed_by_id AND role = 'admin'
    ) THEN
        RAISE EXCEPTION 'Un administrateur de France Travail confirme : les agents proposent.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_amendment_settled BEFORE INSERT OR UPDATE ON accounts_amendment
    FOR EACH ROW WHEN (NEW.state = 'confirme')
    EXECUTE FUNCTION opus_admin_confirms();
CREATE TRIGGER accounts_ending_settled BEFORE INSERT OR UPDATE ON accounts_ending
    FOR EACH ROW WHEN (NEW.state = 'confirme')
    EXECUTE FUNCTION opus_admin_confirms();
