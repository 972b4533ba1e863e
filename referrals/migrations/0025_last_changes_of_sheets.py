"""When a sheet was last changed: the term of its person counts from there (V9)."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0024_litigation_holds")]

    operations = [
        migrations.AddField(
            model_name="candidate",
            name="changed_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                editable=False,
                verbose_name="modifié le",
            ),
        ),
    ]
