"""Every day that people type is of a year that somebody may mean."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0010_days_in_their_order")]

    operations = [
        migrations.AddConstraint(
            model_name="candidatehold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ends_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    )
                ),
                name="candidatehold_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="cvrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "due_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "handed_over_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                ),
                name="cv_request_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "given_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    )
                ),
                name="consent_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    )
                ),
                name="outcome_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "handed_over_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    )
                ),
                name="referral_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="screenedreferral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "handed_over_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    )
                ),
                name="screened_referral_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "at__range",
                        (
                            datetime.datetime(1999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(2101, 1, 2, 0, 0, tzinfo=datetime.UTC),
                        ),
                    )
                ),
                name="slot_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="standin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ends_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                    (
                        "starts_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    ),
                ),
                name="stand_in_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="summons",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "at__range",
                        (
                            datetime.datetime(1999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(2101, 1, 2, 0, 0, tzinfo=datetime.UTC),
                        ),
                    )
                ),
                name="summons_at_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="summons",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "handed_over_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    )
                ),
                name="summons_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
    ]
