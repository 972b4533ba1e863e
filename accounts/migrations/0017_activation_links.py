"""The first secret of RGC and staff is a link (art. 6, S9)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_guard_of_alerts")]

    operations = [
        migrations.AddField(
            model_name="firstaccess",
            name="kind",
            field=models.CharField(
                choices=[
                    ("fiche", "fiche remise par le RGC (art. 4.2)"),
                    ("lien", "lien d’activation envoyé par courriel (art. 6)"),
                ],
                default="fiche",
                max_length=10,
                verbose_name="remise",
            ),
        ),
        migrations.AddField(
            model_name="firstaccess",
            name="nonce",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AlterField(
            model_name="firstaccess",
            name="secret_hash",
            field=models.CharField(blank=True, editable=False, max_length=200),
        ),
        migrations.AddConstraint(
            model_name="firstaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "fiche"),
                        ("nonce", ""),
                        models.Q(("secret_hash", ""), _negated=True),
                    ),
                    models.Q(
                        ("kind", "lien"),
                        ("secret_hash", ""),
                        models.Q(("nonce", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="first_access_has_its_secret",
            ),
        ),
    ]
