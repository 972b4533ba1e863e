"""One prefix a structure, and identifiers that a hyphen does not tell apart (art. 5.1).

The indexes are made while the former release writes, outside a transaction. If one
fails, drop what it left: ``DROP INDEX`` and its name, then ``migrate`` again.
"""

from django.db import migrations, models
from django.db.models.functions import Replace, Upper

PREFIX = models.UniqueConstraint(
    Upper("identifier_prefix"),
    name="prefix_of_one_structure",
    violation_error_message="Une autre structure a déjà ce préfixe\xa0: choisissez-en un autre.",
)
IDENTIFIER = models.UniqueConstraint(
    Upper(Replace("identifier", models.Value("-"), models.Value(""))),
    name="identifier_read_as_one_person",
    violation_error_message="Cet identifiant appartient déjà à quelqu’un.",
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0005_neutral_sender_names")]

    operations = [
        migrations.RunSQL(
            """CREATE UNIQUE INDEX CONCURRENTLY prefix_of_one_structure
            ON accounts_structure (upper(identifier_prefix))""",
            "DROP INDEX CONCURRENTLY prefix_of_one_structure",
            state_operations=[migrations.AddConstraint("structure", PREFIX)],
        ),
        migrations.RunSQL(
            """CREATE UNIQUE INDEX CONCURRENTLY identifier_read_as_one_person
            ON accounts_user (upper(replace(identifier, '-', '')))""",
            "DROP INDEX CONCURRENTLY identifier_read_as_one_person",
            state_operations=[migrations.AddConstraint("user", IDENTIFIER)],
        ),
    ]
