"""An account closed long ago has no name any more, and keeps its identifier (V9)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0035_litigation_holds")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="erased_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="nom effacé le"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("email", ""),
                        ("first_name", ""),
                        ("function", ""),
                        ("last_name", ""),
                        ("phone", ""),
                        ("state", "ferme"),
                    ),
                    _connector="OR",
                ),
                name="erased_account_has_no_name",
            ),
        ),
    ]
