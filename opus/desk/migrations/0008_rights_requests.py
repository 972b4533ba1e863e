"""The register of article 10, and the copies of data that are made for it (V12, V13)."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import opus.desk.models.rights


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0031_index_of_last_uses"),
        ("desk", "0007_surveys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE desk_rights_number;",
            "DROP SEQUENCE desk_rights_number;",
        ),
        migrations.CreateModel(
            name="RightsRequest",
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
                    "number",
                    models.CharField(
                        default=opus.desk.models.rights.draw_number,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="numéro",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("recue", "reçue, identité à vérifier"),
                            ("verifiee", "identité vérifiée"),
                            ("en_cours", "en cours"),
                            ("repondue", "répondue"),
                            ("refusee", "refusée"),
                        ],
                        default="recue",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "received_on",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="reçue le"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("inscrit", "demandeur d’emploi inscrit à France Travail"),
                            ("non_inscrit", "candidat qui n’est pas inscrit"),
                            ("agent", "agent de France Travail"),
                            ("partenaire", "agent d’une structure partenaire"),
                            ("employeur", "employeur"),
                        ],
                        max_length=20,
                        verbose_name="la personne est",
                    ),
                ),
                (
                    "right",
                    models.CharField(
                        choices=[
                            ("acces", "Accès aux données (RGPD, art. 15)"),
                            ("rectification", "Rectification (RGPD, art. 16)"),
                            ("effacement", "Effacement (RGPD, art. 17)"),
                            ("limitation", "Limitation du traitement (RGPD, art. 18)"),
                            ("opposition", "Opposition (RGPD, art. 21)"),
                        ],
                        max_length=20,
                        verbose_name="droit exercé",
                    ),
                ),
                (
                    "addressed_to",
                    models.CharField(
                        choices=[
                            ("agence", "l’agence France Travail de la personne"),
                            ("dpo", "le délégué à la protection des données (DPO)"),
                        ],
                        help_text="À qui la personne a écrit ; Opus dit si c’est la bonne voie.",
                        max_length=10,
                        verbose_name="adressée à",
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=120, verbose_name="nom et prénom"),
                ),
                (
                    "reply_to",
                    models.CharField(
                        help_text="Adresse électronique ou postale.",
                        max_length=254,
                        verbose_name="où répondre",
                    ),
                ),
                (
                    "redirected_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="réorientée le"
                    ),
                ),
                (
                    "check_done",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("piece", "En personne, au vu d’une pièce d’identité"),
                            ("rappel", "Par un rappel au numéro déjà connu"),
                            (
                                "espace",
                                "Par l’espace personnel de la personne à France Travail",
                            ),
                            (
                                "copie",
                                "Copie d’une pièce d’identité, lue puis détruite",
                            ),
                            (
                                "connexion",
                                "Par la connexion à Opus, avec les deux facteurs",
                            ),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="vérification d’identité",
                    ),
                ),
                (
                    "checked_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="identité vérifiée le"
                    ),
                ),
                (
                    "due_on",
                    models.DateField(editable=False, verbose_name="réponse due le"),
                ),
                (
                    "extended_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="prolongation dite le"
                    ),
                ),
                (
                    "extended_to",
                    models.DateField(
                        editable=False, null=True, verbose_name="prolongée au"
                    ),
                ),
                (
                    "extended_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("complexe", "La demande est complexe"),
                            ("nombre", "La personne a fait de nombreuses demandes"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="motif de la prolongation",
                    ),
                ),
                (
                    "ended_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="réponse du"
                    ),
                ),
                (
                    "refused_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identite", "L’identité n’a pas pu être établie"),
                            (
                                "infondee",
                                "Demande manifestement infondée ou excessive (art. 12.5)",
                            ),
                            (
                                "obligation",
                                "Obligation légale de conserver (art. 17.3 et 18.2)",
                            ),
                            (
                                "autrui",
                                "Atteinte aux droits d’autres personnes (art. 15.4)",
                            ),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="motif du refus",
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
                    "account",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        help_text="Pour un demandeur d’emploi inscrit : l’agence qui le suit.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.agency",
                        verbose_name="agence de la personne",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="identité vérifiée par",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="enregistrée par",
                    ),
                ),
            ],
            options={
                "verbose_name": "demande d’exercice des droits",
                "verbose_name_plural": "demandes d’exercice des droits",
                "ordering": ("due_on", "pk"),
            },
        ),
        migrations.CreateModel(
            name="PersonFile",
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
                ("what", models.CharField(max_length=40, verbose_name="contenu")),
                ("arguments", models.JSONField(default=dict, verbose_name="critères")),
                ("title", models.CharField(max_length=200, verbose_name="intitulé")),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("xlsx", "Classeur Excel (.xlsx)"),
                            ("ods", "Classeur OpenDocument (.ods)"),
                            ("csv", "Texte séparé par des points-virgules (.csv)"),
                        ],
                        max_length=4,
                        verbose_name="format",
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
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="demandé le",
                    ),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="prêt le")),
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
                        default=opus.desk.models.rights.in_a_week,
                        verbose_name="gardé jusqu’au",
                    ),
                ),
                (
                    "taken_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="téléchargé le"
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
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="desk.rightsrequest",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "copie des données d’une personne",
                "verbose_name_plural": "copies des données d’une personne",
                "ordering": ("-asked_at", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ConcernedCandidate",
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
                    "candidate",
                    models.UUIDField(verbose_name="n° de la fiche de candidat"),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="candidates",
                        to="desk.rightsrequest",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "fiche concernée par une demande",
                "verbose_name_plural": "fiches concernées par une demande",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="RightsRequestStep",
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
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="desk.rightsrequest",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une demande de droits",
                "verbose_name_plural": "étapes des demandes de droits",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["recue", "verifiee", "en_cours", "repondue", "refusee"],
                    )
                ),
                name="rights_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agency__isnull", False), ("kind", "inscrit")),
                    models.Q(
                        models.Q(("kind", "inscrit"), _negated=True),
                        ("agency__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="rights_agency_for_the_registered",
                violation_error_message="Indiquez l’agence d’un demandeur d’emploi inscrit, et d’aucune autre personne : les autres relèvent du DPO (art. 10).",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["recue", "refusee"]),
                    models.Q(
                        ("checked_on__isnull", False),
                        models.Q(("check_done", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rights_identity_first",
                violation_error_message="L’identité se vérifie d’abord.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["recue", "refusee"]),
                    ("redirected_on__isnull", False),
                    models.Q(("addressed_to", "agence"), ("agency__isnull", False)),
                    models.Q(("addressed_to", "dpo"), ("agency__isnull", True)),
                    _connector="OR",
                ),
                name="rights_by_the_right_route",
                violation_error_message="La demande n’est pas arrivée par la bonne voie : réorientez-la d’abord (art. 10).",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("extended_because", ""),
                        ("extended_on", None),
                        ("extended_to", None),
                    ),
                    models.Q(
                        ("extended_on__lte", models.F("due_on")),
                        ("extended_to__gt", models.F("due_on")),
                        models.Q(("extended_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rights_put_off_in_time",
                violation_error_message="La prolongation se dit à la personne dans le premier mois, avec son motif.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_on__isnull", False),
                        ("state__in", ["repondue", "refusee"]),
                    ),
                    models.Q(
                        ("ended_on", None),
                        ("state__in", ("recue", "verifiee", "en_cours")),
                    ),
                    _connector="OR",
                ),
                name="rights_answered_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "refusee"),
                        models.Q(("refused_because", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "refusee"), _negated=True),
                        ("refused_because", ""),
                    ),
                    _connector="OR",
                ),
                name="rights_refused_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gt", models.F("received_on"))),
                name="rights_due_after_received",
            ),
        ),
        migrations.AddConstraint(
            model_name="personfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["attente", "en_cours", "pret", "echec", "annule"])
                ),
                name="person_file_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="personfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content__isnull", False), ("state", "pret")),
                    models.Q(
                        models.Q(("state", "pret"), _negated=True),
                        ("content__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="person_file_is_ready_with_its_bytes",
            ),
        ),
        migrations.AddConstraint(
            model_name="personfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["attente", "en_cours", "pret"])),
                fields=("request",),
                name="one_person_file_at_a_time",
                violation_error_message="Une copie est déjà en préparation ou prête pour cette demande.",
            ),
        ),
        migrations.AddConstraint(
            model_name="concernedcandidate",
            constraint=models.UniqueConstraint(
                fields=("request", "candidate"), name="candidate_concerned_once"
            ),
        ),
    ]
