"""Names of persons hold no character that does not show, whoever writes them."""

from django.db import migrations, models

HIDDEN = (
    r"[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ue000-\uf8ff\ufeff\ufff9-\ufffb]"
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_closed_accounts_wait_for_a_transfer")]

    operations = [
        migrations.AddConstraint(
            "candidate",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_name__regex", HIDDEN), _negated=True),
                    models.Q(("last_name__regex", HIDDEN), _negated=True),
                ),
                name="candidate_name_shows_whole",
                violation_error_message="Ce nom contient un signe qui ne se voit pas\u00a0"
                ": retapez-le.",
            ),
        )
    ]
