"""What PostgreSQL refuses of accounts, conventions and what goes with them."""

from django.db import migrations

from opus.lib.database.states import guard_moves

# The quota, held by PostgreSQL whoever writes (R9).
QUOTA = """
-- The lock first, the quota after it: an amendment that we waited for counts.
CREATE FUNCTION opus_enforce_quota() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
    convention bigint;
    begins date;
    allowed integer;
    counted integer;
BEGIN
    SELECT id, starts_on INTO convention, begins FROM accounts_convention
        WHERE structure_id = NEW.structure_id AND state IN ('signee', 'preavis')
        ORDER BY today BETWEEN starts_on AND ends_on DESC, starts_on DESC
        LIMIT 1 FOR NO KEY UPDATE;
    allowed := coalesce(opus_quota_on(convention, greatest(today, begins)), 0);
    SELECT count(*) INTO counted FROM accounts_user
        WHERE structure_id = NEW.structure_id AND role = 'conseiller'
          AND state IN ('cree', 'actif') AND id <> NEW.id;
    IF counted >= allowed THEN
        RAISE EXCEPTION 'Quota atteint : % comptes actifs sur %.', counted, allowed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_within_quota';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_quota_insert BEFORE INSERT ON accounts_user
    FOR EACH ROW
    WHEN (NEW.role = 'conseiller' AND NEW.state IN ('cree', 'actif'))
    EXECUTE FUNCTION opus_enforce_quota();
CREATE TRIGGER accounts_user_quota_update
    BEFORE UPDATE OF state, role, structure_id ON accounts_user
    FOR EACH ROW
    WHEN (
        NEW.role = 'conseiller' AND NEW.state IN ('cree', 'actif')
        AND (
            OLD.role <> 'conseiller' OR OLD.state NOT IN ('cree', 'actif')
            OR OLD.structure_id IS DISTINCT FROM NEW.structure_id
        )
    )
    EXECUTE FUNCTION opus_enforce_quota();
"""

# A letter once prepared is evidence: its text does not change, its row stays.
LETTERS_ARE_EVIDENCE = """
-- Refuses, with the sentence that the trigger brings. What is frozen lets its names go at
-- term (V9, V11): the purge alone may change it; rows still stay.
CREATE FUNCTION opus_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('opus.purging', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER accounts_letter_stays BEFORE DELETE ON accounts_letter
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une lettre ne s’efface pas : annulez-la.');
CREATE TRIGGER accounts_letter_frozen BEFORE UPDATE ON accounts_letter
    FOR EACH ROW WHEN (
        (OLD.kind, OLD.convention_id, OLD.nomination_id, OLD.rank, OLD.addressee,
         OLD.html, OLD.html_sha256, OLD.created_at, OLD.made_by_id)
        IS DISTINCT FROM
        (NEW.kind, NEW.convention_id, NEW.nomination_id, NEW.rank, NEW.addressee,
         NEW.html, NEW.html_sha256, NEW.created_at, NEW.made_by_id)
        OR (OLD.pdf IS NOT NULL AND OLD.pdf IS DISTINCT FROM NEW.pdf)
        OR (OLD.state = 'annule' AND NEW.state <> 'annule')
    )
    EXECUTE FUNCTION opus_refuse('Le texte d’une lettre préparée ne change plus.');
"""

# The quarterly confirmation, kept as evidence: what was answered does not change.
TEAM_REVIEWS = """
CREATE FUNCTION opus_freeze_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une confirmation trimestrielle répondue ne change plus.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_is_evidence';
END $$;
CREATE TRIGGER accounts_teamreview_frozen
    BEFORE UPDATE OR DELETE ON accounts_teamreview
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL)
    EXECUTE FUNCTION opus_freeze_review();
CREATE TRIGGER accounts_teamreviewanswer_frozen
    BEFORE UPDATE OR DELETE ON accounts_teamreviewanswer
    FOR EACH ROW EXECUTE FUNCTION opus_freeze_review();
"""

