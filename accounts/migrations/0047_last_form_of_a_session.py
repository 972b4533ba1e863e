"""The same form sent twice acts once: what a session remembers of its last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0046_row_versions")]

    operations = [
        migrations.AddField(
            model_name="opensession",
            name="last_answer",
            field=models.CharField(
                blank=True, db_default="", editable=False, max_length=2000
            ),
        ),
        migrations.AddField(
            model_name="opensession",
            name="last_form",
            field=models.CharField(
                blank=True, db_default="", editable=False, max_length=64
            ),
        ),
        migrations.AddField(
            model_name="opensession",
            name="last_form_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
