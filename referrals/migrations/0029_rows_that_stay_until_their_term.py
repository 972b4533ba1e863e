"""Persons, acts, steps and documents go by the purge alone, and no held one goes (V11).

Two sheets that become one are the other case: ``referrals.actions.merge``.
"""

from django.db import migrations

TABLES = (
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
CREATE FUNCTION opus_keeps_who_is_held() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER referrals_candidate_held BEFORE DELETE ON referrals_candidate
    FOR EACH ROW EXECUTE FUNCTION opus_keeps_who_is_held();
"""
EACH_STAYS = "".join(
    f"""
CREATE TRIGGER referrals_{table}_stays BEFORE DELETE ON referrals_{table}
    FOR EACH ROW WHEN (
        current_setting('opus.letting_go', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION opus_stays_until_its_term();
"""
    for table in TABLES
)

UNDO_STAYS = (
    "".join(
        f"DROP TRIGGER referrals_{table}_stays ON referrals_{table};\n"
        for table in TABLES
    )
    + """
DROP TRIGGER referrals_candidate_held ON referrals_candidate;
DROP FUNCTION opus_keeps_who_is_held();
DROP FUNCTION opus_stays_until_its_term();
"""
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0028_past_acts")]

    operations = [
        migrations.RunSQL(STAYS + EACH_STAYS, UNDO_STAYS),
    ]
