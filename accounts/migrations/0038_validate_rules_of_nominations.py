"""The six rules of nominations that spared old rows hold every row.

Databases that were migrated before the squash have them ``NOT VALID``; those made since
have them valid, and this changes nothing there (ADR 13).
"""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

RULES = (
    "rgc_decided_in_writing",
    "rgc_refused_with_a_reason",
    "rgc_in_office_has_an_account",
    "rgc_appointed_by_two",
    "rgc_office_ends_on_a_day",
    "rgc_withdrawn_after_an_opinion",
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rules_in_sql")]

    operations = [ValidateConstraint("nomination", name) for name in RULES]
