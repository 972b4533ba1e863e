"""No drift: it would let the clock of a device creep, code after code."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_limits_of_tries")]

    operations = [migrations.RemoveField(model_name="totpdevice", name="drift")]
