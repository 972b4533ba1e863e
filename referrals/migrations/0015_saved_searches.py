"""One table of saved searches, for oneself or for a person; watches leave."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

from opus.lib.database.versions import raise_version

LIMITS = """
-- Twenty for an account, five for a person, counted under lock of its row: two forms
-- sent at once do not make one more.
CREATE FUNCTION opus_limit_searches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_user WHERE id = NEW.account_id FOR NO KEY UPDATE;
    PERFORM 1 FROM referrals_candidate WHERE id = NEW.candidate_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM referrals_savedsearch
        WHERE account_id = NEW.account_id AND id <> NEW.id) >= 20
    OR (SELECT count(*) FROM referrals_savedsearch
        WHERE candidate_id = NEW.candidate_id AND id <> NEW.id) >= 5 THEN
        RAISE EXCEPTION 'Vingt recherches enregistrées au plus, cinq par personne.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'searches_within_limit';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_savedsearch_limit
    BEFORE INSERT OR UPDATE OF account_id, candidate_id ON referrals_savedsearch
    FOR EACH ROW EXECUTE FUNCTION opus_limit_searches();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0014_background_files"),
        # The table that this one replaces: their constraints have the same names.
        ("offers", "0008_saved_searches_leave"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.DeleteModel("Watch"),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "version",
                    models.PositiveIntegerField(
                        db_default=1, default=1, editable=False
                    ),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_searches",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_searches",
                        to="referrals.candidate",
                        verbose_name="candidat",
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=50, verbose_name="nom de la recherche"),
                ),
                (
                    "query",
                    models.CharField(
                        editable=False, max_length=2000, verbose_name="critères"
                    ),
                ),
                (
                    "alert",
                    models.CharField(
                        choices=[
                            ("aucune", "Aucun courriel"),
                            ("quotidienne", "Chaque jour à 7 h"),
                            ("immediate", "Dès qu’une offre arrive"),
                        ],
                        default="aucune",
                        max_length=12,
                        verbose_name="courriels d’alerte",
                    ),
                ),
                (
                    "muted_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sans courriel pour",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=Now(), verbose_name="enregistrée le"
                    ),
                ),
                (
                    "seen_until",
                    models.DateTimeField(
                        db_default=Now(), editable=False, verbose_name="vue jusqu’au"
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(
                        db_default=Now(), editable=False, verbose_name="ouverte le"
                    ),
                ),
                (
                    "notified_until",
                    models.DateTimeField(
                        db_default=Now(),
                        editable=False,
                        verbose_name="annoncée jusqu’au",
                    ),
                ),
                (
                    "emailed_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="dernier courriel le"
                    ),
                ),
            ],
            options={
                "verbose_name": "recherche enregistrée",
                "verbose_name_plural": "recherches enregistrées",
                "ordering": ("name", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(account__isnull=True)
                        ^ models.Q(candidate__isnull=True),
                        name="search_is_an_accounts_or_a_persons",
                    ),
                    models.UniqueConstraint(
                        models.F("account"),
                        models.Func(
                            models.F("name"),
                            function="opus_folded",
                            output_field=models.TextField(),
                        ),
                        condition=models.Q(account__isnull=False),
                        name="search_name_of_its_own",
                        violation_error_message="Une de vos recherches porte déjà ce "
                        "nom : donnez-en un autre.",
                    ),
                    models.UniqueConstraint(
                        fields=["candidate", "query"],
                        condition=models.Q(candidate__isnull=False),
                        name="one_search_for_a_person",
                        violation_error_message="Cette recherche est déjà enregistrée "
                        "pour cette personne.",
                    ),
                    models.CheckConstraint(
                        condition=~models.Q(name="") & ~models.Q(query=""),
                        name="search_has_name_and_criteria",
                        violation_error_message="Une recherche a un nom et des "
                        "critères.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            alert__in=["aucune", "quotidienne", "immediate"]
                        ),
                        name="search_alert_is_known",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["alert", "notified_until"],
                        condition=~models.Q(alert="aucune"),
                        name="search_alerts",
                    )
                ],
            },
        ),
        migrations.RunSQL(LIMITS),
        raise_version("referrals_savedsearch"),
    ]
