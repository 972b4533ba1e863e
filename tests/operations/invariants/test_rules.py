"""The rules in the database are the tracked ones, and a change by hand is noticed."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.tables import as_owner

pytestmark = pytest.mark.django_db

CHANGES = [
    "DROP TRIGGER accounts_letter_frozen ON accounts_letter",
    "ALTER TABLE accounts_letter DISABLE TRIGGER accounts_letter_frozen",
    "CREATE OR REPLACE FUNCTION opus_freeze_review() RETURNS trigger"
    " LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "CREATE TRIGGER one_more BEFORE DELETE ON accounts_letter"
    " FOR EACH ROW EXECUTE FUNCTION opus_freeze_review()",
]


def test_a_migrated_database_has_the_tracked_rules():
    """After a change: ``bin/manage check_rules --write``."""
    call_command("check_rules")


@pytest.mark.plants_defects
@pytest.mark.parametrize("change", CHANGES)
def test_a_rule_changed_by_hand_is_noticed(change):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(change)

    with pytest.raises(CommandError, match="database"):
        call_command("check_rules")
