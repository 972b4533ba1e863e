"""A request of article 10: one person of its kind, verified and sealed by two (V12)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

ALONE = (
    "Vous avez enregistré cette demande pour une autre personne\xa0: un collègue "
    "vérifie l’identité, prépare la copie et la télécharge. Il faut être deux."
)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("support", "0017_days_within_the_years"),
    ]

    operations = [
        migrations.AddField(
            model_name="personfile",
            name="taken_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="téléchargé par",
            ),
        ),
        migrations.AddConstraint(
            model_name="personfile",
            constraint=models.CheckConstraint(
                condition=Q(taken_at=None, taken_by=None)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="person_file_went_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=Q(account=None) | Q(kind__in=["agent", "partenaire"]),
                name="rights_account_of_its_kind",
                violation_error_message="Un compte est celui d’un agent de France "
                "Travail ou d’une structure partenaire\xa0: cette demande est d’une "
                "autre personne.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=Q(check_done="connexion")
                | Q(checked_by=None)
                | ~Q(checked_by=F("recorded_by")),
                name="rights_checked_by_another",
                violation_error_message=ALONE,
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=~Q(check_done="connexion")
                | Q(account__isnull=False, checked_by__isnull=False)
                & Q(account=F("recorded_by"), checked_by=F("recorded_by")),
                name="rights_own_account",
                violation_error_message="Une demande faite par sa propre connexion "
                "porte sur le compte de cette personne, et sur aucun autre.",
            ),
        ),
    ]
