from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_one_vocabulary")]

    operations = [
        migrations.AddField(
            model_name="export",
            name="key",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.UniqueConstraint(
                fields=("account", "key"), name="one_export_by_form"
            ),
        ),
    ]
