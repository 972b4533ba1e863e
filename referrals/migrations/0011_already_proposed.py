"""An act under way says that its offer is proposed already, once."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_one_vocabulary"),
        ("offers", "0005_posts_left_have_an_instant"),
        ("referrals", "0010_outcomes_of_the_offer"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="referral",
            name="one_live_referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ("proposee", "remise", "contact", "entretien"))
                ),
                fields=("offer", "candidate"),
                name="one_live_referral",
                violation_error_message="Cette offre est déjà proposée à ce candidat.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="screenedreferral",
            name="one_live_screened_referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "proposee",
                            "remise",
                            "a_examiner",
                            "complement",
                            "preselection",
                            "presentee",
                            "entretien",
                        ),
                    )
                ),
                fields=("offer", "candidate"),
                name="one_live_screened_referral",
                violation_error_message="Cette offre est déjà proposée à ce candidat.",
            ),
        ),
    ]
