"""The rows that people edit have a number, raised at each change."""

from django.db import migrations, models

from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0003_number_of_changes"),
        ("support", "0012_names_show_whole"),
    ]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="certifiedbrowser",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="guide",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="incident",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="plannedwork",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="question",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="rightsrequest",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="survey",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        raise_version(
            "support_announcement",
            "support_certifiedbrowser",
            "support_guide",
            "support_incident",
            "support_plannedwork",
            "support_question",
            "support_rightsrequest",
            "support_survey",
        ),
    ]
