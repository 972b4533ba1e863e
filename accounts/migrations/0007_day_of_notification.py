"""The day when the structure was notified of the agreement on its RGC (4.1)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_one_vocabulary")]

    operations = [
        migrations.AddField(
            "nomination",
            "notified_on",
            models.DateField("accord notifié à la structure le", null=True, blank=True),
        )
    ]