# An identifier belongs to one person for ever (art. 5.1, S12).
#
# No row of an account is deleted, and no identifier is changed, whoever writes: a closed
# account keeps its own, which the unique index then refuses to anybody else.
IDENTIFIERS_FOR_EVER = """
CREATE FUNCTION opus_keep_identifier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Un identifiant reste à la même personne : un compte se ferme, il ne se supprime pas (convention, art. 5.1).'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'identifier_for_ever';
END $$;
CREATE TRIGGER accounts_user_no_delete BEFORE DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION opus_keep_identifier();
CREATE TRIGGER accounts_user_same_identifier
    BEFORE UPDATE OF identifier ON accounts_user
    FOR EACH ROW WHEN (OLD.identifier IS DISTINCT FROM NEW.identifier)
    EXECUTE FUNCTION opus_keep_identifier();
"""

# The end of the parent holds that of its conventions, whoever writes (art. 13).
#
# The parent's end is part of a foreign key. A convention that is written meanwhile and
# a parent whose end moves wait for one another; where both cannot stand, one is refused.
PARENTS = """
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
"""

# Signed terms change by an amendment alone; the quota is that of the day (R9, R12).
AGREEMENTS = """
-- What annexe 2 allows on a day: the signed quota, then each amendment in turn. The
-- same rule as accounts/agreements/models/terms.py.
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
    FOR EACH ROW WHEN (NEW.state IN ('propose', 'confirme'))
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
        AND NEW.state IN ('preavis', 'resiliee')
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
        OR (OLD.convention_id, OLD.origin, OLD.breach_id, OLD.told_on, OLD.ends_on,
            OLD.at_once, OLD.proposed_by_id, OLD.proposed_at)
        IS DISTINCT FROM
           (NEW.convention_id, NEW.origin, NEW.breach_id, NEW.told_on, NEW.ends_on,
            NEW.at_once, NEW.proposed_by_id, NEW.proposed_at)
    )
    EXECUTE FUNCTION opus_refuse(
        'Une fin anticipée enregistrée ne change plus : abandonnez-la d’abord.');
CREATE TRIGGER accounts_ending_stays BEFORE DELETE ON accounts_ending
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une fin anticipée ne s’efface pas.');
CREATE TRIGGER accounts_breach_frozen BEFORE UPDATE ON accounts_breach
    FOR EACH ROW WHEN (
        OLD.state IN ('resilie', 'leve')
        OR (OLD.convention_id, OLD.reasons, OLD.facts, OLD.opened_by_id)
        IS DISTINCT FROM
           (NEW.convention_id, NEW.reasons, NEW.facts, NEW.opened_by_id)
    )
    EXECUTE FUNCTION opus_refuse('Les motifs notifiés ne changent plus.');
CREATE TRIGGER accounts_breach_stays BEFORE DELETE ON accounts_breach
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Un dossier de manquement ne s’efface pas.');
"""

# No way round four eyes, whoever writes (S28): ends and confirmations are held by
# PostgreSQL, not by the button that one presses.
FOUR_EYES = """
-- A convention ends before its term by an early end that two people confirmed, and by
-- nothing else; at its term, or after its notice, once its last day is over.
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
          AND (at_once OR (NEW.state = 'preavis' AND ends_on = NEW.ends_on))
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une convention prend fin à son terme, ou par une fin anticipée que deux personnes ont confirmée (art. 12).'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER accounts_convention_ends BEFORE UPDATE OF state ON accounts_convention
    FOR EACH ROW WHEN (
        OLD.state IN ('signee', 'preavis') AND NEW.state <> OLD.state
        AND NEW.state IN ('preavis', 'resiliee', 'expiree')
    )
    EXECUTE FUNCTION opus_guard_convention_ends();

-- Agents propose; an administrator decides (domain 5.7). By its name, it comes after the
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
"""

