"""A record's date follows each of its columns; those that say nothing are named."""

from django.db import migrations

# A hand-over to another adviser says nothing new of the person (V9).
SAY_NOTHING = (
    *("id", "structure_id", "adviser_id", "transfer_id"),
    *("created_at", "changed_at", "version"),
)
BEFORE = (
    *("first_name", "last_name", "ft_id", "email", "phone"),
    *("address", "postcode", "city", "commune_code"),
)


def dated(before: str, after: str) -> str:
    return f"""
    DROP TRIGGER referrals_candidate_dated ON referrals_candidate;
    CREATE TRIGGER referrals_candidate_dated BEFORE UPDATE ON referrals_candidate
        FOR EACH ROW WHEN ({before} IS DISTINCT FROM {after})
        EXECUTE FUNCTION opus_date_candidate();
    """


def record(row: str) -> str:
    return f"to_jsonb({row}) - ARRAY['{"', '".join(SAY_NOTHING)}']"


def columns(row: str) -> str:
    return f"({', '.join(f'{row}.{name}' for name in BEFORE)})"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_rules")]

    operations = [
        migrations.RunSQL(
            dated(record("OLD"), record("NEW")), dated(columns("OLD"), columns("NEW"))
        )
    ]
