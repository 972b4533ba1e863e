"""Requests for assistance: their steps, their messages, their notes (art. 6)."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_help")]

    operations = [
        migrations.CreateModel(
            name="Ticket",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("ouvert", "ouverte"),
                            ("pris", "prise en charge"),
                            ("precision", "en attente de précision"),
                            ("repondu", "répondue"),
                            ("clos", "close"),
                            ("rouvert", "rouverte"),
                        ],
                        default="ouvert",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("connexion", "Connexion, mot de passe, second facteur"),
                            ("offres", "Recherche et offres"),
                            ("actes", "Mises en contact, demandes de CV, convocations"),
                            ("documents", "Documents et impression"),
                            ("comptes", "Comptes, quota, convention"),
                            ("accessibilite", "Accessibilité"),
                            ("donnees", "Données personnelles"),
                            ("autre", "Autre sujet"),
                        ],
                        max_length=20,
                        verbose_name="sujet",
                    ),
                ),
                ("subject", models.CharField(max_length=120, verbose_name="objet")),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        editable=False,
                        max_length=254,
                        verbose_name="adresse électronique",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="reçue le",
                    ),
                ),
                (
                    "registered_at",
                    models.DateTimeField(editable=False, verbose_name="enregistrée le"),
                ),
                (
                    "receipt_due_at",
                    models.DateTimeField(
                        editable=False, verbose_name="accusé de réception dû le"
                    ),
                ),
                (
                    "answer_due_at",
                    models.DateTimeField(editable=False, verbose_name="réponse due le"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="répondue le"
                    ),
                ),
                (
                    "closing",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("repondue", "Réponse donnée"),
                            ("doublon", "Doublon d’une autre demande"),
                            ("sans_objet", "Sans rapport avec Opus, ou indésirable"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="motif de clôture",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confiée à",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandeur",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="accounts.structure",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "demande d’assistance",
                "verbose_name_plural": "demandes d’assistance",
                "ordering": ("-created_at", "-number"),
            },
        ),
        migrations.CreateModel(
            name="Note",
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
                ("text", models.TextField(max_length=2000, verbose_name="note")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="le"
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
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="desk.ticket",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "note interne",
                "verbose_name_plural": "notes internes",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Message",
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
                            ("demande", "message du demandeur"),
                            ("reponse", "réponse de France Travail"),
                            ("precision", "France Travail demande une précision"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="message")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="le"
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
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="desk.ticket",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "message d’une demande",
                "verbose_name_plural": "messages d’une demande",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="TicketStep",
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
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="desk.ticket",
                        verbose_name="demande",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une demande d’assistance",
                "verbose_name_plural": "étapes d’une demande d’assistance",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ("ouvert", "pris", "precision", "rouvert"))
                ),
                fields=["answer_due_at"],
                name="tickets_owed_by_deadline",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                fields=["author", "-created_at"], name="tickets_of_an_author"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["ouvert", "pris", "precision", "repondu", "clos", "rouvert"],
                    )
                ),
                name="ticket_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "topic__in",
                        [
                            "connexion",
                            "offres",
                            "actes",
                            "documents",
                            "comptes",
                            "accessibilite",
                            "donnees",
                            "autre",
                        ],
                    )
                ),
                name="ticket_topic_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author__isnull", False), ("email", "")),
                    models.Q(
                        ("author__isnull", True), models.Q(("email", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="ticket_is_of_an_account_or_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closing__in", ["repondue", "doublon", "sans_objet"]),
                        ("state", "clos"),
                    ),
                    models.Q(
                        models.Q(("state", "clos"), _negated=True), ("closing", "")
                    ),
                    _connector="OR",
                ),
                name="closed_ticket_says_why",
                violation_error_message="Dites pourquoi la demande est close.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "repondu"), _negated=True),
                    ("answered_at__isnull", False),
                    _connector="OR",
                ),
                name="answered_ticket_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["ouvert", "rouvert"]),
                    ("assignee__isnull", False),
                    _connector="OR",
                ),
                name="ticket_under_way_has_its_assignee",
                violation_error_message="Prenez d’abord la demande en charge.",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "demande"),
                    models.Q(
                        ("by__isnull", False), ("kind__in", ["reponse", "precision"])
                    ),
                    _connector="OR",
                ),
                name="staffs_message_is_somebodys",
            ),
        ),
    ]
