"""An alert moves along its table, whoever writes (R11)."""

from django.db import migrations

from opus.lib.states import guard_moves


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_alerts")]

    operations = [
        guard_moves(
            "accounts_alert", {"nouvelle": ["prise", "close"], "prise": ["close"]}
        )
    ]
