"""What PostgreSQL refuses of candidates, acts and what goes with them; act numbers."""

from django.db import migrations

from opus.lib.database.states import guard_moves

# Acts of all kinds are numbered together, and no number comes twice.
NUMBERS = """
CREATE SEQUENCE referrals_act_number;
"""

# One structure for an act and its candidate (S20).
SAME_STRUCTURE = """
ALTER TABLE referrals_referral ADD CONSTRAINT referral_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
ALTER TABLE referrals_screenedreferral ADD CONSTRAINT screenedreferral_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
ALTER TABLE referrals_cvrequest ADD CONSTRAINT cvrequest_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
ALTER TABLE referrals_summons ADD CONSTRAINT summons_candidate_same_structure
    FOREIGN KEY (candidate_id, structure_id)
    REFERENCES referrals_candidate (id, structure_id);
"""

# A closed account accompanies nobody (art. 4.2, domain 5.6), whoever writes.
#
# Both doors are held: an account does not close while candidates, and with them their
# acts, are its own; a candidate is not given to a closed account. The share lock makes
# the two wait for each other.
CLOSED_ACCOUNTS = """
CREATE FUNCTION opus_closes_with_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    followed integer;
BEGIN
    SELECT count(*) INTO followed FROM referrals_candidate WHERE adviser_id = NEW.id;
    IF followed > 0 THEN
        RAISE EXCEPTION 'Ce compte accompagne encore % personne(s) : confiez-les d’abord à quelqu’un d’autre.', followed
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_closes_with_nobody BEFORE UPDATE OF state ON accounts_user
    FOR EACH ROW WHEN (NEW.state = 'ferme' AND OLD.state <> 'ferme')
    EXECUTE FUNCTION opus_closes_with_nobody();

CREATE FUNCTION opus_adviser_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_state text;
BEGIN
    SELECT state INTO its_state FROM accounts_user WHERE id = NEW.adviser_id FOR SHARE;
    IF its_state = 'ferme' THEN
        RAISE EXCEPTION 'Un compte fermé n’accompagne personne.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_candidate_adviser_is_open
    BEFORE INSERT OR UPDATE OF adviser_id ON referrals_candidate
    FOR EACH ROW EXECUTE FUNCTION opus_adviser_is_open();
"""

# Places of slots are counted under lock of the slot; a closed slot takes nobody, and
# one that somebody took does not close (R11).
SLOTS = """
CREATE FUNCTION opus_slot_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    places integer;
    closed timestamptz;
    taken integer;
BEGIN
    SELECT capacity, closed_at INTO places, closed
        FROM referrals_slot WHERE id = NEW.slot_id FOR UPDATE;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'Ce créneau est fermé.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_is_open';
    END IF;
    SELECT count(*) INTO taken FROM referrals_summons
        WHERE slot_id = NEW.slot_id AND id <> NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner');
    IF taken >= places THEN
        RAISE EXCEPTION 'Ce créneau est complet.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_has_room';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_summons_slot_has_room
    BEFORE INSERT OR UPDATE OF slot_id, state ON referrals_summons
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL
        AND NEW.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner'))
    EXECUTE FUNCTION opus_slot_has_room();

CREATE FUNCTION opus_slot_keeps_its_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity < (
        SELECT count(*) FROM referrals_summons WHERE slot_id = NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a plus de personnes que de places.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_keeps_its_places';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_slot_keeps_its_places BEFORE UPDATE OF capacity
    ON referrals_slot FOR EACH ROW EXECUTE FUNCTION opus_slot_keeps_its_places();

CREATE FUNCTION opus_slot_closes_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_summons WHERE slot_id = NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a déjà été pris.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_closes_empty';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_slot_closes_empty BEFORE UPDATE OF closed_at
    ON referrals_slot FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL)
    EXECUTE FUNCTION opus_slot_closes_empty();
"""

