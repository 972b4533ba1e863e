"""A request is numbered when it is saved: the register has no gap (V12)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("support", "0002_rules")]

    operations = [
        migrations.AlterField(
            model_name="rightsrequest",
            name="number",
            field=models.CharField(
                editable=False, max_length=20, unique=True, verbose_name="numéro"
            ),
        )
    ]
