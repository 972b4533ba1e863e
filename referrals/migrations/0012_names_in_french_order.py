"""As for accounts: « É » stands with « E »."""

from django.db import migrations

from opus.lib.database.name_order import ByName


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0011_days_within_the_years"),
        ("offers", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="candidate",
            options={
                "ordering": (ByName("last_name"), ByName("first_name"), "pk"),
                "verbose_name": "candidat",
            },
        )
    ]