# A caseload is confided within its structure, and no further (domain 5.6, S20).
STAND_INS = """
CREATE FUNCTION opus_stand_in_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Both accounts are held first: two that would make a chain come one by one.
    PERFORM FROM accounts_user WHERE id IN (NEW.owner_id, NEW.colleague_id)
        ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM accounts_user WHERE id IN (NEW.owner_id, NEW.colleague_id)
            AND structure_id IS DISTINCT FROM NEW.structure_id
    ) THEN
        RAISE EXCEPTION 'Le conseiller et son collègue sont de la même structure.'
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'stand_in_is_of_the_structure';
    END IF;
    IF EXISTS (
        SELECT FROM referrals_standin other
            WHERE other.ended_at IS NULL AND other.id <> NEW.id
            AND (other.owner_id = NEW.colleague_id
                OR other.colleague_id = NEW.owner_id)
            AND daterange(other.starts_on, other.ends_on, '[]')
                && daterange(NEW.starts_on, NEW.ends_on, '[]')
    ) THEN
        RAISE EXCEPTION 'Des suivis confiés ne se confient pas plus loin.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_is_no_chain';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_standin_fits BEFORE INSERT ON referrals_standin
    FOR EACH ROW EXECUTE FUNCTION opus_stand_in_fits();

CREATE FUNCTION opus_stand_in_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL
        OR (to_jsonb(NEW) - 'ended_at' - 'ended_by_id')
            IS DISTINCT FROM (to_jsonb(OLD) - 'ended_at' - 'ended_by_id')
    THEN
        RAISE EXCEPTION 'Des suivis confiés ne changent plus : ils se reprennent.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_only_ends';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_standin_only_ends BEFORE UPDATE ON referrals_standin
    FOR EACH ROW EXECUTE FUNCTION opus_stand_in_only_ends();
"""

# A consent tells what was said and when: only its withdrawal is added, once.
CONSENTS = """
CREATE TRIGGER referrals_mailconsent_frozen BEFORE UPDATE ON referrals_mailconsent
    FOR EACH ROW WHEN (
        (OLD.given_on, OLD.way, OLD.recorded_by_id, OLD.recorded_at)
        IS DISTINCT FROM
        (NEW.given_on, NEW.way, NEW.recorded_by_id, NEW.recorded_at)
        OR (OLD.withdrawn_at IS NOT NULL AND
            (OLD.withdrawn_at, OLD.withdrawn_by_id)
            IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by_id))
    )
    EXECUTE FUNCTION opus_refuse('Un accord enregistré ne change plus : il se retire.');
"""

# Whoever changes a sheet, its date follows (V9).
#
# A hand-over to another adviser says nothing new of the person and does not count.
DATES_OF_SHEETS = """
CREATE FUNCTION opus_date_candidate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at = now();
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_candidate_dated BEFORE UPDATE ON referrals_candidate
    FOR EACH ROW WHEN (
        (OLD.first_name, OLD.last_name, OLD.ft_id, OLD.email, OLD.phone, OLD.address,
         OLD.postcode, OLD.city, OLD.commune_code)
        IS DISTINCT FROM
        (NEW.first_name, NEW.last_name, NEW.ft_id, NEW.email, NEW.phone, NEW.address,
         NEW.postcode, NEW.city, NEW.commune_code)
    )
    EXECUTE FUNCTION opus_date_candidate();
"""

# Persons, acts, steps and documents go by the purge alone, and no held one goes (V11).
#
# Two sheets that become one are the other case: ``referrals.duplicates.actions``.
TABLES_THAT_STAY = (
    "candidate",
    "referral",
    "referralstep",
    "screenedreferral",
    "screenedreferralstep",
    "cvrequest",
    "cvrequeststep",
    "cvfile",
    "summons",
    "summonsstep",
    "outcome",
    "document",
    "easysheet",
    "voidsheet",
)
STAYS = """
CREATE FUNCTION opus_stays_until_its_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Ceci ne s’efface pas avant son terme : la purge s’en charge (convention, art. 10).'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION opus_keep_under_legal_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_candidatehold
        WHERE candidate_id = OLD.id AND lifted_at IS NULL
            AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Ces données sont conservées pour un litige : levez d’abord la conservation.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER referrals_candidate_legal_hold BEFORE DELETE ON referrals_candidate
    FOR EACH ROW EXECUTE FUNCTION opus_keep_under_legal_hold();
"""
EACH_STAYS = "".join(
    f"""
CREATE TRIGGER referrals_{table}_stays BEFORE DELETE ON referrals_{table}
    FOR EACH ROW WHEN (
        current_setting('opus.purging', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
"""
    for table in TABLES_THAT_STAY
)

