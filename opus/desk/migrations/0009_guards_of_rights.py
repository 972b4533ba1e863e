"""A request for one's rights moves along its table, whoever writes (R11)."""

from django.db import migrations

from opus.lib.states import guard_moves


class Migration(migrations.Migration):
    dependencies = [("desk", "0008_rights_requests")]

    operations = [
        guard_moves(
            "desk_rightsrequest",
            {
                "recue": ["verifiee", "refusee"],
                "verifiee": ["en_cours"],
                "en_cours": ["repondue", "refusee"],
            },
        )
    ]
