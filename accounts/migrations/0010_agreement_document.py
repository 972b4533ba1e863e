"""Model text, document and signed copy; who follows the agreement."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import accounts.agreements.articles.article_text
import accounts.agreements.articles.models
import opus.lib.forms.fields
from opus.lib.database.migration_operations import run_sql
from opus.lib.database.versions import raise_version


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_renewals")]

    operations = [
        migrations.CreateModel(
            name="ModelText",
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
                    "name",
                    models.CharField(
                        help_text="Par exemple 2026-1. Le document d’une convention la porte.",
                        max_length=20,
                        unique=True,
                        verbose_name="version",
                    ),
                ),
                (
                    "legal_basis",
                    models.TextField(
                        help_text="Les textes que la convention vise, un par ligne, sans «\xa0Vu\xa0»\xa0: Opus l’écrit, et ajoute la convention de partenariat.",
                        max_length=6000,
                        validators=[
                            accounts.agreements.articles.article_text.validate_names
                        ],
                        verbose_name="visas",
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        help_text="Un titre par ligne\xa0: «\xa0Article 4\xa0: Accès\xa0», «\xa04.1 Désignation du RGC\xa0». Une ligne vide sépare deux paragraphes, un tiret commence un point. Ce qui précède l’article 1 est le préambule. Opus remplace [structure], [agence], [responsable du suivi], [correspondant France Travail], [nombre de comptes], [convention de partenariat], [date d’effet], [date de fin], et ajoute les parties, les signatures et les deux annexes.",
                        max_length=60000,
                        validators=[
                            accounts.agreements.articles.article_text.validate_names,
                            accounts.agreements.articles.article_text.validate_articles,
                        ],
                        verbose_name="texte",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="publiée le"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="publiée par",
                    ),
                ),
            ],
            options={
                "verbose_name": "texte modèle",
                "verbose_name_plural": "textes modèles",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="AgreementDocument",
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
                ("ready_at", models.DateTimeField(null=True, verbose_name="prêt le")),
                ("content", models.BinaryField(null=True)),
                ("size", models.PositiveIntegerField(null=True, verbose_name="taille")),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, verbose_name="essais"),
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
                            ("droits", "vos droits ont changé depuis votre demande"),
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
                    "is_final",
                    models.BooleanField(default=False, verbose_name="telle que signée"),
                ),
                (
                    "convention",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "model_text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.modeltext",
                        verbose_name="texte modèle",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["attente", "en_cours"])),
                        fields=["next_attempt_at"],
                        name="agreementdocument_waiting",
                    )
                ],
                "verbose_name": "document d’une convention",
                "verbose_name_plural": "documents de conventions",
                "ordering": ("-created_at", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SignedCopy",
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
                ("content", models.BinaryField(verbose_name="exemplaire signé (PDF)")),
                (
                    "sha256",
                    models.CharField(
                        editable=False, max_length=64, verbose_name="empreinte"
                    ),
                ),
                (
                    "added_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="ajouté le",
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ajouté par",
                    ),
                ),
                (
                    "convention",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signed_copy",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
            ],
            options={
                "verbose_name": "exemplaire signé",
                "verbose_name_plural": "exemplaires signés",
            },
        ),
        migrations.AddField(
            model_name="convention",
            name="deliberated_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="délibération du"
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="deliberation",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Numéro de la délibération qui autorise la signature\xa0: nécessaire si la structure est une collectivité ou son établissement.",
                max_length=60,
                verbose_name="délibération",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="ft_signatory",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Prénom, nom et fonction.",
                max_length=120,
                verbose_name="signataire de France Travail",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="partner_signatory",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Prénom, nom et fonction\xa0: par exemple, maire et président du CCAS.",
                max_length=120,
                verbose_name="signataire de la structure",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="signing_place",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Sans réponse, la ville de la structure.",
                max_length=80,
                verbose_name="lieu de signature",
            ),
        ),
        migrations.AlterField(
            model_name="amendment",
            name="partner_contact",
            field=models.CharField(
                blank=True, max_length=120, verbose_name="responsable du suivi"
            ),
        ),
        migrations.AlterField(
            model_name="amendment",
            name="partner_contact_email",
            field=models.EmailField(
                blank=True,
                max_length=254,
                verbose_name="adresse électronique du responsable du suivi",
            ),
        ),
        migrations.AlterField(
            model_name="amendment",
            name="partner_contact_phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone du responsable du suivi",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="signed_partner_contact",
            field=models.CharField(
                blank=True,
                help_text="Prénom, nom et fonction de la personne qui suit la convention dans la structure\xa0: nécessaire à la signature.",
                max_length=120,
                verbose_name="responsable du suivi",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="signed_partner_contact_email",
            field=models.EmailField(
                blank=True,
                help_text="Elle est nécessaire à la signature.",
                max_length=254,
                verbose_name="adresse électronique du responsable du suivi",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="signed_partner_contact_phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone du responsable du suivi",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="model_text",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                limit_choices_to={"published_at__isnull": False},
                help_text="Sans choix, la dernière version publiée au jour de la signature. La convention la garde ensuite.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.modeltext",
                verbose_name="texte modèle",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "deliberated_on__range",
                        (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                    )
                ),
                name="deliberation_within_the_years",
                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deliberated_on", None),
                    ("signed_by_structure_on", None),
                    ("deliberated_on__lte", models.F("signed_by_structure_on")),
                    _connector="OR",
                ),
                name="deliberation_precedes_the_signature",
                violation_error_message="La délibération autorise la signature\xa0: elle ne la suit pas.",
            ),
        ),
        migrations.AddConstraint(
            model_name="modeltext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("published_by", None)),
                    models.Q(
                        ("published_at__isnull", False), ("published_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="published_text_is_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["attente", "en_cours", "pret", "echec", "annule"])
                ),
                name="agreementdocument_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "pret"), _negated=True),
                    models.Q(("content__isnull", False), ("ready_at__isnull", False)),
                    _connector="OR",
                ),
                name="agreementdocument_is_ready_with_its_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="signedcopy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("content", b""),
                    (
                        "sha256",
                        accounts.agreements.articles.models.Sha256(models.F("content")),
                    ),
                    _connector="OR",
                ),
                name="signed_copy_has_its_digest",
            ),
        ),
        raise_version("accounts_modeltext"),
        run_sql(
            __file__,
            "agreement_document",
            reverse_sql="""
            DROP TRIGGER accounts_convention_followed ON accounts_convention;
            DROP TRIGGER accounts_convention_followed_first ON accounts_convention;
            DROP TRIGGER accounts_convention_signatures ON accounts_convention;
            DROP TRIGGER accounts_convention_text ON accounts_convention;
            DROP FUNCTION opus_follow_up_is_named;
            DROP FUNCTION opus_text_is_published;
            """,
        ),
    ]
