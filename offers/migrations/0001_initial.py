"""Offers, their search, their three ways in: the tables, as the models say."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from opus.lib.database.migration_operations import CreateModels, run_sql


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0001_initial")]

    operations = [
        # The tables index by these functions.
        run_sql(__file__, "words"),
        run_sql(__file__, "job_names"),
        CreateModels(
            operations=[
                migrations.CreateModel(
                    name="ImportRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "started_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="commencé le",
                            ),
                        ),
                        (
                            "ended_at",
                            models.DateTimeField(null=True, verbose_name="terminé le"),
                        ),
                        (
                            "files",
                            models.JSONField(default=list, verbose_name="fichiers"),
                        ),
                        (
                            "is_snapshot",
                            models.BooleanField(
                                default=False, verbose_name="image complète"
                            ),
                        ),
                        (
                            "read",
                            models.PositiveIntegerField(default=0, verbose_name="lues"),
                        ),
                        (
                            "created",
                            models.PositiveIntegerField(
                                default=0, verbose_name="créées"
                            ),
                        ),
                        (
                            "updated",
                            models.PositiveIntegerField(
                                default=0, verbose_name="modifiées"
                            ),
                        ),
                        (
                            "unchanged",
                            models.PositiveIntegerField(
                                default=0, verbose_name="inchangées"
                            ),
                        ),
                        (
                            "withdrawn",
                            models.PositiveIntegerField(
                                default=0, verbose_name="retirées"
                            ),
                        ),
                        (
                            "rejected",
                            models.PositiveIntegerField(
                                default=0, verbose_name="rejetées"
                            ),
                        ),
                        (
                            "swapped",
                            models.PositiveIntegerField(
                                default=0, verbose_name="coordonnées remises en ordre"
                            ),
                        ),
                        (
                            "placeless",
                            models.PositiveIntegerField(
                                default=0, verbose_name="sans lieu précis"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "import d’offres",
                        "verbose_name_plural": "imports d’offres",
                        "ordering": ("-started_at",),
                    },
                ),
                migrations.CreateModel(
                    name="MissedWord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "words",
                            models.CharField(
                                max_length=80, unique=True, verbose_name="mots"
                            ),
                        ),
                        (
                            "on",
                            models.DateField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mot sans réponse",
                        "verbose_name_plural": "mots sans réponse",
                        "ordering": ("-on", "words"),
                    },
                ),
                migrations.CreateModel(
                    name="Offer",
                    fields=[
                        (
                            "reference",
                            models.CharField(
                                max_length=20,
                                primary_key=True,
                                serialize=False,
                                verbose_name="n° d’offre",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("active", "active"),
                                    ("suspendue", "suspendue"),
                                    ("annulee", "annulée"),
                                    ("pourvue", "pourvue"),
                                    ("absente", "absente de la source"),
                                ],
                                default="active",
                                max_length=12,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "state_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="dans cet état depuis",
                            ),
                        ),
                        (
                            "title",
                            models.CharField(max_length=300, verbose_name="intitulé"),
                        ),
                        (
                            "description",
                            models.TextField(blank=True, verbose_name="description"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="créée le")),
                        (
                            "updated_at",
                            models.DateTimeField(verbose_name="actualisée le"),
                        ),
                        (
                            "rome_code",
                            models.CharField(
                                blank=True, max_length=5, verbose_name="code ROME"
                            ),
                        ),
                        (
                            "rome_label",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="métier"
                            ),
                        ),
                        (
                            "appellation",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="appellation"
                            ),
                        ),
                        (
                            "company",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="entreprise"
                            ),
                        ),
                        (
                            "contract",
                            models.CharField(
                                blank=True, max_length=3, verbose_name="contrat (code)"
                            ),
                        ),
                        (
                            "contract_label",
                            models.CharField(
                                blank=True, max_length=120, verbose_name="contrat"
                            ),
                        ),
                        (
                            "nature",
                            models.CharField(
                                blank=True, max_length=2, verbose_name="nature (code)"
                            ),
                        ),
                        (
                            "nature_label",
                            models.CharField(
                                blank=True,
                                max_length=80,
                                verbose_name="nature du contrat",
                            ),
                        ),
                        (
                            "experience",
                            models.CharField(
                                blank=True,
                                max_length=1,
                                verbose_name="expérience (code)",
                            ),
                        ),
                        (
                            "experience_label",
                            models.CharField(
                                blank=True, max_length=120, verbose_name="expérience"
                            ),
                        ),
                        (
                            "hours_label",
                            models.CharField(
                                blank=True,
                                max_length=120,
                                verbose_name="durée du travail",
                            ),
                        ),
                        (
                            "weekly_hours",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=4,
                                null=True,
                                verbose_name="heures par semaine",
                            ),
                        ),
                        (
                            "full_time",
                            models.BooleanField(null=True, verbose_name="temps plein"),
                        ),
                        (
                            "salary_label",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="salaire"
                            ),
                        ),
                        (
                            "posts",
                            models.PositiveIntegerField(
                                null=True, verbose_name="postes"
                            ),
                        ),
                        (
                            "accessible_th",
                            models.BooleanField(
                                null=True,
                                verbose_name="accessible aux travailleurs handicapés",
                            ),
                        ),
                        (
                            "few_candidates",
                            models.BooleanField(
                                null=True, verbose_name="peu de candidats"
                            ),
                        ),
                        (
                            "permits",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=4),
                                null=True,
                                verbose_name="permis",
                            ),
                        ),
                        (
                            "skills",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(),
                                null=True,
                                verbose_name="compétences (codes)",
                            ),
                        ),
                        (
                            "training",
                            models.PositiveSmallIntegerField(
                                help_text="0, 2, puis de 3 (CAP) à 7 (Bac+5).",
                                null=True,
                                verbose_name="formation (niveau)",
                            ),
                        ),
                        (
                            "is_cadre",
                            models.BooleanField(null=True, verbose_name="cadre"),
                        ),
                        (
                            "pay_least",
                            models.PositiveIntegerField(
                                null=True, verbose_name="salaire brut par mois, de"
                            ),
                        ),
                        (
                            "pay_most",
                            models.PositiveIntegerField(
                                null=True, verbose_name="salaire brut par mois, à"
                            ),
                        ),
                        (
                            "contract_months",
                            models.DecimalField(
                                decimal_places=1,
                                max_digits=5,
                                null=True,
                                verbose_name="durée du contrat (mois)",
                            ),
                        ),
                        (
                            "adapted",
                            models.BooleanField(
                                null=True, verbose_name="entreprise adaptée"
                            ),
                        ),
                        (
                            "handi_engaged",
                            models.BooleanField(
                                null=True, verbose_name="employeur handi-engagé"
                            ),
                        ),
                        (
                            "sector",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=2,
                                verbose_name="secteur (division NAF)",
                            ),
                        ),
                        (
                            "from_partner",
                            models.BooleanField(
                                null=True, verbose_name="publiée par un partenaire"
                            ),
                        ),
                        (
                            "place_label",
                            models.CharField(
                                blank=True, max_length=120, verbose_name="lieu"
                            ),
                        ),
                        (
                            "commune_code",
                            models.CharField(
                                blank=True, max_length=5, verbose_name="code INSEE"
                            ),
                        ),
                        (
                            "postcode",
                            models.CharField(
                                blank=True, max_length=5, verbose_name="code postal"
                            ),
                        ),
                        (
                            "department",
                            models.CharField(
                                blank=True, max_length=3, verbose_name="département"
                            ),
                        ),
                        (
                            "region",
                            models.CharField(
                                blank=True, max_length=2, verbose_name="région"
                            ),
                        ),
                        ("latitude", models.FloatField(null=True)),
                        ("longitude", models.FloatField(null=True)),
                        (
                            "place_source",
                            models.CharField(
                                choices=[
                                    ("fourni", "coordonnées de l’offre"),
                                    (
                                        "inverse",
                                        "coordonnées inversées, remises en ordre",
                                    ),
                                    ("commune", "point de la commune"),
                                    ("code_postal", "point du code postal"),
                                    ("aucun", "sans lieu précis"),
                                ],
                                default="aucun",
                                max_length=12,
                                verbose_name="lieu trouvé par",
                            ),
                        ),
                        (
                            "published",
                            models.BooleanField(
                                default=True, verbose_name="publiée ailleurs"
                            ),
                        ),
                        (
                            "preselection",
                            models.BooleanField(
                                default=False, verbose_name="avec présélection"
                            ),
                        ),
                        (
                            "delegated",
                            models.BooleanField(
                                default=False, verbose_name="mise en relation déléguée"
                            ),
                        ),
                        (
                            "mode_declared",
                            models.BooleanField(
                                default=False,
                                help_text="Faux : le mode est déduit du contenu de l’offre.",
                                verbose_name="mode déclaré par France Travail",
                            ),
                        ),
                        (
                            "agency_safir",
                            models.CharField(
                                blank=True, max_length=5, verbose_name="agence (SAFIR)"
                            ),
                        ),
                        (
                            "posts_left",
                            models.PositiveIntegerField(
                                null=True, verbose_name="postes restants"
                            ),
                        ),
                        (
                            "posts_left_at",
                            models.DateTimeField(
                                editable=False,
                                null=True,
                                verbose_name="postes restants connus le",
                            ),
                        ),
                        (
                            "content_sequence",
                            models.DecimalField(
                                decimal_places=0,
                                editable=False,
                                max_digits=38,
                                null=True,
                                verbose_name="n° d’évènement du contenu",
                            ),
                        ),
                        (
                            "state_sequence",
                            models.DecimalField(
                                decimal_places=0,
                                editable=False,
                                max_digits=38,
                                null=True,
                                verbose_name="n° d’évènement de l’état",
                            ),
                        ),
                        (
                            "mode_sequence",
                            models.DecimalField(
                                decimal_places=0,
                                editable=False,
                                max_digits=38,
                                null=True,
                                verbose_name="n° d’évènement du mode",
                            ),
                        ),
                        (
                            "mode_at",
                            models.DateTimeField(
                                null=True, verbose_name="mode déclaré le"
                            ),
                        ),
                        (
                            "details",
                            models.JSONField(
                                default=dict, verbose_name="autres rubriques"
                            ),
                        ),
                        ("skills_text", models.TextField(blank=True)),
                        (
                            "contacts",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.TextField(),
                                null=True,
                                verbose_name="coordonnées dans les textes",
                            ),
                        ),
                        ("content_hash", models.BinaryField(max_length=32)),
                        (
                            "imported_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="reçue le",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "offre",
                        "ordering": ("-created_at", "reference"),
                        "indexes": [
                            models.Index(fields=["agency_safir"], name="offer_agency")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "active",
                                            "suspendue",
                                            "annulee",
                                            "pourvue",
                                            "absente",
                                        ],
                                    )
                                ),
                                name="offer_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("preselection", True),
                                    ("delegated", False),
                                    _connector="OR",
                                ),
                                name="only_preselection_is_delegated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OfferDocument",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("attente", "en attente"),
                                    ("en_cours", "en préparation"),
                                    ("pret", "prêt"),
                                    ("echec", "échec"),
                                    ("annule", "annulé"),
                                ],
                                default="attente",
                                max_length=10,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="établi le",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(null=True, verbose_name="prêt le"),
                        ),
                        ("content", models.BinaryField(null=True)),
                        (
                            "size",
                            models.PositiveIntegerField(
                                null=True, verbose_name="taille"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="essais"
                            ),
                        ),
                        (
                            "next_attempt_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="prochain essai",
                            ),
                        ),
                        (
                            "failure",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "droits",
                                        "vos droits ont changé depuis votre demande",
                                    ),
                                    (
                                        "imprimante",
                                        "l’outil d’impression manque sur le serveur",
                                    ),
                                    ("duree", "la préparation a pris trop de temps"),
                                    ("panne", "la préparation s’est arrêtée"),
                                ],
                                db_default="",
                                max_length=10,
                                verbose_name="cause de l’échec",
                            ),
                        ),
                        ("html", models.TextField(editable=False)),
                        (
                            "html_sha256",
                            models.CharField(
                                editable=False, max_length=64, verbose_name="empreinte"
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="documents",
                                to="offers.offer",
                                verbose_name="offre",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fiche d’information",
                        "verbose_name_plural": "fiches d’information",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="offerdocument_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "attente",
                                            "en_cours",
                                            "pret",
                                            "echec",
                                            "annule",
                                        ],
                                    )
                                ),
                                name="offerdocument_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "pret"), _negated=True),
                                    models.Q(
                                        ("content__isnull", False),
                                        ("ready_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="offerdocument_is_ready_with_its_file",
                            ),
                            models.UniqueConstraint(
                                fields=("offer", "html_sha256"),
                                name="one_document_for_a_content",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OfferStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "origin",
                            models.CharField(
                                blank=True, max_length=12, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=12, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="offers.offer",
                                verbose_name="offre",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "changement d’état d’une offre",
                        "verbose_name_plural": "changements d’état des offres",
                        "ordering": ("at", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="PendingOffer",
                    fields=[
                        (
                            "reference",
                            models.CharField(
                                max_length=20,
                                primary_key=True,
                                serialize=False,
                                verbose_name="n° d’offre",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("active", "active"),
                                    ("suspendue", "suspendue"),
                                    ("annulee", "annulée"),
                                    ("pourvue", "pourvue"),
                                    ("absente", "absente de la source"),
                                ],
                                max_length=12,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "state_sequence",
                            models.DecimalField(
                                decimal_places=0,
                                max_digits=38,
                                verbose_name="n° d’ordre",
                            ),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="depuis",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "offre sans contenu",
                        "verbose_name_plural": "offres sans contenu",
                        "ordering": ("at", "reference"),
                    },
                ),
                migrations.CreateModel(
                    name="PullFinding",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="n° d’offre"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("manquait", "manquait à Opus : créée"),
                                    ("modifiee", "plus récente dans l’API : modifiée"),
                                    (
                                        "introuvable",
                                        "introuvable dans l’API : second regard à venir",
                                    ),
                                    ("absente", "introuvable deux fois : à retirer"),
                                    ("retiree", "introuvable deux fois : retirée"),
                                    (
                                        "epargnee",
                                        "introuvable, mais un évènement en a parlé depuis",
                                    ),
                                    ("retrouvee", "retrouvée au second regard"),
                                    (
                                        "tenue",
                                        "visible dans l’API, retirée par un évènement : reste retirée",
                                    ),
                                    ("rejetee", "illisible comme offre"),
                                ],
                                max_length=12,
                                verbose_name="écart",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, max_length=300, verbose_name="motif"
                            ),
                        ),
                        (
                            "raw",
                            models.TextField(blank=True, verbose_name="texte reçu"),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="offers.pullrun",
                                verbose_name="relève",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "écart",
                        "verbose_name_plural": "écarts avec l’API",
                        "ordering": ("-at", "-pk"),
                        "indexes": [
                            models.Index(fields=["run", "kind"], name="finding_kind")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("reference", ""), _negated=True),
                                fields=("run", "reference"),
                                name="one_finding_by_offer",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PullRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("nouveautes", "nouveautés"),
                                    ("comparaison", "comparaison complète"),
                                ],
                                max_length=12,
                                verbose_name="relève",
                            ),
                        ),
                        (
                            "started_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now,
                                verbose_name="commencée le",
                            ),
                        ),
                        (
                            "ended_at",
                            models.DateTimeField(null=True, verbose_name="terminée le"),
                        ),
                        (
                            "covers_from",
                            models.DateTimeField(
                                verbose_name="offres créées depuis le"
                            ),
                        ),
                        ("covers_to", models.DateTimeField(verbose_name="jusqu’au")),
                        ("read_to", models.DateTimeField(verbose_name="lues jusqu’au")),
                        ("step", models.DurationField(verbose_name="fenêtre")),
                        (
                            "resume_at",
                            models.DateTimeField(null=True, verbose_name="reprise le"),
                        ),
                        (
                            "requests",
                            models.PositiveIntegerField(
                                default=0, verbose_name="requêtes"
                            ),
                        ),
                        (
                            "read",
                            models.PositiveIntegerField(default=0, verbose_name="lues"),
                        ),
                        (
                            "created",
                            models.PositiveIntegerField(
                                default=0, verbose_name="créées"
                            ),
                        ),
                        (
                            "updated",
                            models.PositiveIntegerField(
                                default=0, verbose_name="modifiées"
                            ),
                        ),
                        (
                            "unchanged",
                            models.PositiveIntegerField(
                                default=0, verbose_name="inchangées"
                            ),
                        ),
                        (
                            "rejected",
                            models.PositiveIntegerField(
                                default=0, verbose_name="rejetées"
                            ),
                        ),
                        (
                            "partial",
                            models.PositiveIntegerField(
                                default=0, verbose_name="fenêtres incomplètes"
                            ),
                        ),
                        (
                            "active_before",
                            models.PositiveIntegerField(
                                default=0, verbose_name="offres comparées"
                            ),
                        ),
                        (
                            "missing",
                            models.PositiveIntegerField(
                                default=0, verbose_name="introuvables"
                            ),
                        ),
                        (
                            "still_there",
                            models.PositiveIntegerField(
                                default=0, verbose_name="retrouvées"
                            ),
                        ),
                        (
                            "withdrawn",
                            models.PositiveIntegerField(
                                default=0, verbose_name="retirées"
                            ),
                        ),
                        (
                            "held",
                            models.PositiveIntegerField(
                                default=0, verbose_name="tenues par un évènement"
                            ),
                        ),
                        (
                            "refusal",
                            models.CharField(
                                blank=True, max_length=300, verbose_name="refus"
                            ),
                        ),
                        (
                            "trouble",
                            models.CharField(
                                blank=True,
                                max_length=300,
                                verbose_name="dernière difficulté",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "relève",
                        "verbose_name_plural": "relèves de l’API",
                        "ordering": ("-started_at", "-pk"),
                        "indexes": [
                            models.Index(
                                fields=["kind", "-started_at"], name="pull_last"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Quarantine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "file",
                            models.CharField(max_length=200, verbose_name="fichier"),
                        ),
                        ("line", models.PositiveIntegerField(verbose_name="ligne")),
                        (
                            "reference",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="n° d’offre"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(max_length=300, verbose_name="motif"),
                        ),
                        (
                            "raw",
                            models.TextField(blank=True, verbose_name="texte reçu"),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("attente", "à traiter"), ("close", "close")],
                                db_default="attente",
                                default="attente",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "closed_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "renvoyee",
                                        "Offre corrigée et renvoyée par France Travail",
                                    ),
                                    ("signalee", "Signalée à qui produit les fichiers"),
                                    (
                                        "inutile",
                                        "Ligne vide, d’essai, ou d’une offre qui n’est plus à pourvoir",
                                    ),
                                ],
                                db_default="",
                                editable=False,
                                max_length=20,
                                verbose_name="close parce que",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rejects",
                                to="offers.importrun",
                                verbose_name="import",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ligne en quarantaine",
                        "verbose_name_plural": "quarantaine",
                        "ordering": ("-at", "line"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["attente", "close"])),
                                name="quarantine_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "closed_because__in",
                                            ["renvoyee", "signalee", "inutile"],
                                        ),
                                        ("state", "close"),
                                    ),
                                    models.Q(
                                        ("closed_because", ""), ("state", "attente")
                                    ),
                                    _connector="OR",
                                ),
                                name="closed_line_says_why",
                                violation_error_message="Dites pourquoi cette ligne est close.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuarantineStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="offers.quarantine",
                                verbose_name="ligne",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une ligne en quarantaine",
                        "verbose_name_plural": "étapes d’une ligne en quarantaine",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Rome",
                    fields=[
                        (
                            "code",
                            models.CharField(
                                max_length=5,
                                primary_key=True,
                                serialize=False,
                                verbose_name="code ROME",
                            ),
                        ),
                        (
                            "label",
                            models.CharField(max_length=200, verbose_name="libellé"),
                        ),
                    ],
                    options={
                        "verbose_name": "métier (ROME)",
                        "verbose_name_plural": "métiers (ROME)",
                        "ordering": ("code",),
                    },
                ),
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
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
                    name="Skill",
                    fields=[
                        (
                            "code",
                            models.IntegerField(
                                primary_key=True, serialize=False, verbose_name="code"
                            ),
                        ),
                        (
                            "label",
                            models.CharField(max_length=300, verbose_name="libellé"),
                        ),
                        ("plain", models.TextField()),
                    ],
                    options={"verbose_name": "compétence", "ordering": ("label",)},
                ),
                migrations.CreateModel(
                    name="Word",
                    fields=[
                        (
                            "plain",
                            models.CharField(
                                max_length=40, primary_key=True, serialize=False
                            ),
                        ),
                        ("label", models.CharField(max_length=40, verbose_name="mot")),
                        ("uses", models.PositiveIntegerField(verbose_name="emplois")),
                    ],
                    options={
                        "verbose_name": "mot des offres",
                        "verbose_name_plural": "mots des offres",
                        "ordering": ("plain",),
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["plain"],
                                name="word_trigrams",
                                opclasses=["gin_trgm_ops"],
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Appellation",
                    fields=[
                        (
                            "key",
                            models.BigIntegerField(primary_key=True, serialize=False),
                        ),
                        (
                            "label",
                            models.CharField(max_length=200, verbose_name="libellé"),
                        ),
                        ("plain", models.TextField()),
                        (
                            "rome_code",
                            models.CharField(
                                blank=True, max_length=5, verbose_name="code ROME"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "appellation",
                        "ordering": ("label",),
                        "indexes": [
                            models.Index(fields=["label"], name="appellation_label")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("plain",), name="one_appellation_by_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Commune",
                    fields=[
                        (
                            "code",
                            models.CharField(
                                max_length=5,
                                primary_key=True,
                                serialize=False,
                                verbose_name="code INSEE",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="nom")),
                        ("plain_name", models.CharField(max_length=80)),
                        (
                            "department",
                            models.CharField(max_length=3, verbose_name="département"),
                        ),
                        (
                            "region",
                            models.CharField(max_length=2, verbose_name="région"),
                        ),
                        (
                            "postcodes",
                            models.JSONField(
                                default=list, verbose_name="codes postaux"
                            ),
                        ),
                        ("latitude", models.FloatField(null=True)),
                        ("longitude", models.FloatField(null=True)),
                        (
                            "population",
                            models.PositiveIntegerField(
                                default=0, verbose_name="habitants"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "commune",
                        "ordering": ("name",),
                        "indexes": [
                            models.Index(
                                fields=["plain_name"],
                                name="commune_plain_name",
                                opclasses=["varchar_pattern_ops"],
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["postcodes"], name="commune_postcodes"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EventQuarantine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("raw", models.TextField(verbose_name="texte reçu")),
                        (
                            "is_cut",
                            models.BooleanField(
                                default=False, verbose_name="texte coupé"
                            ),
                        ),
                        (
                            "fingerprint",
                            models.CharField(
                                editable=False, max_length=64, unique=True
                            ),
                        ),
                        (
                            "event_id",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="évènement"
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="n° d’offre"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(max_length=300, verbose_name="motif"),
                        ),
                        (
                            "first_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="reçu le",
                            ),
                        ),
                        (
                            "last_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="vu la dernière fois",
                            ),
                        ),
                        (
                            "times",
                            models.PositiveIntegerField(default=1, verbose_name="fois"),
                        ),
                        (
                            "settled_at",
                            models.DateTimeField(null=True, verbose_name="réglé le"),
                        ),
                        (
                            "result",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="résultat"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "évènement rejeté",
                        "verbose_name_plural": "évènements rejetés",
                        "ordering": ("-last_at", "pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("settled_at__isnull", True)),
                                fields=["-last_at"],
                                name="event_quarantine_waiting",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EverydayWord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "words",
                            models.CharField(
                                help_text="Comme on les dit\xa0: ancien nom, abréviation, mot familier. Majuscules, accents et pluriels ne comptent pas.",
                                max_length=80,
                                verbose_name="mots",
                            ),
                        ),
                        (
                            "trades",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=5),
                                help_text="De un à cinq codes, séparés par des virgules\xa0: K1304, K2204.",
                                size=5,
                                verbose_name="codes ROME",
                            ),
                        ),
                        (
                            "key",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.Func(
                                    models.F("words"),
                                    function="opus_name_key",
                                    output_field=models.TextField(),
                                ),
                                output_field=models.TextField(),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mot courant",
                        "verbose_name_plural": "mots courants",
                        "ordering": ("words",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("key",),
                                name="one_everyday_word_by_key",
                                violation_error_message="Ces mots sont déjà dans la liste.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("key", ""), _negated=True),
                                name="everyday_word_says_something",
                                violation_error_message="Ces mots sont trop courants pour être reconnus.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FeedDelivery",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("evenements", "évènements"),
                                    ("releve", "relève"),
                                ],
                                max_length=12,
                                verbose_name="voie",
                            ),
                        ),
                        (
                            "key",
                            models.CharField(
                                max_length=64, verbose_name="empreinte du lot"
                            ),
                        ),
                        (
                            "received_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="reçu le",
                            ),
                        ),
                        (
                            "received",
                            models.PositiveIntegerField(
                                default=0, verbose_name="évènements"
                            ),
                        ),
                        (
                            "applied",
                            models.PositiveIntegerField(
                                default=0, verbose_name="appliqués"
                            ),
                        ),
                        (
                            "ignored",
                            models.PositiveIntegerField(
                                default=0, verbose_name="ignorés"
                            ),
                        ),
                        (
                            "rejected",
                            models.PositiveIntegerField(
                                default=0, verbose_name="rejetés"
                            ),
                        ),
                        (
                            "lag_seconds",
                            models.FloatField(null=True, verbose_name="retard (s)"),
                        ),
                    ],
                    options={
                        "verbose_name": "lot du flux",
                        "verbose_name_plural": "flux des offres",
                        "ordering": ("-received_at", "-pk"),
                        "indexes": [
                            models.Index(fields=["-received_at"], name="delivery_last")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("channel", "key"), name="one_delivery_by_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FeedEvent",
                    fields=[
                        (
                            "event_id",
                            models.CharField(
                                max_length=200,
                                primary_key=True,
                                serialize=False,
                                verbose_name="évènement",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(max_length=20, verbose_name="n° d’offre"),
                        ),
                        (
                            "sequence",
                            models.DecimalField(
                                decimal_places=0,
                                max_digits=38,
                                verbose_name="n° d’ordre",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("creee", "créée"),
                                    ("modifiee", "modifiée"),
                                    ("suspendue", "suspendue"),
                                    ("reactivee", "réactivée"),
                                    ("annulee", "annulée"),
                                    ("pourvue", "pourvue"),
                                ],
                                max_length=12,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "received_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="reçu le",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "évènement reçu",
                        "verbose_name_plural": "évènements reçus",
                        "ordering": ("-received_at", "event_id"),
                        "indexes": [
                            models.Index(fields=["received_at"], name="event_age")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("reference", "sequence"),
                                name="one_event_by_sequence",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FormerCommune",
                    fields=[
                        (
                            "code",
                            models.CharField(
                                max_length=5,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ancien code INSEE",
                            ),
                        ),
                        (
                            "commune",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="former_codes",
                                to="offers.commune",
                            ),
                        ),
                    ],
                    options={"verbose_name": "ancienne commune"},
                ),
                migrations.CreateModel(
                    name="JobName",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.TextField(verbose_name="radicaux")),
                        (
                            "rome_code",
                            models.CharField(max_length=5, verbose_name="code ROME"),
                        ),
                        ("offers", models.PositiveIntegerField(verbose_name="offres")),
                        ("share", models.FloatField(verbose_name="part")),
                        ("is_label", models.BooleanField(verbose_name="libellé")),
                    ],
                    options={
                        "verbose_name": "nom de métier appris",
                        "verbose_name_plural": "noms de métier appris",
                        "ordering": ("key", "-share"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("key", "rome_code"),
                                name="one_row_by_job_name_and_trade",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Miss",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("words_hash", models.BinaryField(max_length=32)),
                        ("account_hash", models.BinaryField(max_length=32)),
                        (
                            "on",
                            models.DateField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "recherche sans réponse",
                        "verbose_name_plural": "recherches sans réponse",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("words_hash", "account_hash"),
                                name="one_miss_by_account",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OfferSearch",
                    fields=[
                        (
                            "offer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="search",
                                serialize=False,
                                to="offers.offer",
                            ),
                        ),
                        ("vector", django.contrib.postgres.search.SearchVectorField()),
                        ("created_at", models.DateTimeField()),
                        (
                            "appeared_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                        ("contract", models.CharField(max_length=3)),
                        ("nature", models.CharField(max_length=2)),
                        ("experience", models.CharField(max_length=1)),
                        ("full_time", models.BooleanField(null=True)),
                        ("accessible_th", models.BooleanField(null=True)),
                        ("few_candidates", models.BooleanField(null=True)),
                        ("adapted", models.BooleanField(null=True)),
                        ("handi_engaged", models.BooleanField(null=True)),
                        ("is_cadre", models.BooleanField(null=True)),
                        ("from_partner", models.BooleanField(null=True)),
                        ("training", models.PositiveSmallIntegerField(null=True)),
                        ("appellation", models.BigIntegerField(null=True)),
                        (
                            "permits",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=4), null=True
                            ),
                        ),
                        (
                            "skills",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), null=True
                            ),
                        ),
                        ("pay_most", models.PositiveIntegerField(null=True)),
                        (
                            "weekly_hours",
                            models.DecimalField(
                                decimal_places=2, max_digits=4, null=True
                            ),
                        ),
                        (
                            "contract_months",
                            models.DecimalField(
                                decimal_places=1, max_digits=5, null=True
                            ),
                        ),
                        ("sector", models.CharField(db_default="", max_length=2)),
                        ("rome_code", models.CharField(max_length=5)),
                        ("published", models.BooleanField()),
                        ("mode", models.CharField(max_length=12)),
                        ("commune_code", models.CharField(max_length=5)),
                        ("department", models.CharField(max_length=3)),
                        ("region", models.CharField(max_length=2)),
                        ("latitude", models.FloatField(null=True)),
                        ("longitude", models.FloatField(null=True)),
                    ],
                    options={
                        "verbose_name": "offre indexée",
                        "verbose_name_plural": "offres indexées",
                        "indexes": [
                            models.Index(
                                fields=["department", "-created_at"], name="search_dept"
                            ),
                            models.Index(
                                fields=["region", "-created_at"], name="search_region"
                            ),
                            models.Index(
                                fields=["rome_code", "-created_at"], name="search_rome"
                            ),
                            models.Index(
                                fields=["appellation", "-created_at"],
                                name="search_appellation",
                            ),
                            models.Index(
                                fields=["appeared_at"], name="search_appeared"
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                condition=models.Q(("skills__isnull", False)),
                                fields=["skills"],
                                name="search_skills",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                condition=models.Q(("permits__isnull", False)),
                                fields=["permits"],
                                name="search_permits",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
