"""Searches that advisers keep, twenty each; the offers that they opened of late."""

import uuid

import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import offers.models.searches

FOLDING = """
-- What makes two names of searches the same: neither case nor accents tell them apart.
CREATE FUNCTION opus_folded(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));
"""

GUARDS = """
-- Twenty an account, counted under lock of its row: two forms sent at once do not make
-- twenty-one.
CREATE FUNCTION opus_hold_searches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_user WHERE id = NEW.account_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM offers_savedsearch
        WHERE account_id = NEW.account_id AND id <> NEW.id) >= 20 THEN
        RAISE EXCEPTION 'Vingt recherches enregistrées au plus.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'searches_within_twenty';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER offers_savedsearch_twenty
    BEFORE INSERT OR UPDATE OF account_id ON offers_savedsearch
    FOR EACH ROW EXECUTE FUNCTION opus_hold_searches();

-- Withdrawn is gone from what people opened of late, in that transaction (R1, U6).
CREATE FUNCTION opus_forget_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM offers_seenoffer s USING gone g WHERE s.offer_id = g.offer_id;
    RETURN NULL;
END $$;
CREATE TRIGGER offers_offersearch_forget AFTER DELETE ON offers_offersearch
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION opus_forget_seen();

-- Until when everything that came in can be seen: rows are dated when they are written,
-- and seen once committed. So the start of the oldest transaction that is writing. What
-- this backend saw of the others may be as old as its transaction: it looks anew. The
-- margin is for one that has begun and not written yet: it is no writer to be known.
CREATE FUNCTION opus_settled_until(margin interval) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    before timestamptz := clock_timestamp() - margin;
BEGIN
    PERFORM pg_stat_clear_snapshot();
    RETURN least(before, (
        SELECT min(xact_start) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_xid IS NOT NULL
    ));
END $$;
"""

UNDO_GUARDS = """
DROP FUNCTION opus_settled_until(interval);
DROP TRIGGER offers_offersearch_forget ON offers_offersearch;
DROP FUNCTION opus_forget_seen();
DROP TRIGGER offers_savedsearch_twenty ON offers_savedsearch;
DROP FUNCTION opus_hold_searches();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0013_pull"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(FOLDING, "DROP FUNCTION opus_folded(text)"),
        migrations.CreateModel(
            name="SeenOffer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "offer_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="ouverte le",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=models.CASCADE,
                        related_name="+",
                        to="offers.offer",
                    ),
                ),
            ],
            options={
                "verbose_name": "offre vue",
                "verbose_name_plural": "offres vues",
                "ordering": ("-at", "offer"),
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
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
                            ("aucune", "Aucun e-mail"),
                            ("quotidienne", "Chaque jour à 7 h"),
                            ("immediate", "Dès qu’une offre arrive"),
                        ],
                        default="aucune",
                        max_length=12,
                        verbose_name="e-mails d’alerte",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="enregistrée le",
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="ouverte le",
                    ),
                ),
                (
                    "told_until",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="annoncée jusqu’au",
                    ),
                ),
                (
                    "letter_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="dernier e-mail le"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="saved_searches",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "recherche enregistrée",
                "verbose_name_plural": "recherches enregistrées",
                "ordering": ("name", "pk"),
                "indexes": [
                    models.Index(
                        condition=~models.Q(alert="aucune"),
                        fields=["alert", "told_until"],
                        name="search_alerts",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("account"),
                        offers.models.searches.Folded(models.F("name")),
                        name="search_name_of_its_own",
                        violation_error_message="Une de vos recherches porte déjà ce "
                        "nom : donnez-en un autre.",
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
            },
        ),
        migrations.RunSQL(GUARDS, UNDO_GUARDS),
    ]
