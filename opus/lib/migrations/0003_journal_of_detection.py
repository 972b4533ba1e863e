"""What detection needs of each line: which persons, who lives far, which session."""

import django.contrib.postgres.fields
from django.db import migrations, models

COLUMNS = """
ALTER TABLE lib_auditentry
    ADD COLUMN person_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN far_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN session varchar(16) NOT NULL DEFAULT '',
    ADD CONSTRAINT persons_are_counted
        CHECK (cardinality(person_ids) IN (0, persons)),
    ADD CONSTRAINT far_ones_are_among_them CHECK (far_ids <@ person_ids);
"""

UNDO_COLUMNS = """
ALTER TABLE lib_auditentry
    DROP COLUMN person_ids, DROP COLUMN far_ids, DROP COLUMN session;
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0002_outbox")]

    operations = [
        migrations.RunSQL(
            COLUMNS,
            UNDO_COLUMNS,
            state_operations=[
                migrations.AddField(
                    "auditentry",
                    "person_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                migrations.AddField(
                    "auditentry",
                    "far_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                migrations.AddField(
                    "auditentry",
                    "session",
                    models.CharField(blank=True, max_length=16, verbose_name="session"),
                ),
            ],
        )
    ]
