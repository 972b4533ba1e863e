"""The help: questions, guides, certified browsers (art. 6)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0031_index_of_last_uses")]

    operations = [
        migrations.CreateModel(
            name="CertifiedBrowser",
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
                        max_length=60, unique=True, verbose_name="navigateur"
                    ),
                ),
                (
                    "since",
                    models.CharField(max_length=40, verbose_name="version minimale"),
                ),
                ("systems", models.CharField(max_length=120, verbose_name="systèmes")),
                (
                    "passkeys",
                    models.CharField(max_length=160, verbose_name="clé d’accès"),
                ),
                (
                    "checking",
                    models.CharField(max_length=160, verbose_name="vérification"),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=100, verbose_name="rang"),
                ),
                (
                    "is_certified",
                    models.BooleanField(default=True, verbose_name="certifié"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, verbose_name="modifié le"),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="modifié par",
                    ),
                ),
            ],
            options={
                "verbose_name": "navigateur certifié",
                "verbose_name_plural": "navigateurs certifiés",
                "ordering": ("position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Guide",
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
                    "slug",
                    models.SlugField(
                        max_length=60, unique=True, verbose_name="adresse"
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="titre")),
                (
                    "body",
                    models.TextField(
                        help_text="Texte simple. Une ligne vide sépare deux paragraphes ; « - » en début de ligne fait une liste ; « ## » en début de ligne fait un intertitre.",
                        max_length=8000,
                        verbose_name="texte",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=100, verbose_name="rang"),
                ),
                ("is_shown", models.BooleanField(default=True, verbose_name="publié")),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, verbose_name="modifié le"),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="modifié par",
                    ),
                ),
            ],
            options={
                "verbose_name": "guide d’un écran",
                "verbose_name_plural": "guides des écrans",
                "ordering": ("position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Question",
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
                    "slug",
                    models.SlugField(
                        max_length=60, unique=True, verbose_name="adresse"
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="titre")),
                (
                    "body",
                    models.TextField(
                        help_text="Texte simple. Une ligne vide sépare deux paragraphes ; « - » en début de ligne fait une liste ; « ## » en début de ligne fait un intertitre.",
                        max_length=8000,
                        verbose_name="texte",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=100, verbose_name="rang"),
                ),
                ("is_shown", models.BooleanField(default=True, verbose_name="publié")),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, verbose_name="modifié le"),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[
                            ("connexion", "Connexion et sécurité"),
                            ("offres", "Recherche et offres"),
                            ("candidats", "Candidats et données personnelles"),
                            ("actes", "Mises en contact et documents"),
                            ("comptes", "Comptes et convention"),
                            ("service", "Assistance et fonctionnement"),
                        ],
                        max_length=20,
                        verbose_name="thème",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="modifié par",
                    ),
                ),
            ],
            options={
                "verbose_name": "question de la FAQ",
                "verbose_name_plural": "questions de la FAQ",
                "ordering": ("position", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "theme__in",
                                [
                                    "connexion",
                                    "offres",
                                    "candidats",
                                    "actes",
                                    "comptes",
                                    "service",
                                ],
                            )
                        ),
                        name="question_theme_is_known",
                    )
                ],
            },
        ),
    ]
