from django.db import migrations, models


class Versioned(models.Model):
    """Base of the models that people edit (``opus.lib.forms.edit_forms``)."""

    # Raised by a trigger (``raise_version``).
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        abstract = True


def raise_version(*tables: str) -> migrations.RunSQL:
    """Return the migration step whose trigger raises each row's version."""
    return migrations.RunSQL(
        [
            f"CREATE TRIGGER {table}_version BEFORE UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION opus_raise_version()"
            for table in tables
        ],
        [f"DROP TRIGGER {table}_version ON {table}" for table in tables],
    )