# What a review meeting keeps, whoever writes (art. 11).
#
# No meeting, no version of its minutes, no remark and no decision is erased or written
# over. Minutes and decisions are added while the meeting is held and not agreed on.
MEETINGS = """
CREATE TRIGGER accounts_reviewmeeting_stays BEFORE DELETE ON accounts_reviewmeeting
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Une réunion de suivi ne s’efface pas : annulez-la.');
CREATE TRIGGER accounts_reviewmeeting_frozen BEFORE UPDATE ON accounts_reviewmeeting
    FOR EACH ROW WHEN (
        OLD.convention_id <> NEW.convention_id
        OR (OLD.state <> 'planifiee' AND
            (OLD.held_on, OLD.attended, OLD.planned_on, OLD.place)
            IS DISTINCT FROM
            (NEW.held_on, NEW.attended, NEW.planned_on, NEW.place))
    )
    EXECUTE FUNCTION opus_refuse(
        'Le jour et les présents d’une réunion tenue ne changent plus : écrivez-le dans son compte rendu.');

-- The meeting's row is held: nobody agrees on it meanwhile.
CREATE FUNCTION opus_meeting_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands text;
BEGIN
    SELECT state INTO stands FROM accounts_reviewmeeting
        WHERE id = NEW.meeting_id FOR NO KEY UPDATE;
    IF stands IS DISTINCT FROM 'tenue' THEN
        RAISE EXCEPTION 'Le compte rendu et les décisions s’écrivent une fois la réunion tenue, et tant qu’ils ne sont pas validés.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_minutes_open BEFORE INSERT ON accounts_minutes
    FOR EACH ROW EXECUTE FUNCTION opus_meeting_is_open();
CREATE TRIGGER accounts_minutes_kept BEFORE UPDATE OR DELETE ON accounts_minutes
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Une version d’un compte rendu ne change pas : écrivez-en une autre.');
CREATE TRIGGER accounts_remark_open BEFORE INSERT ON accounts_remark
    FOR EACH ROW EXECUTE FUNCTION opus_meeting_is_open();
CREATE TRIGGER accounts_remark_kept BEFORE UPDATE OR DELETE ON accounts_remark
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une remarque ne change pas.');
CREATE TRIGGER accounts_decision_open BEFORE INSERT ON accounts_decision
    FOR EACH ROW EXECUTE FUNCTION opus_meeting_is_open();
CREATE TRIGGER accounts_decision_stays BEFORE DELETE ON accounts_decision
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Une décision ne s’efface pas : dites-la sans objet.');
CREATE TRIGGER accounts_decision_frozen BEFORE UPDATE ON accounts_decision
    FOR EACH ROW WHEN (
        (OLD.meeting_id, OLD.number, OLD.text, OLD.carrier, OLD.due_on)
        IS DISTINCT FROM
        (NEW.meeting_id, NEW.number, NEW.text, NEW.carrier, NEW.due_on)
        OR OLD.closed_on IS NOT NULL
    )
    EXECUTE FUNCTION opus_refuse(
        'Une décision ne change pas, et ne se clôt qu’une fois : dites-la sans objet et ajoutez-en une autre.');
"""

# A proposal stays as it was deposited, and so do France Travail's answers (art. 11).
SUGGESTIONS = """
CREATE TRIGGER accounts_suggestion_stays BEFORE DELETE ON accounts_suggestion
    FOR EACH ROW EXECUTE FUNCTION opus_refuse(
        'Une proposition d’évolution ne s’efface pas : retirez-la.');
CREATE TRIGGER accounts_suggestion_frozen BEFORE UPDATE ON accounts_suggestion
    FOR EACH ROW WHEN (
        (OLD.structure_id, OLD.author_id, OLD.area, OLD.title, OLD.text, OLD.deposited_at)
        IS DISTINCT FROM
        (NEW.structure_id, NEW.author_id, NEW.area, NEW.title, NEW.text, NEW.deposited_at)
    )
    EXECUTE FUNCTION opus_refuse('Une proposition déposée ne change plus.');
CREATE TRIGGER accounts_answer_kept BEFORE UPDATE OR DELETE ON accounts_answer
    FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une réponse donnée ne change plus.');
"""

