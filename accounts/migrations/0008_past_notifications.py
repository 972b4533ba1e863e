"""Offices that began before the day of notification was kept."""

from django.db import migrations

# The posting of the letter, where it is known and fits; else the first day of office,
# before which the structure knew.
PAST = """
UPDATE accounts_nomination AS nomination
SET notified_on = coalesce(
    (SELECT max(posted_on) FROM accounts_letter
     WHERE nomination_id = nomination.id AND kind = 'rgc_accord'
       AND posted_on BETWEEN nomination.decided_on AND nomination.office_on),
    office_on
)
WHERE office_on IS NOT NULL AND validated_on IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_day_of_notification")]

    operations = [migrations.RunSQL(PAST, migrations.RunSQL.noop)]
