"""The quota and the tables of moves, held by PostgreSQL whoever writes (R9, R11)."""

from django.db import migrations

from opus.lib.states import guard_moves

# The second line behind ``accounts.actions``: it locks the convention, then counts.
QUOTA = """
CREATE FUNCTION opus_hold_quota() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
    allowed integer;
    counted integer;
BEGIN
    SELECT quota INTO allowed FROM accounts_convention
        WHERE structure_id = NEW.structure_id AND state IN ('signee', 'preavis')
        ORDER BY today BETWEEN starts_on AND ends_on DESC, starts_on DESC
        LIMIT 1 FOR NO KEY UPDATE;
    SELECT count(*) INTO counted FROM accounts_user
        WHERE structure_id = NEW.structure_id AND role = 'conseiller'
          AND state IN ('cree', 'actif') AND id <> NEW.id;
    IF counted >= coalesce(allowed, 0) THEN
        RAISE EXCEPTION 'Quota atteint : % comptes actifs sur %.',
            counted, coalesce(allowed, 0)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_within_quota';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_quota_insert BEFORE INSERT ON accounts_user
    FOR EACH ROW
    WHEN (NEW.role = 'conseiller' AND NEW.state IN ('cree', 'actif'))
    EXECUTE FUNCTION opus_hold_quota();
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
    EXECUTE FUNCTION opus_hold_quota();

CREATE FUNCTION opus_hold_lowered_quota() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted integer;
BEGIN
    SELECT count(*) INTO counted FROM accounts_user
        WHERE structure_id = NEW.structure_id AND role = 'conseiller'
          AND state IN ('cree', 'actif');
    IF counted > NEW.quota THEN
        RAISE EXCEPTION 'Quota trop bas : % comptes sont actifs.', counted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_within_quota';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_convention_lowered_quota
    BEFORE UPDATE OF quota ON accounts_convention
    FOR EACH ROW
    WHEN (NEW.quota < OLD.quota AND NEW.state IN ('signee', 'preavis'))
    EXECUTE FUNCTION opus_hold_lowered_quota();
"""

UNDO_QUOTA = """
DROP TRIGGER accounts_convention_lowered_quota ON accounts_convention;
DROP TRIGGER accounts_user_quota_update ON accounts_user;
DROP TRIGGER accounts_user_quota_insert ON accounts_user;
DROP FUNCTION opus_hold_lowered_quota();
DROP FUNCTION opus_hold_quota();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_structures_and_accounts"),
        ("lib", "0001_audit_journal"),
    ]

    operations = [
        migrations.RunSQL(QUOTA, UNDO_QUOTA),
        guard_moves(
            "accounts_user",
            {
                "cree": ["actif", "ferme", "suspendu"],
                "actif": ["ferme", "suspendu"],
                "suspendu": ["actif", "cree", "ferme"],
            },
        ),
        guard_moves(
            "accounts_convention",
            {
                "projet": ["signee"],
                "signee": ["expiree", "preavis", "resiliee"],
                "preavis": ["expiree", "resiliee"],
            },
        ),
        guard_moves(
            "accounts_nomination",
            {
                "propose": ["accepte", "refuse"],
                "accepte": ["en_fonction", "parti"],
                "en_fonction": ["parti", "retire"],
            },
        ),
    ]