# A name goes at term, by the purge; a held account keeps its own, whoever writes
# (V9, V11).
ERASED_NAMES = """
CREATE FUNCTION opus_erase_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('opus.purging', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'Un nom ne s’efface pas avant son terme : la purge s’en charge (convention, art. 10).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM accounts_accounthold
        WHERE account_id = OLD.id AND lifted_at IS NULL
            AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Ces données sont conservées pour un litige : levez d’abord la conservation.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_erased BEFORE UPDATE OF erased_at ON accounts_user
    FOR EACH ROW WHEN (OLD.erased_at IS DISTINCT FROM NEW.erased_at)
    EXECUTE FUNCTION opus_erase_account();
"""


class Migration(migrations.Migration):
    replaces = [
        ("accounts", "0002_guards"),
        ("accounts", "0006_letters_are_evidence"),
        ("accounts", "0014_identifiers_for_ever"),
        ("accounts", "0016_guard_of_alerts"),
        ("accounts", "0023_no_convention_outlives_its_parent"),
        ("accounts", "0027_guards_of_agreements"),
        ("accounts", "0030_four_eyes_whoever_writes"),
        ("accounts", "0033_guards_of_meetings"),
        ("accounts", "0034_guards_of_suggestions"),
        ("accounts", "0037_names_at_term"),
    ]

    dependencies = [("accounts", "0001_initial"), ("lib", "0002_journal_in_sql")]

    operations = [
        migrations.RunSQL(QUOTA),
        migrations.RunSQL(LETTERS_ARE_EVIDENCE),
        migrations.RunSQL(TEAM_REVIEWS),
        migrations.RunSQL(IDENTIFIERS_FOR_EVER),
        migrations.RunSQL(PARENTS),
        migrations.RunSQL(AGREEMENTS),
        migrations.RunSQL(FOUR_EYES),
        migrations.RunSQL(MEETINGS),
        migrations.RunSQL(SUGGESTIONS),
        migrations.RunSQL(ERASED_NAMES),
        # The tables of moves (R11).
        guard_moves(
            "accounts_user",
            {
                "actif": ["ferme", "suspendu"],
                "cree": ["actif", "ferme", "suspendu"],
                "suspendu": ["actif", "cree", "ferme"],
            },
        ),
        guard_moves(
            "accounts_convention",
            {
                "preavis": ["expiree", "resiliee"],
                "projet": ["signee"],
                "signee": ["expiree", "preavis", "resiliee"],
            },
        ),
        guard_moves(
            "accounts_factorreset",
            {
                "confirmee": ["arretee", "faite", "perimee"],
                "demandee": ["arretee", "confirmee", "faite", "perimee"],
            },
        ),
        guard_moves(
            "accounts_alert", {"nouvelle": ["prise", "close"], "prise": ["close"]}
        ),
        guard_moves(
            "accounts_nomination",
            {
                "accepte": ["abandonne", "en_fonction", "retire"],
                "en_fonction": ["absent", "parti", "retire"],
                "propose": ["abandonne", "accepte", "refuse"],
            },
        ),
        guard_moves("accounts_amendment", {"propose": ["abandonne", "confirme"]}),
        guard_moves("accounts_ending", {"propose": ["abandonne", "confirme"]}),
        guard_moves(
            "accounts_breach",
            {
                "maintenu": ["leve", "resilie"],
                "notifie": ["leve", "maintenu", "observe"],
                "observe": ["leve", "maintenu"],
                "ouvert": ["leve", "notifie"],
            },
        ),
        guard_moves(
            "accounts_reviewmeeting",
            {
                "planifiee": ["annulee", "tenue"],
                "tenue": ["validee"],
                "validee": ["tenue"],
            },
        ),
        guard_moves(
            "accounts_suggestion",
            {
                "deposee": ["ecartee", "etude", "retiree"],
                "etude": ["ecartee", "retenue"],
                "retenue": ["ecartee", "realisee"],
            },
        ),
    ]
