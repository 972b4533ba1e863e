"""The rows that people edit have a number, raised at each change."""

from django.db import migrations, models

from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0003_number_of_changes"),
        ("referrals", "0006_names_show_whole"),
    ]

    operations = [
        migrations.AddField(
            model_name="candidate",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="candidatehold",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="outcomecode",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="slot",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        raise_version(
            "referrals_candidate",
            "referrals_candidatehold",
            "referrals_outcomecode",
            "referrals_slot",
        ),
    ]