# What a sheet said is never changed; it goes with the sheet (V14).
CORRECTIONS = """
CREATE FUNCTION opus_keep_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une rectification enregistrée ne se modifie pas.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_is_kept';
END $$;
-- Two sheets of one person become one: whose it is may change, what it says may not.
CREATE TRIGGER referrals_correction_is_kept
    BEFORE UPDATE OF gesture, field, before, after, reason, by_id, at
    ON referrals_correction FOR EACH ROW EXECUTE FUNCTION opus_keep_correction();
"""


class Migration(migrations.Migration):
    replaces = [
        ("referrals", "0002_guards"),
        ("referrals", "0005_closed_accounts_accompany_nobody"),
        ("referrals", "0011_guards_of_four_kinds"),
        ("referrals", "0013_slots_that_are_closed"),
        ("referrals", "0018_guards_of_stand_ins"),
        ("referrals", "0020_guard_of_consents"),
        ("referrals", "0027_date_changes_of_sheets"),
        ("referrals", "0029_rows_that_stay_until_their_term"),
        ("referrals", "0031_corrections_are_evidence"),
    ]

    dependencies = [
        ("referrals", "0002_first_outcome_codes"),
        ("accounts", "0002_rules_in_sql"),
        ("lib", "0002_journal_in_sql"),
    ]

    operations = [
        migrations.RunSQL(NUMBERS),
        migrations.RunSQL(SAME_STRUCTURE),
        migrations.RunSQL(CLOSED_ACCOUNTS),
        migrations.RunSQL(SLOTS),
        migrations.RunSQL(STAND_INS),
        migrations.RunSQL(CONSENTS),
        migrations.RunSQL(DATES_OF_SHEETS),
        migrations.RunSQL(STAYS + EACH_STAYS),
        migrations.RunSQL(CORRECTIONS),
        # The tables of moves (R11).
        guard_moves(
            "referrals_referral",
            {
                "contact": ["annulee", "entretien", "terminee"],
                "entretien": ["annulee", "terminee"],
                "proposee": ["annulee", "remise"],
                "remise": ["annulee", "contact", "entretien", "terminee"],
                "terminee": ["contact", "entretien", "remise"],
            },
        ),
        guard_moves(
            "referrals_screenedreferral",
            {
                "a_examiner": ["annulee", "complement", "ecartee", "preselection"],
                "complement": ["a_examiner", "annulee"],
                "ecartee": ["a_examiner"],
                "entretien": ["annulee", "terminee"],
                "preselection": ["annulee", "presentee", "terminee"],
                "presentee": ["annulee", "entretien", "terminee"],
                "proposee": ["annulee", "remise"],
                "remise": ["a_examiner", "annulee"],
                "terminee": ["entretien", "preselection", "presentee"],
            },
        ),
        guard_moves(
            "referrals_cvrequest",
            {
                "demandee": ["annulee", "relancee", "remise", "sans_cv"],
                "recu": ["annulee", "transmis"],
                "relancee": ["annulee", "recu", "remise", "sans_cv"],
                "remise": ["annulee", "recu", "relancee", "sans_cv"],
                "sans_cv": ["recu"],
                "transmis": ["annulee", "non_retenu", "retenu"],
            },
        ),
        guard_moves(
            "referrals_summons",
            {
                "a_renseigner": ["absent", "annulee", "effectuee"],
                "effectuee": ["non_retenu", "retenu"],
                "modifiee": ["a_renseigner", "annulee", "remise"],
                "planifiee": ["a_renseigner", "annulee", "modifiee", "remise"],
                "remise": ["a_renseigner", "annulee", "modifiee"],
            },
        ),
    ]
