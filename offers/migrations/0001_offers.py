"""Offers, their narrow search table, imports and reference data."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
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
                ("files", models.JSONField(default=list, verbose_name="fichiers")),
                (
                    "is_snapshot",
                    models.BooleanField(default=False, verbose_name="image complète"),
                ),
                ("read", models.PositiveIntegerField(default=0, verbose_name="lues")),
                (
                    "created",
                    models.PositiveIntegerField(default=0, verbose_name="créées"),
                ),
                (
                    "updated",
                    models.PositiveIntegerField(default=0, verbose_name="modifiées"),
                ),
                (
                    "unchanged",
                    models.PositiveIntegerField(default=0, verbose_name="inchangées"),
                ),
                (
                    "withdrawn",
                    models.PositiveIntegerField(default=0, verbose_name="retirées"),
                ),
                (
                    "rejected",
                    models.PositiveIntegerField(default=0, verbose_name="rejetées"),
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
                ("title", models.CharField(max_length=300, verbose_name="intitulé")),
                (
                    "description",
                    models.TextField(blank=True, verbose_name="description"),
                ),
                ("created_at", models.DateTimeField(verbose_name="créée le")),
                ("updated_at", models.DateTimeField(verbose_name="actualisée le")),
                (
                    "rome_code",
                    models.CharField(
                        blank=True, max_length=5, verbose_name="code ROME"
                    ),
                ),
                (
                    "rome_label",
                    models.CharField(blank=True, max_length=200, verbose_name="métier"),
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
                        blank=True, max_length=80, verbose_name="nature du contrat"
                    ),
                ),
                (
                    "experience",
                    models.CharField(
                        blank=True, max_length=1, verbose_name="expérience (code)"
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
                        blank=True, max_length=120, verbose_name="durée du travail"
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
                    models.PositiveIntegerField(null=True, verbose_name="postes"),
                ),
                (
                    "accessible_th",
                    models.BooleanField(
                        null=True, verbose_name="accessible aux travailleurs handicapés"
                    ),
                ),
                (
                    "few_candidates",
                    models.BooleanField(null=True, verbose_name="peu de candidats"),
                ),
                (
                    "place_label",
                    models.CharField(blank=True, max_length=120, verbose_name="lieu"),
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
                    models.CharField(blank=True, max_length=2, verbose_name="région"),
                ),
                ("latitude", models.FloatField(null=True)),
                ("longitude", models.FloatField(null=True)),
                (
                    "place_source",
                    models.CharField(
                        choices=[
                            ("fourni", "coordonnées de l’offre"),
                            ("inverse", "coordonnées inversées, remises en ordre"),
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
                    models.BooleanField(default=True, verbose_name="publiée ailleurs"),
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
                    "details",
                    models.JSONField(default=dict, verbose_name="autres rubriques"),
                ),
                ("skills_text", models.TextField(blank=True)),
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
                    models.CharField(blank=True, max_length=12, verbose_name="de"),
                ),
                ("target", models.CharField(max_length=12, verbose_name="à")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
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
                ("file", models.CharField(max_length=200, verbose_name="fichier")),
                ("line", models.PositiveIntegerField(verbose_name="ligne")),
                (
                    "reference",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="n° d’offre"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="motif")),
                ("raw", models.TextField(blank=True, verbose_name="texte reçu")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
            ],
            options={
                "verbose_name": "ligne en quarantaine",
                "verbose_name_plural": "quarantaine",
                "ordering": ("-at", "line"),
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
                ("label", models.CharField(max_length=200, verbose_name="libellé")),
            ],
            options={
                "verbose_name": "métier (ROME)",
                "verbose_name_plural": "métiers (ROME)",
                "ordering": ("code",),
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
                ("region", models.CharField(max_length=2, verbose_name="région")),
                (
                    "postcodes",
                    models.JSONField(default=list, verbose_name="codes postaux"),
                ),
                ("latitude", models.FloatField(null=True)),
                ("longitude", models.FloatField(null=True)),
                (
                    "population",
                    models.PositiveIntegerField(default=0, verbose_name="habitants"),
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
            options={
                "verbose_name": "ancienne commune",
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
                ("contract", models.CharField(max_length=3)),
                ("nature", models.CharField(max_length=2)),
                ("experience", models.CharField(max_length=1)),
                ("full_time", models.BooleanField(null=True)),
                ("accessible_th", models.BooleanField(null=True)),
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
            },
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(fields=["agency_safir"], name="offer_agency"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["active", "suspendue", "annulee", "pourvue", "absente"],
                    )
                ),
                name="offer_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("preselection", True), ("delegated", False), _connector="OR"
                ),
                name="only_preselection_is_delegated",
            ),
        ),
        migrations.AddField(
            model_name="offerstep",
            name="offer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="offers.offer",
                verbose_name="offre",
            ),
        ),
        migrations.AddField(
            model_name="quarantine",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rejects",
                to="offers.importrun",
                verbose_name="import",
            ),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["vector"], name="search_vector"
            ),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=models.Index(fields=["-created_at", "offer"], name="search_date"),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=models.Index(
                fields=["department", "-created_at"], name="search_dept"
            ),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=models.Index(fields=["region", "-created_at"], name="search_region"),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=models.Index(fields=["commune_code"], name="search_commune"),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=models.Index(fields=["rome_code", "-created_at"], name="search_rome"),
        ),
    ]
