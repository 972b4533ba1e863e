"""Persons, acts and what goes with them: the tables, as the models say."""

import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import opus.lib.background_files
import opus.lib.database.name_order
import opus.lib.dates
import opus.lib.forms.fields
from opus.lib.database.migration_operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0001_initial"), ("offers", "0001_initial")]

    operations = [
        CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Act",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("mise_en_contact", "Mise en contact"),
                                    (
                                        "mec_preselection",
                                        "Mise en contact avec présélection",
                                    ),
                                    ("demande_cv", "Demande de CV"),
                                    ("convocation", "Convocation"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="nature",
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
                            "state",
                            models.CharField(
                                editable=False, max_length=20, verbose_name="état"
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
                            "reason",
                            models.CharField(
                                blank=True,
                                editable=False,
                                max_length=20,
                                verbose_name="motif",
                            ),
                        ),
                        (
                            "due_on",
                            models.DateField(null=True, verbose_name="attendu le"),
                        ),
                        (
                            "criteria_met",
                            models.JSONField(
                                default=list,
                                editable=False,
                                verbose_name="critères remplis",
                            ),
                        ),
                        (
                            "to_confirm",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                editable=False,
                                verbose_name="à confirmer",
                            ),
                        ),
                        (
                            "reminded_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="rappelée le"
                            ),
                        ),
                        (
                            "withdrawal_told_at",
                            models.DateTimeField(
                                editable=False,
                                null=True,
                                verbose_name="retrait de l’offre annoncé le",
                            ),
                        ),
                        (
                            "adviser",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="conseiller",
                            ),
                        ),
                        (
                            "follows",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="followed_by",
                                to="referrals.act",
                                verbose_name="fait suite à",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to="offers.offer",
                                verbose_name="offre",
                            ),
                        ),
                        (
                            "structure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to="accounts.structure",
                                verbose_name="structure",
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to="referrals.candidate",
                                verbose_name="candidat",
                            ),
                        ),
                        (
                            "outcome",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="current_of",
                                to="referrals.outcome",
                                verbose_name="suite",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "proposition",
                        "ordering": ("-created_at", "pk"),
                        "indexes": [
                            models.Index(
                                fields=["structure", "created_at"], name="act_made"
                            ),
                            models.Index(fields=["created_at"], name="act_made_at"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "proposee",
                                            "remise",
                                            "contact",
                                            "entretien",
                                            "a_examiner",
                                            "complement",
                                            "preselection",
                                            "presentee",
                                            "demandee",
                                            "relancee",
                                            "recu",
                                            "transmis",
                                            "planifiee",
                                            "modifiee",
                                            "a_renseigner",
                                        ),
                                    )
                                ),
                                fields=("offer", "candidate", "kind"),
                                name="one_live_act",
                                violation_error_message="Cette offre est déjà proposée à ce candidat.",
                            ),
                            models.UniqueConstraint(
                                fields=("adviser", "idempotency_key"),
                                name="one_act_by_form",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "mise_en_contact"),
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
                                        ),
                                    ),
                                    models.Q(
                                        ("kind", "mec_preselection"),
                                        (
                                            "state__in",
                                            [
                                                "proposee",
                                                "remise",
                                                "a_examiner",
                                                "complement",
                                                "ecartee",
                                                "preselection",
                                                "presentee",
                                                "entretien",
                                                "terminee",
                                                "annulee",
                                            ],
                                        ),
                                    ),
                                    models.Q(
                                        ("kind", "demande_cv"),
                                        (
                                            "state__in",
                                            [
                                                "demandee",
                                                "remise",
                                                "relancee",
                                                "recu",
                                                "transmis",
                                                "retenu",
                                                "non_retenu",
                                                "sans_cv",
                                                "annulee",
                                            ],
                                        ),
                                    ),
                                    models.Q(
                                        ("kind", "convocation"),
                                        (
                                            "state__in",
                                            [
                                                "planifiee",
                                                "modifiee",
                                                "remise",
                                                "a_renseigner",
                                                "effectuee",
                                                "absent",
                                                "retenu",
                                                "non_retenu",
                                                "annulee",
                                            ],
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="act_state_is_of_its_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "mise_en_contact"),
                                        ("reason", ""),
                                        models.Q(("state__in", []), _negated=True),
                                    ),
                                    models.Q(
                                        ("kind", "mec_preselection"),
                                        (
                                            "reason__in",
                                            [
                                                "competences",
                                                "experience",
                                                "mobilite",
                                                "disponibilite",
                                                "habilitation",
                                                "doublon",
                                                "assez",
                                            ],
                                        ),
                                        ("state", "ecartee"),
                                    ),
                                    models.Q(
                                        ("kind", "mec_preselection"),
                                        ("reason", ""),
                                        models.Q(
                                            ("state__in", ["ecartee"]), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        ("kind", "demande_cv"),
                                        (
                                            "reason__in",
                                            [
                                                "competences",
                                                "experience",
                                                "mobilite",
                                                "disponibilite",
                                                "habilitation",
                                                "illisible",
                                                "assez",
                                            ],
                                        ),
                                        ("state", "non_retenu"),
                                    ),
                                    models.Q(
                                        ("kind", "demande_cv"),
                                        ("reason", ""),
                                        models.Q(
                                            ("state__in", ["non_retenu"]), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        ("kind", "convocation"),
                                        ("reason__in", ["excusee", "non_excusee"]),
                                        ("state", "absent"),
                                    ),
                                    models.Q(
                                        ("kind", "convocation"),
                                        ("reason__in", ["candidat", "organisateur"]),
                                        ("state", "annulee"),
                                    ),
                                    models.Q(
                                        ("kind", "convocation"),
                                        ("reason__in", ["dit", "jour", ""]),
                                        ("state", "effectuee"),
                                    ),
                                    models.Q(
                                        ("kind", "convocation"),
                                        ("reason__in", ["dit", "jour", ""]),
                                        ("state", "retenu"),
                                    ),
                                    models.Q(
                                        ("kind", "convocation"),
                                        ("reason__in", ["dit", "jour", ""]),
                                        ("state", "non_retenu"),
                                    ),
                                    models.Q(
                                        ("kind", "convocation"),
                                        ("reason", ""),
                                        models.Q(
                                            (
                                                "state__in",
                                                [
                                                    "absent",
                                                    "annulee",
                                                    "effectuee",
                                                    "retenu",
                                                    "non_retenu",
                                                ],
                                            ),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="act_reason_is_of_its_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("handed_over_on__isnull", False),
                                        models.Q(("channel", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("kind", "mise_en_contact"),
                                        ("state__in", ["proposee", "annulee"]),
                                    ),
                                    models.Q(
                                        ("kind", "mec_preselection"),
                                        ("state__in", ["proposee", "annulee"]),
                                    ),
                                    models.Q(
                                        ("follows__isnull", False),
                                        ("kind", "mec_preselection"),
                                    ),
                                    models.Q(
                                        ("kind", "demande_cv"),
                                        models.Q(
                                            (
                                                "state__in",
                                                [
                                                    "remise",
                                                    "recu",
                                                    "transmis",
                                                    "retenu",
                                                    "non_retenu",
                                                ],
                                            ),
                                            _negated=True,
                                        ),
                                    ),
                                    models.Q(
                                        ("kind", "convocation"),
                                        models.Q(
                                            models.Q(
                                                (
                                                    "state__in",
                                                    [
                                                        "remise",
                                                        "effectuee",
                                                        "retenu",
                                                        "non_retenu",
                                                    ],
                                                ),
                                                _negated=True,
                                            ),
                                            models.Q(("reason", ""), _negated=True),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="act_goes_on_once_handed_over",
                                violation_error_message="Enregistrez d’abord la remise du document (convention, art. 7).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("outcome__isnull", False),
                                        ("state", "terminee"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "terminee"), _negated=True),
                                        ("outcome__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="act_ends_with_an_outcome",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("due_on__isnull", False),
                                        ("kind", "demande_cv"),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "demande_cv"), _negated=True),
                                        ("due_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="act_due_on_is_of_a_cv_request",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "mec_preselection"),
                                    ("criteria_met", []),
                                    _connector="OR",
                                ),
                                name="act_criteria_are_of_a_preselection",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("follows__isnull", True),
                                    ("kind__in", ["mec_preselection", "convocation"]),
                                    _connector="OR",
                                ),
                                name="act_follows_by_its_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "due_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "handed_over_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="act_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutcomeCode",
                    fields=[
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "code",
                            models.SlugField(
                                max_length=40,
                                primary_key=True,
                                serialize=False,
                                verbose_name="code",
                            ),
                        ),
                        (
                            "label",
                            models.CharField(max_length=80, verbose_name="libellé"),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("embauche", "embauche"),
                                    ("non_retenu", "candidature non retenue"),
                                    (
                                        "retrait",
                                        "candidat non disponible ou non intéressé",
                                    ),
                                    ("sans_nouvelles", "sans nouvelles"),
                                ],
                                max_length=20,
                                verbose_name="sens",
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="rang"
                            ),
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
                    name="Appointment",
                    fields=[],
                    options={
                        "verbose_name": "convocation",
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("referrals.act",),
                ),
                migrations.CreateModel(
                    name="CvRequest",
                    fields=[],
                    options={
                        "verbose_name": "demande de CV",
                        "verbose_name_plural": "demandes de CV",
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("referrals.act",),
                ),
                migrations.CreateModel(
                    name="Referral",
                    fields=[],
                    options={
                        "verbose_name": "mise en contact",
                        "verbose_name_plural": "mises en contact",
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("referrals.act",),
                ),
                migrations.CreateModel(
                    name="ScreenedReferral",
                    fields=[],
                    options={
                        "verbose_name": "mise en contact avec présélection",
                        "verbose_name_plural": "mises en contact avec présélection",
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("referrals.act",),
                ),
                migrations.CreateModel(
                    name="ActStep",
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
                            "act",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="referrals.act",
                                verbose_name="proposition",
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
                        "verbose_name": "étape d’une proposition",
                        "verbose_name_plural": "étapes d’une proposition",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Candidate",
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
                            "first_name",
                            models.CharField(max_length=60, verbose_name="prénom"),
                        ),
                        (
                            "last_name",
                            models.CharField(max_length=60, verbose_name="nom"),
                        ),
                        (
                            "ft_id",
                            models.CharField(
                                blank=True,
                                help_text="11 chiffres, ou 7 chiffres et un caractère. Laissez vide pour un candidat qui n’est pas inscrit.",
                                max_length=11,
                                validators=[opus.lib.forms.fields.validate_ft_id],
                                verbose_name="identifiant France Travail",
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="courriel"
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(
                                blank=True,
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone",
                            ),
                        ),
                        (
                            "address",
                            models.CharField(
                                blank=True,
                                max_length=120,
                                verbose_name="adresse postale",
                            ),
                        ),
                        (
                            "postcode",
                            models.CharField(
                                blank=True,
                                max_length=5,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[0-9]{5}\\Z",
                                        "Un code postal compte 5 chiffres, par exemple 38000.",
                                    )
                                ],
                                verbose_name="code postal",
                            ),
                        ),
                        (
                            "city",
                            models.CharField(
                                blank=True, max_length=80, verbose_name="commune"
                            ),
                        ),
                        (
                            "commune_code",
                            models.CharField(
                                blank=True,
                                max_length=5,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^([0-9]{2}|2[AB])[0-9]{3}\\Z",
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
                            "changed_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="modifié le",
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
                        (
                            "transfer",
                            models.ForeignKey(
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="persons",
                                to="referrals.caseloadtransfer",
                                verbose_name="décision",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "candidat",
                        "ordering": (
                            opus.lib.database.name_order.ByName("last_name"),
                            opus.lib.database.name_order.ByName("first_name"),
                            "pk",
                        ),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ft_id", ""), _negated=True),
                                fields=("structure", "ft_id"),
                                name="one_candidate_by_ft_id",
                                violation_error_message="Votre structure accompagne déjà un candidat avec cet identifiant France Travail.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ft_id", ""),
                                    ("ft_id__regex", "^(\\d{11}|\\d{7}[0-9A-Z])$"),
                                    _connector="OR",
                                ),
                                name="ft_id_has_one_of_two_forms",
                                violation_error_message="Cet identifiant France Travail n’a aucune des deux formes connues.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "first_name__regex",
                                            "[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ue000-\\uf8ff\\ufeff\\ufff9-\\ufffb]",
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        (
                                            "last_name__regex",
                                            "[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ue000-\\uf8ff\\ufeff\\ufff9-\\ufffb]",
                                        ),
                                        _negated=True,
                                    ),
                                ),
                                name="candidate_name_shows_whole",
                                violation_error_message="Ce nom contient un signe qui ne se voit pas\xa0: retapez-le.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("first_name__regex", "\\d"), _negated=True
                                    ),
                                    models.Q(
                                        ("last_name__regex", "\\d"), _negated=True
                                    ),
                                ),
                                name="candidate_name_has_no_digit",
                                violation_error_message="Un nom ne contient pas de chiffre.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                                name="phone_of_a_candidate",
                                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("postcode", ""),
                                    ("postcode__regex", "^[0-9]{5}$"),
                                    _connector="OR",
                                ),
                                name="postcode_of_a_candidate",
                                violation_error_message="Un code postal compte 5 chiffres, par exemple 38000.",
                            ),
                            models.UniqueConstraint(
                                fields=("id", "structure"),
                                name="candidate_of_its_structure",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseloadTransfer",
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
                                    ("fait", "fait"),
                                    ("arrete", "arrêté"),
                                    ("rendu", "fait, puis rendu"),
                                ],
                                default="attente",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("definitif", "pour toujours"),
                                    ("temps", "pour un temps"),
                                ],
                                db_default="definitif",
                                default="definitif",
                                max_length=10,
                                verbose_name="durée",
                            ),
                        ),
                        (
                            "starts_on",
                            models.DateField(null=True, verbose_name="premier jour"),
                        ),
                        (
                            "ends_on",
                            models.DateField(null=True, verbose_name="dernier jour"),
                        ),
                        (
                            "people",
                            models.PositiveIntegerField(verbose_name="candidats"),
                        ),
                        (
                            "acts",
                            models.PositiveIntegerField(
                                verbose_name="propositions en cours"
                            ),
                        ),
                        (
                            "asked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now,
                                verbose_name="demandé le",
                            ),
                        ),
                        (
                            "at_once",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("soi", "ses propres candidats"),
                                    ("peu", "peu de candidats"),
                                ],
                                db_default="",
                                default="",
                                max_length=10,
                                verbose_name="pourquoi tout de suite",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(verbose_name="possible à partir du"),
                        ),
                        (
                            "receiver_is_new",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                verbose_name="vers un compte récent",
                            ),
                        ),
                        (
                            "done_at",
                            models.DateTimeField(null=True, verbose_name="fait le"),
                        ),
                        (
                            "applied_in",
                            models.BigIntegerField(editable=False, null=True),
                        ),
                        (
                            "seen_at",
                            models.DateTimeField(null=True, verbose_name="vu le"),
                        ),
                        (
                            "disowned_at",
                            models.DateTimeField(null=True, verbose_name="désavoué le"),
                        ),
                        (
                            "checked_at",
                            models.DateTimeField(null=True, verbose_name="vérifié le"),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transfers",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="conseiller",
                            ),
                        ),
                        (
                            "acts_to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="candidats avec une proposition en cours",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="asked_transfers",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="demandé par",
                            ),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="vérifié par",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmé par",
                            ),
                        ),
                        (
                            "others_to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="autres candidats",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "transfert de suivis",
                        "verbose_name_plural": "transferts de suivis",
                        "ordering": ("-asked_at",),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "attente")),
                                fields=["ready_at"],
                                name="transfer_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "starts_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="transfer_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "attente")),
                                fields=("account",),
                                name="one_waiting_transfer",
                                violation_error_message="Les candidats suivis par ce compte attendent déjà d’être confiés\xa0: annulez d’abord cette demande.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by__isnull", True),
                                    models.Q(
                                        ("confirmed_by", models.F("asked_by")),
                                        _negated=True,
                                    ),
                                    ("account", models.F("asked_by")),
                                    _connector="OR",
                                ),
                                name="transfer_by_two_persons",
                                violation_error_message="Une autre personne que celle qui a demandé le transfert doit le confirmer.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "temps"),
                                    models.Q(
                                        ("account", models.F("asked_by")), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                                name="transfer_of_somebody_else",
                                violation_error_message="On ne confie pas ses propres suivis.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "fait"), _negated=True),
                                    ("done_at__gte", models.F("ready_at")),
                                    models.Q(
                                        ("confirmed_by__isnull", False),
                                        ("done_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="transfer_after_its_notice",
                                violation_error_message="Ces candidats attendent 24 heures, sauf si une seconde personne confirme.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("at_once", ""),
                                        (
                                            "ready_at__gte",
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("asked_at"),
                                                "+",
                                                models.Value(
                                                    datetime.timedelta(days=1)
                                                ),
                                            ),
                                        ),
                                    ),
                                    models.Q(
                                        ("account", models.F("asked_by")),
                                        ("at_once", "soi"),
                                        ("receiver_is_new", False),
                                    ),
                                    models.Q(
                                        ("at_once", "peu"),
                                        ("people__lte", 20),
                                        ("receiver_is_new", False),
                                        models.Q(
                                            ("acts_to__isnull", True),
                                            models.Q(
                                                ("acts_to", models.F("asked_by")),
                                                _negated=True,
                                            ),
                                            _connector="OR",
                                        ),
                                        models.Q(
                                            ("others_to__isnull", True),
                                            models.Q(
                                                ("others_to", models.F("asked_by")),
                                                _negated=True,
                                            ),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="transfer_waits_or_says_why_not",
                                violation_error_message="Ces candidats attendent 24 heures.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ends_on", None),
                                        ("kind", "definitif"),
                                        ("starts_on", None),
                                    ),
                                    models.Q(
                                        ("acts_to", None),
                                        ("ends_on__gte", models.F("starts_on")),
                                        ("kind", "temps"),
                                    ),
                                    _connector="OR",
                                ),
                                name="transfer_for_a_time_has_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("acts_to__isnull", False),
                                    ("others_to__isnull", False),
                                    _connector="OR",
                                ),
                                name="transfer_goes_to_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["attente", "fait", "arrete", "rendu"],
                                    )
                                ),
                                name="transfer_state_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseloadTransferStep",
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
                            "transfer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="referrals.caseloadtransfer",
                                verbose_name="transfert",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’un transfert de suivis",
                        "verbose_name_plural": "étapes d’un transfert de suivis",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Correction",
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
                            "gesture",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, verbose_name="geste"
                            ),
                        ),
                        (
                            "field",
                            models.CharField(max_length=40, verbose_name="donnée"),
                        ),
                        (
                            "before",
                            models.CharField(
                                blank=True, max_length=254, verbose_name="avant"
                            ),
                        ),
                        (
                            "after",
                            models.CharField(
                                blank=True, max_length=254, verbose_name="après"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("erreur", "erreur de saisie"),
                                    ("changement", "changement de situation"),
                                    (
                                        "demande",
                                        "à la demande de la personne (art. 10)",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="motif",
                            ),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="corrections",
                                to="referrals.candidate",
                                verbose_name="candidat",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "rectification",
                        "verbose_name_plural": "rectifications",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("gesture", "field"),
                                name="field_corrected_once_a_gesture",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("before", models.F("after")), _negated=True
                                ),
                                name="correction_changes_something",
                            ),
                        ],
                    },
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
                            "version",
                            models.PositiveSmallIntegerField(
                                default=1, verbose_name="version"
                            ),
                        ),
                        (
                            "title",
                            models.CharField(max_length=200, verbose_name="titre"),
                        ),
                        (
                            "plain_html",
                            models.TextField(db_default="", default="", editable=False),
                        ),
                        (
                            "row_html",
                            models.TextField(db_default="", default="", editable=False),
                        ),
                        (
                            "void_at",
                            models.DateTimeField(null=True, verbose_name="annulé le"),
                        ),
                        (
                            "made_of",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=32),
                                editable=False,
                                null=True,
                                verbose_name="ce qu’il imprime",
                            ),
                        ),
                        (
                            "change_told_at",
                            models.DateTimeField(
                                editable=False,
                                null=True,
                                verbose_name="changement de l’offre annoncé le",
                            ),
                        ),
                        (
                            "told_of",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=32),
                                editable=False,
                                null=True,
                                verbose_name="ce qui a été annoncé",
                            ),
                        ),
                        (
                            "act",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="referrals.act",
                                verbose_name="proposition",
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="referrals.candidate",
                                verbose_name="candidat",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "document",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="document_waiting",
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
                                name="document_state_is_known",
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
                                name="document_is_ready_with_its_file",
                            ),
                            models.UniqueConstraint(
                                fields=("act", "version"), name="one_document_of_act"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("void_at", None)),
                                fields=("act",),
                                name="one_document_in_force",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EasyDocument",
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
                            "form",
                            models.CharField(
                                choices=[
                                    ("gros-caracteres", "en gros caractères"),
                                    ("facile-a-lire", "facile à lire"),
                                ],
                                max_length=20,
                                verbose_name="forme",
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="easy_documents",
                                to="referrals.document",
                                verbose_name="document",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "document facilité",
                        "verbose_name_plural": "documents facilités",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="easydocument_waiting",
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
                                name="easydocument_state_is_known",
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
                                name="easydocument_is_ready_with_its_file",
                            ),
                            models.UniqueConstraint(
                                fields=("document", "form"),
                                name="one_easy_document_by_form",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Favourite",
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
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="gardée le",
                            ),
                        ),
                        (
                            "adviser",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="favourites",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="conseiller",
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="favourites",
                                to="referrals.candidate",
                                verbose_name="candidat",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="favourites",
                                to="offers.offer",
                                verbose_name="offre",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "offre gardée",
                        "verbose_name_plural": "offres gardées",
                        "ordering": ("-created_at", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("candidate__isnull", False)),
                                fields=("candidate", "offer"),
                                name="one_favourite_for_a_person",
                                violation_error_message="Cette offre est déjà gardée pour ce candidat.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("adviser__isnull", False)),
                                fields=("adviser", "offer"),
                                name="one_favourite_for_nobody",
                                violation_error_message="Vous gardez déjà cette offre.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("adviser__isnull", True),
                                        ("candidate__isnull", False),
                                    ),
                                    models.Q(
                                        ("adviser__isnull", False),
                                        ("candidate__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="favourite_is_a_persons_or_an_advisers",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MailConsent",
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
                        ("given_on", models.DateField(verbose_name="donné le")),
                        (
                            "way",
                            models.CharField(
                                choices=[
                                    ("personne", "de vive voix, en personne"),
                                    ("ecrit", "par écrit"),
                                    ("telephone", "par téléphone"),
                                ],
                                max_length=10,
                                verbose_name="donné",
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="enregistré le",
                            ),
                        ),
                        (
                            "withdrawn_at",
                            models.DateTimeField(null=True, verbose_name="retiré le"),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mail_consents",
                                to="referrals.candidate",
                                verbose_name="candidat",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="enregistré par",
                            ),
                        ),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="retiré par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "accord pour les courriels",
                        "verbose_name_plural": "accords pour les courriels",
                        "ordering": ("-recorded_at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "given_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="consent_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn_at__isnull", True)),
                                fields=("candidate",),
                                name="one_live_mail_consent",
                                violation_error_message="L’accord de ce candidat est déjà enregistré.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("way__in", ["personne", "ecrit", "telephone"])
                                ),
                                name="consent_way_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("withdrawn_at__isnull", False),
                                    ("withdrawn_by__isnull", True),
                                    _connector="OR",
                                ),
                                name="consent_is_withdrawn_at_an_instant",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentMail",
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
                            "asked_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="demandé le",
                            ),
                        ),
                        (
                            "digest",
                            models.CharField(
                                max_length=64,
                                unique=True,
                                verbose_name="empreinte du lien",
                            ),
                        ),
                        (
                            "expires_at",
                            models.DateTimeField(verbose_name="lien valable jusqu’au"),
                        ),
                        (
                            "sent_at",
                            models.DateTimeField(null=True, verbose_name="parti le"),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(
                                null=True, verbose_name="lien fermé le"
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="demandé par",
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mails",
                                to="referrals.document",
                                verbose_name="document",
                            ),
                        ),
                        (
                            "consent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mails",
                                to="referrals.mailconsent",
                                verbose_name="accord",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "document envoyé par courriel",
                        "verbose_name_plural": "documents envoyés par courriel",
                        "ordering": ("-asked_at", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="MergedRecord",
                    fields=[
                        (
                            "former",
                            models.UUIDField(
                                primary_key=True,
                                serialize=False,
                                verbose_name="n° de l’ancienne fiche",
                            ),
                        ),
                        (
                            "merged_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="réunie le",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="réunie par",
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="merged",
                                to="referrals.candidate",
                                verbose_name="candidat",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ancienne fiche réunie",
                        "verbose_name_plural": "anciennes fiches réunies",
                        "ordering": ("merged_at", "former"),
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
                                    ("opus", "Opus, faute de nouvelles"),
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
                            "act",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="outcomes",
                                to="referrals.act",
                                verbose_name="proposition",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
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
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="outcome_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PastActs",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "period",
                                "department",
                                "kind",
                                "outcome",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "period",
                            models.CharField(
                                max_length=7, verbose_name="mois ou année"
                            ),
                        ),
                        (
                            "department",
                            models.CharField(max_length=6, verbose_name="département"),
                        ),
                        (
                            "kind",
                            models.CharField(max_length=20, verbose_name="proposition"),
                        ),
                        (
                            "outcome",
                            models.CharField(max_length=40, verbose_name="suite"),
                        ),
                        (
                            "acts",
                            models.PositiveIntegerField(verbose_name="propositions"),
                        ),
                        (
                            "persons",
                            models.PositiveIntegerField(verbose_name="candidats"),
                        ),
                    ],
                    options={
                        "verbose_name": "propositions passées",
                        "verbose_name_plural": "propositions passées",
                        "ordering": ("period", "department", "kind", "outcome"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("persons__gte", 5)),
                                name="past_cell_of_five_persons",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("acts__gte", models.F("persons"))),
                                name="past_cell_has_its_acts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PrintedDocument",
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
                        ("rank", models.PositiveSmallIntegerField(verbose_name="rang")),
                        (
                            "document",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="printed_in",
                                to="referrals.document",
                                verbose_name="document",
                            ),
                        ),
                        (
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="items",
                                to="referrals.printjob",
                                verbose_name="impression",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "document d’une impression",
                        "verbose_name_plural": "documents d’une impression",
                        "ordering": ("job", "rank"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("job", "document"),
                                name="a_document_once_in_a_print_job",
                            ),
                            models.UniqueConstraint(
                                fields=("job", "rank"),
                                name="one_document_by_rank_of_a_print_job",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PrintJob",
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
                        (
                            "expires_at",
                            models.DateTimeField(
                                default=opus.lib.background_files.in_a_day,
                                verbose_name="gardé jusqu’au",
                            ),
                        ),
                        (
                            "rows_done",
                            models.PositiveIntegerField(
                                default=0, verbose_name="lignes écrites"
                            ),
                        ),
                        (
                            "rows_total",
                            models.PositiveIntegerField(
                                null=True, verbose_name="lignes à écrire"
                            ),
                        ),
                        (
                            "key",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, verbose_name="clé"
                            ),
                        ),
                        (
                            "held",
                            models.CharField(
                                blank=True,
                                max_length=64,
                                verbose_name="contenu du fichier",
                            ),
                        ),
                        (
                            "left_out",
                            models.JSONField(
                                default=list,
                                verbose_name="propositions laissées de côté",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="print_jobs",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "documents",
                            models.ManyToManyField(
                                through="referrals.PrintedDocument",
                                to="referrals.document",
                                verbose_name="documents",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "impression",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="printjob_waiting",
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
                                name="printjob_state_is_known",
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
                                name="printjob_is_ready_with_its_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "pret"),
                                    ("content__isnull", True),
                                    _connector="OR",
                                ),
                                name="printjob_keeps_no_other_file",
                            ),
                            models.UniqueConstraint(
                                fields=("account", "key"),
                                name="one_print_job_by_gesture",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProcessingLimit",
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
                            "processing",
                            models.CharField(
                                choices=[
                                    (
                                        "tout",
                                        "tout usage : les données sont gelées (RGPD)",
                                    ),
                                    ("courriels", "les courriels d’Opus"),
                                    ("veilles", "les recherches enregistrées"),
                                    (
                                        "statistiques",
                                        "les extraits pour les statistiques",
                                    ),
                                ],
                                max_length=12,
                                verbose_name="ce qui s’arrête",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                max_length=20, verbose_name="n° de la demande"
                            ),
                        ),
                        (
                            "placed_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="décidée le",
                            ),
                        ),
                        (
                            "lifted_at",
                            models.DateTimeField(null=True, verbose_name="levée le"),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="limits",
                                to="referrals.candidate",
                                verbose_name="candidat",
                            ),
                        ),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="levée par",
                            ),
                        ),
                        (
                            "placed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="décidée par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "limite à l’usage des données",
                        "verbose_name_plural": "limites à l’usage des données",
                        "ordering": ("-placed_at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "processing__in",
                                        [
                                            "tout",
                                            "courriels",
                                            "veilles",
                                            "statistiques",
                                        ],
                                    )
                                ),
                                name="limit_processing_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reference", ""), _negated=True),
                                name="limit_has_its_request",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lifted_at__isnull", True),
                                        ("lifted_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("lifted_at__isnull", False),
                                        ("lifted_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="limit_is_lifted_by_somebody",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("lifted_at__isnull", True)),
                                fields=("candidate", "processing"),
                                name="one_limit_in_force",
                                violation_error_message="Cette limite est déjà en place.",
                            ),
                        ],
                    },
                ),
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
                            "name",
                            models.CharField(
                                max_length=50, verbose_name="nom de la recherche"
                            ),
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
                                verbose_name="courriels de nouvelles offres",
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
                            "seen_until",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="vue jusqu’au",
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
                            "notified_until",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="annoncée jusqu’au",
                            ),
                        ),
                        (
                            "emailed_at",
                            models.DateTimeField(
                                editable=False,
                                null=True,
                                verbose_name="dernier courriel le",
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
                    ],
                    options={
                        "verbose_name": "recherche enregistrée",
                        "verbose_name_plural": "recherches enregistrées",
                        "ordering": ("name", "pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("alert", "aucune"), _negated=True),
                                fields=["alert", "notified_until"],
                                name="search_alerts",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("account__isnull", True),
                                    ("candidate__isnull", True),
                                    _connector="XOR",
                                ),
                                name="search_is_an_accounts_or_a_persons",
                            ),
                            models.UniqueConstraint(
                                models.F("account"),
                                models.Func(
                                    models.F("name"),
                                    function="opus_folded",
                                    output_field=models.TextField(),
                                ),
                                condition=models.Q(("account__isnull", False)),
                                name="search_name_of_its_own",
                                violation_error_message="Une de vos recherches porte déjà ce nom : donnez-en un autre.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("candidate__isnull", False)),
                                fields=("candidate", "query"),
                                name="one_search_for_a_person",
                                violation_error_message="Cette recherche est déjà enregistrée pour ce candidat.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True),
                                    models.Q(("query", ""), _negated=True),
                                ),
                                name="search_has_name_and_criteria",
                                violation_error_message="Une recherche a un nom et des critères.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "alert__in",
                                        ["aucune", "quotidienne", "immediate"],
                                    )
                                ),
                                name="search_alert_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Slot",
                    fields=[
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="date et heure")),
                        (
                            "minutes",
                            models.PositiveSmallIntegerField(
                                default=30, verbose_name="durée (minutes)"
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[
                                    ("lieu", "sur place"),
                                    ("telephone", "par téléphone"),
                                    ("visio", "en visioconférence"),
                                ],
                                default="lieu",
                                max_length=10,
                                verbose_name="forme",
                            ),
                        ),
                        (
                            "where",
                            models.CharField(
                                max_length=200, verbose_name="lieu, numéro ou lien"
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
                            "capacity",
                            models.PositiveSmallIntegerField(
                                default=1, verbose_name="places"
                            ),
                        ),
                        (
                            "opened_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="ouvert le",
                            ),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="fermé le"
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="slots",
                                to="accounts.agency",
                                verbose_name="agence",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                blank=True,
                                help_text="Vide : pour toutes les offres de l’agence.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="slots",
                                to="offers.offer",
                                verbose_name="offre",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="ouvert par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "créneau",
                        "verbose_name_plural": "créneaux",
                        "ordering": ("at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "at__range",
                                        (
                                            datetime.datetime(
                                                1999, 12, 31, 0, 0, tzinfo=datetime.UTC
                                            ),
                                            datetime.datetime(
                                                2101, 1, 2, 0, 0, tzinfo=datetime.UTC
                                            ),
                                        ),
                                    )
                                ),
                                name="slot_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("capacity__gte", 1)),
                                name="slot_has_a_place",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minutes__range", (5, 480))),
                                name="slot_lasts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "at__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("opened_at"),
                                            "+",
                                            models.Value(datetime.timedelta(days=548)),
                                        ),
                                    )
                                ),
                                name="slot_is_near",
                                violation_error_message="Un créneau s’ouvre dix-huit mois d’avance au plus.",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("closed_at__isnull", True)),
                                deferrable=django.db.models.constraints.Deferrable[
                                    "DEFERRED"
                                ],
                                expressions=[
                                    ("agency", "="),
                                    (
                                        django.db.models.functions.comparison.Coalesce(
                                            "offer", models.Value("")
                                        ),
                                        "=",
                                    ),
                                    ("where", "="),
                                    (
                                        models.Func(
                                            models.Func(
                                                "at",
                                                template="(%(expressions)s AT TIME ZONE 'UTC')",
                                            ),
                                            models.Func(
                                                models.Func(
                                                    "at",
                                                    template="(%(expressions)s AT TIME ZONE 'UTC')",
                                                ),
                                                "minutes",
                                                arg_joiner=" + INTERVAL '1 minute' * ",
                                                template="(%(expressions)s)",
                                            ),
                                            function="tsrange",
                                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="slots_of_one_place_follow_each_other",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StandIn",
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
                        ("starts_on", models.DateField(verbose_name="premier jour")),
                        ("ends_on", models.DateField(verbose_name="dernier jour")),
                        (
                            "is_cut",
                            models.BooleanField(
                                db_default=False, default=False, editable=False
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="enregistré le",
                            ),
                        ),
                        (
                            "ended_at",
                            models.DateTimeField(null=True, verbose_name="repris le"),
                        ),
                        (
                            "colleague",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stands_in",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confié à",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="repris par",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stand_ins",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="conseiller",
                            ),
                        ),
                        (
                            "structure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.structure",
                                verbose_name="structure",
                            ),
                        ),
                        (
                            "transfer",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stand_ins",
                                to="referrals.caseloadtransfer",
                                verbose_name="décision",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "suivis confiés pour un temps",
                        "verbose_name_plural": "suivis confiés pour un temps",
                        "ordering": ("starts_on", "pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["colleague", "ends_on"],
                                name="stand_in_of_colleague",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "starts_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="stand_in_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__gte", models.F("starts_on"))
                                ),
                                name="stand_in_ends_after_it_starts",
                                violation_error_message="Le dernier jour précède le premier.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("owner", models.F("colleague")), _negated=True
                                ),
                                name="stand_in_is_somebody_else",
                                violation_error_message="On ne se confie pas ses propres suivis.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", True),
                                        ("ended_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="stand_in_is_ended_by_somebody",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                expressions=[
                                    ("owner", "="),
                                    (
                                        opus.lib.dates.DateRange(
                                            django.db.models.functions.comparison.Least(
                                                "starts_on", "ends_on"
                                            ),
                                            django.db.models.functions.comparison.Greatest(
                                                "starts_on", "ends_on"
                                            ),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                                True, True
                                            ),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_stand_in_at_a_time",
                                violation_error_message="Ces suivis sont déjà confiés à quelqu’un sur une partie de ces dates\xa0: reprenez-les d’abord.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VoidDocument",
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
                        ("since", models.DateTimeField(verbose_name="annulé le")),
                        (
                            "document",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="void_documents",
                                to="referrals.document",
                                verbose_name="document",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "document d’annulation",
                        "verbose_name_plural": "documents d’annulation",
                        "ordering": ("-since", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="voiddocument_waiting",
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
                                name="voiddocument_state_is_known",
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
                                name="voiddocument_is_ready_with_its_file",
                            ),
                            models.UniqueConstraint(
                                fields=("document", "since"),
                                name="one_void_document_by_withdrawal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AppointmentDetails",
                    fields=[
                        ("at", models.DateTimeField(verbose_name="date et heure")),
                        (
                            "minutes",
                            models.PositiveSmallIntegerField(
                                default=30, verbose_name="durée (minutes)"
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[
                                    ("lieu", "sur place"),
                                    ("telephone", "par téléphone"),
                                    ("visio", "en visioconférence"),
                                ],
                                default="lieu",
                                max_length=10,
                                verbose_name="forme",
                            ),
                        ),
                        (
                            "where",
                            models.CharField(
                                max_length=200, verbose_name="lieu, numéro ou lien"
                            ),
                        ),
                        (
                            "act",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="details",
                                serialize=False,
                                to="referrals.act",
                                verbose_name="convocation",
                            ),
                        ),
                        (
                            "confirmed_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="confirmée le"
                            ),
                        ),
                        (
                            "date_refused_at",
                            models.DateTimeField(
                                editable=False,
                                null=True,
                                verbose_name="date refusée le",
                            ),
                        ),
                        (
                            "slot",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="appointments",
                                to="referrals.slot",
                                verbose_name="créneau",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "date et lieu d’une convocation",
                        "verbose_name_plural": "dates et lieux des convocations",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "at__range",
                                        (
                                            datetime.datetime(
                                                1999, 12, 31, 0, 0, tzinfo=datetime.UTC
                                            ),
                                            datetime.datetime(
                                                2101, 1, 2, 0, 0, tzinfo=datetime.UTC
                                            ),
                                        ),
                                    )
                                ),
                                name="appointment_at_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("date_refused_at__isnull", True),
                                    models.Q(
                                        ("confirmed_at__isnull", True),
                                        ("slot__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="appointment_agreed_is_not_refused",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DateProposal",
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
                        ("at", models.DateTimeField(verbose_name="date et heure")),
                        (
                            "minutes",
                            models.PositiveSmallIntegerField(
                                default=30, verbose_name="durée (minutes)"
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[
                                    ("lieu", "sur place"),
                                    ("telephone", "par téléphone"),
                                    ("visio", "en visioconférence"),
                                ],
                                default="lieu",
                                max_length=10,
                                verbose_name="forme",
                            ),
                        ),
                        (
                            "where",
                            models.CharField(
                                max_length=200, verbose_name="lieu, numéro ou lien"
                            ),
                        ),
                        (
                            "because",
                            models.CharField(
                                choices=[
                                    ("agence", "l’agence n’est pas disponible"),
                                    ("employeur", "l’employeur l’a demandé"),
                                    ("personne", "le candidat ne pouvait pas venir"),
                                    ("fermeture", "jour férié ou locaux fermés"),
                                ],
                                max_length=10,
                                verbose_name="motif",
                            ),
                        ),
                        (
                            "proposed_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="proposée le",
                            ),
                        ),
                        (
                            "answered_at",
                            models.DateTimeField(null=True, verbose_name="répondu le"),
                        ),
                        (
                            "is_accepted",
                            models.BooleanField(
                                db_default=False, default=False, verbose_name="acceptée"
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="répondu par",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="proposée par",
                            ),
                        ),
                        (
                            "slot",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="referrals.slot",
                                verbose_name="créneau",
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="referrals.appointment",
                                verbose_name="convocation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "date proposée par une agence",
                        "verbose_name_plural": "dates proposées par les agences",
                        "ordering": ("proposed_at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "at__range",
                                        (
                                            datetime.datetime(
                                                1999, 12, 31, 0, 0, tzinfo=datetime.UTC
                                            ),
                                            datetime.datetime(
                                                2101, 1, 2, 0, 0, tzinfo=datetime.UTC
                                            ),
                                        ),
                                    )
                                ),
                                name="date_proposal_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("answered_at__isnull", True)),
                                fields=("appointment",),
                                name="one_open_date_proposal",
                                violation_error_message="Une date attend déjà la réponse du conseiller.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answered_at", None),
                                        ("answered_by", None),
                                        ("is_accepted", False),
                                    ),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("answered_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="date_proposal_is_answered_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CvFile",
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
                            "format",
                            models.CharField(
                                choices=[
                                    ("pdf", "PDF"),
                                    ("docx", "Word (DOCX)"),
                                    ("odt", "OpenDocument (ODT)"),
                                ],
                                max_length=10,
                                verbose_name="format",
                            ),
                        ),
                        ("content", models.BinaryField(null=True)),
                        (
                            "sha256",
                            models.CharField(
                                editable=False, max_length=64, verbose_name="empreinte"
                            ),
                        ),
                        (
                            "size",
                            models.PositiveIntegerField(
                                editable=False, verbose_name="taille (octets)"
                            ),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="déposé le",
                            ),
                        ),
                        (
                            "purged_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="effacé le"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="déposé par",
                            ),
                        ),
                        (
                            "cv_request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="referrals.cvrequest",
                                verbose_name="demande de CV",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "CV",
                        "verbose_name_plural": "CV",
                        "ordering": ("-at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("content__isnull", True),
                                        ("purged_at__isnull", False),
                                    ),
                                    models.Q(
                                        ("content__isnull", False),
                                        ("purged_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="cv_is_there_until_purged",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApplicationQuestion",
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
                            "text",
                            models.CharField(
                                max_length=300, verbose_name="question de l’agence"
                            ),
                        ),
                        (
                            "asked_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="posée le",
                            ),
                        ),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                max_length=300,
                                verbose_name="réponse du conseiller",
                            ),
                        ),
                        (
                            "answered_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="répondu le"
                            ),
                        ),
                        (
                            "act",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="questions",
                                to="referrals.act",
                                verbose_name="mise en contact avec présélection",
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="répondu par",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="posée par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "question d’une agence",
                        "verbose_name_plural": "questions des agences",
                        "ordering": ("asked_at", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("answered_at__isnull", True)),
                                fields=("act",),
                                name="one_open_question",
                                violation_error_message="Une question attend déjà sa réponse.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answer", ""),
                                        ("answered_at", None),
                                        ("answered_by", None),
                                    ),
                                    models.Q(
                                        models.Q(("answer", ""), _negated=True),
                                        ("answered_at__isnull", False),
                                        ("answered_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="question_is_answered_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CandidateHold",
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
                            "reason",
                            models.CharField(
                                choices=[
                                    (
                                        "contentieux",
                                        "contentieux ou procédure judiciaire",
                                    ),
                                    (
                                        "reclamation",
                                        "réclamation ou recours administratif",
                                    ),
                                    ("cnil", "contrôle ou plainte auprès de la CNIL"),
                                    (
                                        "securite",
                                        "incident de sécurité en cours d’examen",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="motif",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                help_text="Le numéro du dossier contentieux\xa0; aucun nom.",
                                max_length=60,
                                verbose_name="référence du dossier",
                            ),
                        ),
                        (
                            "ends_on",
                            models.DateField(
                                help_text="Dernier jour\xa0; à prolonger au besoin.",
                                verbose_name="conservé jusqu’au",
                            ),
                        ),
                        (
                            "placed_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="décidé le",
                            ),
                        ),
                        (
                            "lifted_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="levé le"
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="holds",
                                to="referrals.candidate",
                                verbose_name="candidat",
                            ),
                        ),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="levé par",
                            ),
                        ),
                        (
                            "placed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="décidé par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "conservation pour litige (candidat)",
                        "verbose_name_plural": "conservations pour litige (candidats)",
                        "ordering": ("-placed_at", "pk"),
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="candidatehold_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lifted_at__isnull", True),
                                        ("lifted_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("lifted_at__isnull", False),
                                        ("lifted_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="candidatehold_lifted_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reference", ""), _negated=True),
                                name="candidatehold_has_its_reference",
                            ),
                        ],
                    },
                ),
            ]
        )
    ]
