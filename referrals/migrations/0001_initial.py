"""Persons, acts and what goes with them: the tables, as the models say."""

import datetime
import uuid

import django.contrib.postgres.constraints
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

import opus.lib.database.name_order
import opus.lib.dates.bounds
import opus.lib.files.background_files
import opus.lib.forms.fields
from opus.lib.database.migration_operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0001_initial"), ("offers", "0001_initial")]

    operations = [
        CreateModels(
            [
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
                            "structure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="candidates",
                                to="accounts.structure",
                                verbose_name="structure",
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
                                help_text="11 chiffres, ou 7 chiffres et un caractère. Laissez vide pour une personne qui n’est pas inscrite.",
                                max_length=11,
                                validators=[opus.lib.forms.fields.validate_ft_id],
                                verbose_name="identifiant France Travail",
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True,
                                max_length=254,
                                verbose_name="adresse électronique",
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
                                violation_error_message="Votre structure accompagne déjà une personne avec cet identifiant France Travail.",
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
                            "placed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="décidé par",
                            ),
                        ),
                        (
                            "lifted_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="levé le"
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
                            "candidate",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="holds",
                                to="referrals.candidate",
                                verbose_name="candidat",
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
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transfers",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="conseiller",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("attente", "en attente"),
                                    ("fait", "fait"),
                                    ("arrete", "arrêté"),
                                ],
                                default="attente",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
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
                            "acts_to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="personnes avec un acte en cours",
                            ),
                        ),
                        (
                            "others_to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="autres personnes",
                            ),
                        ),
                        (
                            "people",
                            models.PositiveIntegerField(verbose_name="personnes"),
                        ),
                        (
                            "acts",
                            models.PositiveIntegerField(verbose_name="actes en cours"),
                        ),
                        (
                            "asked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now,
                                verbose_name="demandé le",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(verbose_name="possible à partir du"),
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
                            "done_at",
                            models.DateTimeField(null=True, verbose_name="fait le"),
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
                            models.UniqueConstraint(
                                condition=models.Q(("state", "attente")),
                                fields=("account",),
                                name="one_waiting_transfer",
                                violation_error_message="Les personnes suivies par ce compte attendent déjà d’être confiées\xa0: annulez d’abord cette demande.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by__isnull", True),
                                    models.Q(
                                        ("confirmed_by", models.F("asked_by")),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="transfer_by_two_persons",
                                violation_error_message="Une autre personne que celle qui a demandé le transfert doit le confirmer.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("account", models.F("asked_by")), _negated=True
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
                                violation_error_message="Ces personnes attendent 24 heures, sauf si une seconde personne confirme.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
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
                                    (
                                        "ready_at__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("asked_at"),
                                            "+",
                                            models.Value(datetime.timedelta(days=1)),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="transfer_to_oneself_waits",
                                violation_error_message="Confier des personnes à soi-même attend 24 heures.",
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
                                    ("state__in", ["attente", "fait", "arrete"])
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
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
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
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
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
                    name="CvRequest",
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
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="offers.offer",
                                verbose_name="offre",
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
                            "structure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="accounts.structure",
                                verbose_name="structure",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("demandee", "demandée"),
                                    ("remise", "lettre remise"),
                                    ("relancee", "relancée"),
                                    ("recu", "CV reçu"),
                                    ("transmis", "transmis à l’agence"),
                                    ("retenu", "CV retenu"),
                                    ("non_retenu", "CV non retenu"),
                                    ("sans_cv", "sans CV"),
                                    ("annulee", "annulée"),
                                ],
                                default="demandee",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="attendu le")),
                        (
                            "refused_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "competences",
                                        "compétences différentes de celles demandées",
                                    ),
                                    (
                                        "experience",
                                        "expérience insuffisante pour ce poste",
                                    ),
                                    ("mobilite", "lieu ou déplacements incompatibles"),
                                    ("disponibilite", "disponibilité incompatible"),
                                    ("habilitation", "permis ou habilitation manquant"),
                                    ("illisible", "CV illisible ou incomplet"),
                                    ("assez", "assez de candidatures retenues"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="non retenu parce que",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "demande de CV",
                        "verbose_name_plural": "demandes de CV",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["structure", "created_at"],
                                name="cvrequest_made",
                            ),
                            models.Index(
                                fields=["created_at"], name="cvrequest_made_at"
                            ),
                        ],
                        "constraints": [
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
                                name="cv_request_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "demandee",
                                            "remise",
                                            "relancee",
                                            "recu",
                                            "transmis",
                                        ),
                                    )
                                ),
                                fields=("offer", "candidate"),
                                name="one_live_cv_request",
                                violation_error_message="Le CV de cette personne est déjà demandé pour cette offre.",
                            ),
                            models.UniqueConstraint(
                                fields=("adviser", "idempotency_key"),
                                name="one_cv_request_by_form",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
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
                                    )
                                ),
                                name="cv_request_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
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
                                    models.Q(
                                        ("handed_over_on__isnull", False),
                                        models.Q(("channel", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="cv_request_goes_on_once_handed_over",
                                violation_error_message="Enregistrez d’abord la remise de la lettre (convention, art. 7).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "non_retenu"), _negated=True),
                                    models.Q(("refused_because", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="cv_request_is_refused_for_a_reason",
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
                            "cv_request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="referrals.cvrequest",
                                verbose_name="demande de CV",
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
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="déposé par",
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
                    name="CvRequestStep",
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
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "cv_request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="referrals.cvrequest",
                                verbose_name="demande de CV",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une demande de CV",
                        "verbose_name_plural": "étapes d’une demande de CV",
                        "ordering": ("at", "pk"),
                        "abstract": False,
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
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="favourites",
                                to="offers.offer",
                                verbose_name="offre",
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="gardée le",
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
                                violation_error_message="Cette offre est déjà gardée pour cette personne.",
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
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mail_consents",
                                to="referrals.candidate",
                                verbose_name="candidat",
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
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="enregistré par",
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
                                violation_error_message="L’accord de cette personne est déjà enregistré.",
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
                        ("kind", models.CharField(max_length=20, verbose_name="acte")),
                        (
                            "outcome",
                            models.CharField(max_length=40, verbose_name="suite"),
                        ),
                        ("acts", models.PositiveIntegerField(verbose_name="actes")),
                        (
                            "persons",
                            models.PositiveIntegerField(verbose_name="personnes"),
                        ),
                    ],
                    options={
                        "verbose_name": "actes passés",
                        "verbose_name_plural": "actes passés",
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
                                default=opus.lib.files.background_files.in_a_day,
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
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="print_jobs",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
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
                                default=list, verbose_name="actes laissés de côté"
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
                                violation_error_message="Cette recherche est déjà enregistrée pour cette personne.",
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
                            "capacity",
                            models.PositiveSmallIntegerField(
                                default=1, verbose_name="places"
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
                    name="Appointment",
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
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="offers.offer",
                                verbose_name="offre",
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
                            "structure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="accounts.structure",
                                verbose_name="structure",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("planifiee", "planifiée"),
                                    ("modifiee", "modifiée"),
                                    ("remise", "convocation remise"),
                                    ("a_renseigner", "à renseigner"),
                                    ("effectuee", "entretien effectué"),
                                    ("absent", "absence"),
                                    ("retenu", "candidature retenue"),
                                    ("non_retenu", "candidature non retenue"),
                                    ("annulee", "annulée"),
                                ],
                                default="planifiee",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
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
                        (
                            "confirmed_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="confirmée le"
                            ),
                        ),
                        (
                            "absence",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("excusee", "absence excusée"),
                                    ("non_excusee", "absence non excusée"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="absence",
                            ),
                        ),
                        (
                            "called_off_by",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("candidat", "le candidat"),
                                    ("organisateur", "l’organisateur"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="annulée par",
                            ),
                        ),
                        (
                            "not_handed_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("dit", "la personne a été prévenue de vive voix"),
                                    ("jour", "rendez-vous pris et tenu le jour même"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="non remise parce que",
                            ),
                        ),
                        (
                            "follows",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="followed_by",
                                to="referrals.appointment",
                                verbose_name="fait suite à",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "convocation",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["structure", "created_at"],
                                name="appointment_made",
                            ),
                            models.Index(
                                fields=["created_at"], name="appointment_made_at"
                            ),
                        ],
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
                                    (
                                        "handed_over_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="appointment_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "planifiee",
                                            "modifiee",
                                            "remise",
                                            "a_renseigner",
                                        ),
                                    )
                                ),
                                fields=("offer", "candidate"),
                                name="one_live_appointment",
                                violation_error_message="Cette personne est déjà convoquée pour cette offre.",
                            ),
                            models.UniqueConstraint(
                                fields=("adviser", "idempotency_key"),
                                name="one_appointment_by_form",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
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
                                    )
                                ),
                                name="appointment_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
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
                                    models.Q(
                                        ("handed_over_on__isnull", False),
                                        models.Q(("channel", ""), _negated=True),
                                    ),
                                    models.Q(("not_handed_because", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="appointment_is_done_once_handed_over",
                                violation_error_message="Enregistrez la remise de la convocation, ou pourquoi elle n’a pas été remise (convention, art. 7).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "absent"), _negated=True),
                                    models.Q(("absence", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="appointment_absence_says_which",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "annulee"), _negated=True),
                                    models.Q(("called_off_by", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="appointment_is_called_off_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AppointmentStep",
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
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="referrals.appointment",
                                verbose_name="convocation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une convocation",
                        "verbose_name_plural": "étapes d’une convocation",
                        "ordering": ("at", "pk"),
                        "abstract": False,
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
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stand_ins",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="conseiller",
                            ),
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
                        ("starts_on", models.DateField(verbose_name="premier jour")),
                        ("ends_on", models.DateField(verbose_name="dernier jour")),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="enregistré le",
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
                            "ended_at",
                            models.DateTimeField(null=True, verbose_name="repris le"),
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
                                        opus.lib.dates.bounds.DateRange(
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
                            "referral",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="outcomes",
                                to="referrals.referral",
                                verbose_name="mise en contact",
                            ),
                        ),
                        (
                            "screened_referral",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="outcomes",
                                to="referrals.screenedreferral",
                                verbose_name="mise en contact avec présélection",
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
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("referral__isnull", False),
                                        ("screened_referral__isnull", True),
                                    ),
                                    models.Q(
                                        ("referral__isnull", True),
                                        ("screened_referral__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="outcome_of_one_act",
                            ),
                        ],
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
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="offers.offer",
                                verbose_name="offre",
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
                            "structure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="accounts.structure",
                                verbose_name="structure",
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
                    ],
                    options={
                        "verbose_name": "mise en contact",
                        "verbose_name_plural": "mises en contact",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["structure", "created_at"], name="referral_made"
                            ),
                            models.Index(
                                fields=["created_at"], name="referral_made_at"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "handed_over_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="referral_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ("proposee", "remise", "contact", "entretien"),
                                    )
                                ),
                                fields=("offer", "candidate"),
                                name="one_live_referral",
                                violation_error_message="Cette personne est déjà mise en contact avec cette offre.",
                            ),
                            models.UniqueConstraint(
                                fields=("adviser", "idempotency_key"),
                                name="one_referral_by_form",
                            ),
                            models.CheckConstraint(
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
                            models.CheckConstraint(
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
                                name="referral_ends_with_an_outcome",
                            ),
                        ],
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
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
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
                migrations.CreateModel(
                    name="ScreenedReferral",
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
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="offers.offer",
                                verbose_name="offre",
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
                            "structure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="accounts.structure",
                                verbose_name="structure",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("proposee", "proposée"),
                                    ("remise", "document remis"),
                                    ("a_examiner", "à examiner"),
                                    ("complement", "complément demandé"),
                                    ("ecartee", "écartée"),
                                    ("preselection", "présélectionnée"),
                                    ("presentee", "présentée à l’employeur"),
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
                            "criteria_met",
                            models.JSONField(
                                default=list,
                                editable=False,
                                verbose_name="critères remplis",
                            ),
                        ),
                        (
                            "set_aside_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "competences",
                                        "compétences différentes de celles demandées",
                                    ),
                                    (
                                        "experience",
                                        "expérience insuffisante pour ce poste",
                                    ),
                                    ("mobilite", "lieu ou déplacements incompatibles"),
                                    ("disponibilite", "disponibilité incompatible"),
                                    ("habilitation", "permis ou habilitation manquant"),
                                    ("doublon", "candidature déjà reçue par ailleurs"),
                                    ("assez", "assez de candidatures retenues"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="écartée parce que",
                            ),
                        ),
                        (
                            "after_cv",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="screened_referral",
                                to="referrals.cvrequest",
                                verbose_name="fait suite au CV",
                            ),
                        ),
                        (
                            "after_appointment",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="screened_referral",
                                to="referrals.appointment",
                                verbose_name="fait suite à la convocation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mise en contact avec présélection",
                        "verbose_name_plural": "mises en contact avec présélection",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["structure", "created_at"],
                                name="screenedreferral_made",
                            ),
                            models.Index(
                                fields=["created_at"], name="screenedreferral_made_at"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "handed_over_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="screened_referral_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "proposee",
                                            "remise",
                                            "a_examiner",
                                            "complement",
                                            "preselection",
                                            "presentee",
                                            "entretien",
                                        ),
                                    )
                                ),
                                fields=("offer", "candidate"),
                                name="one_live_screened_referral",
                                violation_error_message="Cette personne est déjà mise en contact avec cette offre.",
                            ),
                            models.UniqueConstraint(
                                fields=("adviser", "idempotency_key"),
                                name="one_screened_referral_by_form",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
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
                                    )
                                ),
                                name="screened_referral_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["proposee", "annulee"]),
                                    models.Q(
                                        ("handed_over_on__isnull", False),
                                        models.Q(("channel", ""), _negated=True),
                                    ),
                                    ("after_cv__isnull", False),
                                    ("after_appointment__isnull", False),
                                    _connector="OR",
                                ),
                                name="screened_referral_goes_on_once_handed_over",
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
                                name="screened_referral_ends_with_an_outcome",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "ecartee"), _negated=True),
                                    models.Q(("set_aside_because", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="screened_referral_is_set_aside_for_a_reason",
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
                            "referral",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="referrals.referral",
                                verbose_name="mise en contact",
                            ),
                        ),
                        (
                            "screened_referral",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="referrals.screenedreferral",
                                verbose_name="mise en contact avec présélection",
                            ),
                        ),
                        (
                            "cv_request",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="referrals.cvrequest",
                                verbose_name="demande de CV",
                            ),
                        ),
                        (
                            "appointment",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="referrals.appointment",
                                verbose_name="convocation",
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
                            "void_at",
                            models.DateTimeField(null=True, verbose_name="annulé le"),
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
                                fields=("referral", "version"),
                                name="one_document_of_referral",
                            ),
                            models.UniqueConstraint(
                                fields=("screened_referral", "version"),
                                name="one_document_of_screened_referral",
                            ),
                            models.UniqueConstraint(
                                fields=("cv_request", "version"),
                                name="one_document_of_cv_request",
                            ),
                            models.UniqueConstraint(
                                fields=("appointment", "version"),
                                name="one_document_of_appointment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("appointment__isnull", True),
                                        ("cv_request__isnull", True),
                                        ("referral__isnull", False),
                                        ("screened_referral__isnull", True),
                                    ),
                                    models.Q(
                                        ("appointment__isnull", True),
                                        ("cv_request__isnull", True),
                                        ("referral__isnull", True),
                                        ("screened_referral__isnull", False),
                                    ),
                                    models.Q(
                                        ("appointment__isnull", True),
                                        ("cv_request__isnull", False),
                                        ("referral__isnull", True),
                                        ("screened_referral__isnull", True),
                                    ),
                                    models.Q(
                                        ("appointment__isnull", False),
                                        ("cv_request__isnull", True),
                                        ("referral__isnull", True),
                                        ("screened_referral__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="document_of_one_act",
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
                            "document",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="easy_documents",
                                to="referrals.document",
                                verbose_name="document",
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
                    ],
                    options={
                        "verbose_name": "document envoyé par courriel",
                        "verbose_name_plural": "documents envoyés par courriel",
                        "ordering": ("-asked_at", "pk"),
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
                        (
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="items",
                                to="referrals.printjob",
                                verbose_name="impression",
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="printed_in",
                                to="referrals.document",
                                verbose_name="document",
                            ),
                        ),
                        ("rank", models.PositiveSmallIntegerField(verbose_name="rang")),
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
                    name="ScreenedReferralStep",
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
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "screened_referral",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="referrals.screenedreferral",
                                verbose_name="mise en contact avec présélection",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une mise en contact avec présélection",
                        "verbose_name_plural": "étapes d’une mise en contact avec présélection",
                        "ordering": ("at", "pk"),
                        "abstract": False,
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
                        (
                            "document",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="void_documents",
                                to="referrals.document",
                                verbose_name="document",
                            ),
                        ),
                        ("since", models.DateTimeField(verbose_name="annulé le")),
                    ],
                    options={
                        "verbose_name": "fiche d’annulation",
                        "verbose_name_plural": "fiches d’annulation",
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
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="limits",
                                to="referrals.candidate",
                                verbose_name="candidat",
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
                                    ("veilles", "les veilles d’offres"),
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
                            "placed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="décidée par",
                            ),
                        ),
                        (
                            "lifted_at",
                            models.DateTimeField(null=True, verbose_name="levée le"),
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
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="merged",
                                to="referrals.candidate",
                                verbose_name="candidat",
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
                    ],
                    options={
                        "verbose_name": "ancienne fiche réunie",
                        "verbose_name_plural": "anciennes fiches réunies",
                        "ordering": ("merged_at", "former"),
                    },
                ),
            ]
        )
    ]
