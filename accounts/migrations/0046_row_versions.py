"""The rows that people edit have a number, raised at each change."""

from django.db import migrations, models

from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0003_number_of_changes"),
        ("accounts", "0045_names_show_whole"),
    ]

    operations = [
        migrations.AddField(
            model_name="accounthold",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="agency",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="convention",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="nomination",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="partnership",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="reviewmeeting",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="structure",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="user",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        raise_version(
            "accounts_accounthold",
            "accounts_agency",
            "accounts_convention",
            "accounts_nomination",
            "accounts_partnership",
            "accounts_reviewmeeting",
            "accounts_structure",
            "accounts_user",
        ),
    ]
