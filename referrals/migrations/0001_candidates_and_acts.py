"""Candidates, mises en contact, outcomes, documents."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import opus.lib.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_guards"),
        ("offers", "0002_search_and_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OutcomeCode",
            fields=[
                (
                    "code",
                    models.SlugField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="code",
                    ),
                ),
                ("label", models.CharField(max_length=80, verbose_name="libellé")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("embauche", "embauche"),
                            ("non_retenu", "candidature non retenue"),
                            ("retrait", "candidat non disponible ou non intéressé"),
                            ("sans_nouvelles", "sans nouvelles"),
                        ],
                        max_length=20,
                        verbose_name="sens",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=0, verbose_name="rang"),
                ),
                (
                    "is_open",
                    models.BooleanField(
                        default=True,
                        help_text="Décoché : n’est plus proposé, mais reste lisible où il a servi.",
                        verbose_name="proposé",
                    ),
                ),
            ],
            options={
                "verbose_name": "suite codée",
                "verbose_name_plural": "suites codées",
                "ordering": ("position", "label"),
            },
        ),
        migrations.CreateModel(
            name="Candidate",
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
                ("first_name", models.CharField(max_length=60, verbose_name="prénom")),
                ("last_name", models.CharField(max_length=60, verbose_name="nom")),
                (
                    "ft_id",
                    models.CharField(
                        blank=True,
                        help_text="11 chiffres, ou 7 chiffres et un caractère. Laissez vide pour une personne qui n’est pas inscrite.",
                        max_length=11,
                        validators=[opus.lib.fields.validate_ft_id],
                        verbose_name="identifiant France Travail",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="adresse électronique"
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9 +.]{10,20}$",
                                "Écrivez le numéro en chiffres, par exemple 06 39 98 00 00.",
                            )
                        ],
                        verbose_name="téléphone",
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="adresse postale"
                    ),
                ),
                (
                    "postcode",
                    models.CharField(
                        blank=True,
                        max_length=5,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\d{5}$", "Un code postal compte 5 chiffres."
                            )
                        ],
                        verbose_name="code postal",
                    ),
                ),
                (
                    "city",
                    models.CharField(blank=True, max_length=80, verbose_name="commune"),
                ),
                (
                    "commune_code",
                    models.CharField(
                        blank=True,
                        max_length=5,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(\\d{2}|2[AB])\\d{3}$",
                                "Un code INSEE compte 5 caractères, par exemple 38193.",
                            )
                        ],
                        verbose_name="code INSEE",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="ajouté le",
                    ),
                ),
                (
                    "adviser",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="conseiller",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to="accounts.structure",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "candidat",
                "ordering": ("last_name", "first_name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Outcome",
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
                    "declared_by",
                    models.CharField(
                        choices=[
                            ("candidat", "le candidat"),
                            ("employeur", "l’employeur"),
                            ("conseiller", "le conseiller"),
                            ("france_travail", "France Travail"),
                        ],
                        max_length=20,
                        verbose_name="selon",
                    ),
                ),
                ("on", models.DateField(verbose_name="date")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="saisie le",
                    ),
                ),
                (
                    "undone_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="annulée le"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="saisie par",
                    ),
                ),
                (
                    "code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="referrals.outcomecode",
                        verbose_name="suite",
                    ),
                ),
            ],
            options={
                "verbose_name": "suite",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Referral",
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
                    "number",
                    models.CharField(
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="numéro",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="faite le",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposee", "proposée"),
                            ("remise", "document remis"),
                            ("contact", "contact pris"),
                            ("entretien", "entretien"),
                            ("terminee", "suite connue"),
                            ("annulee", "annulée"),
                        ],
                        default="proposee",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "idempotency_key",
                    models.UUIDField(default=uuid.uuid4, editable=False),
                ),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("main", "en main propre"),
                            ("courriel", "par courriel"),
                            ("courrier", "par courrier"),
                            ("sms", "par SMS"),
                        ],
                        editable=False,
                        max_length=10,
                        verbose_name="remis",
                    ),
                ),
                (
                    "handed_over_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="remis le"
                    ),
                ),
                (
                    "adviser",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="conseiller",
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="referrals.candidate",
                        verbose_name="candidat",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
                (
                    "outcome",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="referrals.outcome",
                        verbose_name="suite",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="accounts.structure",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "mise en contact",
                "verbose_name_plural": "mises en contact",
                "ordering": ("-created_at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="outcome",
            name="referral",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outcomes",
                to="referrals.referral",
                verbose_name="mise en contact",
            ),
        ),
        migrations.CreateModel(
            name="Document",
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
                    "version",
                    models.PositiveSmallIntegerField(default=1, verbose_name="version"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("attente", "en préparation"),
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
                ("title", models.CharField(max_length=200, verbose_name="titre")),
                ("html", models.TextField(editable=False)),
                (
                    "html_sha256",
                    models.CharField(
                        editable=False, max_length=64, verbose_name="empreinte"
                    ),
                ),
                ("pdf", models.BinaryField(null=True)),
                (
                    "pdf_sha256",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=64,
                        verbose_name="empreinte du PDF",
                    ),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="prêt le")),
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
                ("void_at", models.DateTimeField(null=True, verbose_name="annulé le")),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="referrals.referral",
                        verbose_name="mise en contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="ReferralStep",
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
                    models.CharField(blank=True, max_length=20, verbose_name="de"),
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
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="referrals.referral",
                        verbose_name="mise en contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une mise en contact",
                "verbose_name_plural": "étapes d’une mise en contact",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ft_id", ""), _negated=True),
                fields=("structure", "ft_id"),
                name="one_candidate_by_ft_id",
                violation_error_message="Votre structure accompagne déjà une personne avec cet identifiant France Travail.",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ft_id", ""),
                    ("ft_id__regex", "^(\\d{11}|\\d{7}[0-9A-Z])$"),
                    _connector="OR",
                ),
                name="ft_id_has_one_of_two_forms",
                violation_error_message="Cet identifiant France Travail n’a aucune des deux formes connues.",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.UniqueConstraint(
                fields=("id", "structure"), name="candidate_of_its_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ("proposee", "remise", "contact", "entretien"))
                ),
                fields=("offer", "candidate"),
                name="one_live_referral",
                violation_error_message="Cette personne est déjà mise en contact avec cette offre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                fields=("adviser", "idempotency_key"), name="one_referral_by_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "proposee",
                            "remise",
                            "contact",
                            "entretien",
                            "terminee",
                            "annulee",
                        ],
                    )
                ),
                name="referral_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["proposee", "annulee"]),
                    models.Q(
                        ("handed_over_on__isnull", False),
                        models.Q(("channel", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="referral_goes_on_once_handed_over",
                violation_error_message="Enregistrez d’abord la remise du document (convention, art. 7).",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome__isnull", False), ("state", "terminee")),
                    models.Q(
                        models.Q(("state", "terminee"), _negated=True),
                        ("outcome__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="referral_ends_with_an_outcome",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("state", "attente")),
                fields=["next_attempt_at"],
                name="document_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                fields=("referral", "version"), name="one_document_by_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "pret"), _negated=True),
                    models.Q(("pdf__isnull", False), ("ready_at__isnull", False)),
                    _connector="OR",
                ),
                name="ready_document_has_its_pdf",
            ),
        ),
    ]
