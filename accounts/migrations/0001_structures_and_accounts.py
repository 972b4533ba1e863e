"""Structures, conventions, nominations, accounts."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import accounts.models.conventions
import opus.lib.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="User",
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
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="last login"
                    ),
                ),
                (
                    "identifier",
                    models.CharField(
                        editable=False, max_length=40, verbose_name="identifiant"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("cree", "créé, jamais utilisé"),
                            ("actif", "actif"),
                            ("suspendu", "suspendu"),
                            ("ferme", "fermé"),
                        ],
                        default="cree",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("conseiller", "conseiller"),
                            ("rgc", "responsable de gestion des comptes (RGC)"),
                            ("agent", "agent de France Travail"),
                            ("admin", "administrateur de France Travail"),
                        ],
                        max_length=20,
                        verbose_name="rôle",
                    ),
                ),
                ("first_name", models.CharField(max_length=60, verbose_name="prénom")),
                ("last_name", models.CharField(max_length=60, verbose_name="nom")),
                (
                    "email",
                    models.EmailField(
                        max_length=254, verbose_name="adresse électronique"
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="téléphone"
                    ),
                ),
                (
                    "function",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="fonction"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="créé le",
                    ),
                ),
                (
                    "session_salt",
                    models.PositiveIntegerField(default=0, editable=False),
                ),
            ],
            options={
                "verbose_name": "compte",
                "ordering": ("last_name", "first_name"),
            },
        ),
        migrations.CreateModel(
            name="AccountStep",
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
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
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
            ],
            options={
                "verbose_name": "étape d’un compte",
                "verbose_name_plural": "étapes d’un compte",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Agency",
            fields=[
                (
                    "safir",
                    models.CharField(
                        max_length=5,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\d{5}$",
                                "Un code SAFIR compte 5 chiffres, par exemple 38086.",
                            )
                        ],
                        verbose_name="code SAFIR",
                    ),
                ),
                (
                    "aurore",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="code AURORE"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("agence", "agence"),
                            ("dt", "direction territoriale"),
                            ("dr", "direction régionale"),
                            ("national", "direction générale"),
                        ],
                        default="agence",
                        max_length=10,
                        verbose_name="niveau",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "address",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="adresse"
                    ),
                ),
                (
                    "postcode",
                    models.CharField(
                        blank=True, max_length=5, verbose_name="code postal"
                    ),
                ),
                (
                    "city",
                    models.CharField(blank=True, max_length=80, verbose_name="ville"),
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
                ("latitude", models.FloatField(blank=True, null=True)),
                ("longitude", models.FloatField(blank=True, null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="accounts.agency",
                        verbose_name="dépend de",
                    ),
                ),
            ],
            options={
                "verbose_name": "agence",
                "ordering": ("name",),
            },
        ),
        migrations.AddField(
            model_name="user",
            name="agency",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agents",
                to="accounts.agency",
                verbose_name="agence",
            ),
        ),
        migrations.CreateModel(
            name="CharterAcceptance",
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
                ("version", models.CharField(max_length=20, verbose_name="version")),
                (
                    "accepted_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="acceptée le",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="charters",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "acceptation de la charte",
                "verbose_name_plural": "acceptations de la charte",
            },
        ),
        migrations.CreateModel(
            name="Convention",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("projet", "projet"),
                            ("signee", "signée"),
                            ("preavis", "préavis"),
                            ("resiliee", "résiliée"),
                            ("expiree", "expirée"),
                        ],
                        default="projet",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="numéro"),
                ),
                (
                    "parent_number",
                    models.CharField(
                        max_length=40, verbose_name="convention de partenariat n°"
                    ),
                ),
                (
                    "parent_ends_on",
                    models.DateField(
                        verbose_name="fin de la convention de partenariat"
                    ),
                ),
                (
                    "signed_by_ft_on",
                    models.DateField(
                        blank=True,
                        null=True,
                        verbose_name="signée par France Travail le",
                    ),
                ),
                (
                    "signed_by_structure_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="signée par la structure le"
                    ),
                ),
                (
                    "starts_on",
                    models.DateField(
                        help_text="Au plus tôt le jour de la dernière des deux signatures (art. 13).",
                        verbose_name="prend effet le",
                    ),
                ),
                ("ends_on", models.DateField(verbose_name="prend fin le")),
                (
                    "grants_consultation",
                    models.BooleanField(
                        default=True,
                        help_text="Annexe 1 : O si coché, N sinon.",
                        verbose_name="consultation des offres",
                    ),
                ),
                (
                    "grants_referrals",
                    models.BooleanField(
                        default=False,
                        help_text="Annexe 1 : O si coché, N sinon.",
                        verbose_name="délégation de la mise en relation",
                    ),
                ),
                (
                    "quota",
                    models.PositiveSmallIntegerField(
                        help_text="Annexe 2 : nombre maximal de comptes actifs, RGC non compté.",
                        verbose_name="comptes utilisateurs actifs",
                    ),
                ),
                (
                    "ft_contact",
                    models.CharField(
                        blank=True,
                        max_length=120,
                        verbose_name="correspondant France Travail",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conventions",
                        to="accounts.agency",
                        verbose_name="agence signataire",
                    ),
                ),
            ],
            options={
                "verbose_name": "convention",
                "ordering": ("-starts_on",),
            },
        ),
        migrations.CreateModel(
            name="ConventionStep",
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
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une convention",
                "verbose_name_plural": "étapes d’une convention",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FirstAccess",
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
                ("secret_hash", models.CharField(editable=False, max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="créé le",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expire le")),
                ("used_at", models.DateTimeField(null=True, verbose_name="utilisé le")),
                (
                    "revoked_at",
                    models.DateTimeField(null=True, verbose_name="remplacé le"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="first_accesses",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
            ],
            options={
                "verbose_name": "premier accès",
                "verbose_name_plural": "premiers accès",
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="Nomination",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("propose", "proposé"),
                            ("accepte", "accepté"),
                            ("refuse", "refusé"),
                            ("en_fonction", "en fonction"),
                            ("retire", "agrément retiré"),
                            ("parti", "parti ou absent"),
                        ],
                        default="propose",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                ("function", models.CharField(max_length=80, verbose_name="fonction")),
                ("proposed_on", models.DateField(verbose_name="proposé le")),
                (
                    "decided_on",
                    models.DateField(blank=True, null=True, verbose_name="décision le"),
                ),
                (
                    "decision_by",
                    models.CharField(
                        blank=True,
                        help_text="Nom et fonction du directeur territorial ou régional.",
                        max_length=120,
                        verbose_name="décision prise par",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominations",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="personne",
                    ),
                ),
            ],
            options={
                "verbose_name": "nomination de RGC",
                "verbose_name_plural": "nominations de RGC",
                "ordering": ("-proposed_on",),
            },
        ),
        migrations.CreateModel(
            name="NominationStep",
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
                        related_name="nomination_steps",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "nomination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.nomination",
                        verbose_name="nomination",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une nomination",
                "verbose_name_plural": "étapes d’une nomination",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Structure",
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
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mission_locale", "mission locale"),
                            ("ccas", "CCAS ou CIAS"),
                            ("plie", "PLIE"),
                            ("cap_emploi", "Cap emploi"),
                            ("departement", "conseil départemental"),
                            ("association", "association"),
                            ("autre", "autre"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                (
                    "siret",
                    models.CharField(
                        max_length=14,
                        unique=True,
                        validators=[opus.lib.fields.validate_siret],
                        verbose_name="SIRET",
                    ),
                ),
                (
                    "sender_name",
                    models.CharField(
                        help_text="Ligne imprimée sur les documents remis aux candidats. Elle ne dit pas la nature de la structure.",
                        max_length=80,
                        verbose_name="nom d’expéditeur",
                    ),
                ),
                ("address", models.CharField(max_length=200, verbose_name="adresse")),
                (
                    "postcode",
                    models.CharField(
                        max_length=5,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\d{5}$", "Un code postal compte 5 chiffres."
                            )
                        ],
                        verbose_name="code postal",
                    ),
                ),
                ("city", models.CharField(max_length=80, verbose_name="ville")),
                (
                    "commune_code",
                    models.CharField(
                        max_length=5,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(\\d{2}|2[AB])\\d{3}$",
                                "Un code INSEE compte 5 caractères, par exemple 38193.",
                            )
                        ],
                        verbose_name="code INSEE de la commune",
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
                                "Écrivez le numéro en chiffres, par exemple 04 65 71 00 00.",
                            )
                        ],
                        verbose_name="téléphone",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="adresse électronique"
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="structures",
                        to="accounts.agency",
                        verbose_name="agence",
                    ),
                ),
            ],
            options={
                "verbose_name": "structure",
                "ordering": ("name",),
            },
        ),
        migrations.AddField(
            model_name="convention",
            name="structure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="conventions",
                to="accounts.structure",
                verbose_name="structure",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="structure",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="users",
                to="accounts.structure",
                verbose_name="structure",
            ),
        ),
        migrations.CreateModel(
            name="TotpDevice",
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
                    "name",
                    models.CharField(
                        help_text="The human-readable name of this device.",
                        max_length=64,
                    ),
                ),
                (
                    "confirmed",
                    models.BooleanField(
                        default=True, help_text="Is this device ready for use?"
                    ),
                ),
                ("sealed_key", models.BinaryField()),
                ("last_t", models.BigIntegerField(default=-1, editable=False)),
                ("drift", models.SmallIntegerField(default=0, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="enregistré le",
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        null=True, verbose_name="dernière utilisation"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "application d’authentification",
                "verbose_name_plural": "applications d’authentification",
            },
        ),
        migrations.AddConstraint(
            model_name="agency",
            constraint=models.CheckConstraint(
                condition=models.Q(("safir__regex", "^\\d{5}$")),
                name="safir_has_five_digits",
                violation_error_message="Un code SAFIR compte 5 chiffres.",
            ),
        ),
        migrations.AddConstraint(
            model_name="charteracceptance",
            constraint=models.UniqueConstraint(
                fields=("account", "version"), name="one_acceptance_of_a_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="firstaccess",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("revoked_at__isnull", True), ("used_at__isnull", True)
                ),
                fields=("account",),
                name="one_open_first_access",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "en_fonction")),
                fields=("convention",),
                name="one_rgc_in_office",
                violation_error_message="Cette convention a déjà un RGC en fonction : enregistrez d’abord son départ.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "propose",
                            "accepte",
                            "refuse",
                            "en_fonction",
                            "retire",
                            "parti",
                        ],
                    )
                ),
                name="nomination_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="convention_ends_after_it_starts",
                violation_error_message="La convention prend fin avant de prendre effet : vérifiez les deux dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__lte", models.F("parent_ends_on"))),
                name="convention_within_its_parent",
                violation_error_message="La convention d’application ne peut pas durer plus que la convention de partenariat (art. 13).",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "projet"),
                    models.Q(
                        ("signed_by_ft_on__isnull", False),
                        ("signed_by_ft_on__lte", models.F("starts_on")),
                        ("signed_by_structure_on__isnull", False),
                        ("signed_by_structure_on__lte", models.F("starts_on")),
                    ),
                    _connector="OR",
                ),
                name="convention_signed_before_it_starts",
                violation_error_message="Une convention signée porte ses deux dates de signature, et ne prend pas effet avant la dernière (art. 13).",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["projet", "signee", "preavis", "resiliee", "expiree"],
                    )
                ),
                name="convention_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ("signee", "preavis"))),
                expressions=[
                    ("structure", "="),
                    (
                        accounts.models.conventions.DateRange(
                            "starts_on",
                            "ends_on",
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                True, True
                            ),
                        ),
                        "&&",
                    ),
                ],
                name="one_convention_in_force",
                violation_error_message="Une autre convention de cette structure couvre déjà une partie de ces dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("identifier"),
                name="identifier_of_one_person",
                violation_error_message="Cet identifiant appartient déjà à quelqu’un.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("state", "ferme"), _negated=True),
                name="email_of_one_person",
                violation_error_message="Un compte utilise déjà cette adresse électronique.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("role__in", ("conseiller", "rgc")),
                        ("structure__isnull", False),
                    ),
                    models.Q(
                        ("agency__isnull", False),
                        ("role", "agent"),
                        ("structure__isnull", True),
                    ),
                    models.Q(("role", "admin"), ("structure__isnull", True)),
                    _connector="OR",
                ),
                name="role_fits_its_employer",
                violation_error_message="Un conseiller ou un RGC appartient à une structure, un agent à une agence.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["cree", "actif", "suspendu", "ferme"])
                ),
                name="user_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="totpdevice",
            constraint=models.UniqueConstraint(
                fields=("user", "name"), name="one_factor_by_that_name"
            ),
        ),
    ]
