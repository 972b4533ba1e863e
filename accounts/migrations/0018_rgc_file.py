"""The whole file of an RGC: proposal, opinions, decisions, vacancy (art. 4.1 to 4.3)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_activation_links")]

    operations = [
        migrations.AlterModelOptions(
            name="nomination",
            options={
                "ordering": ("-proposed_on", "-pk"),
                "verbose_name": "nomination de RGC",
                "verbose_name_plural": "nominations de RGC",
            },
        ),
        migrations.AddField(
            model_name="nomination",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="accord enregistré par",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="copy_channel",
            field=models.CharField(
                blank=True,
                choices=[
                    ("main", "en main propre"),
                    ("courriel", "par courriel"),
                    ("courrier", "par courrier"),
                ],
                max_length=10,
                verbose_name="remise",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="copy_given_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="copie de la convention remise le"
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="decision_reference",
            field=models.CharField(
                blank=True, max_length=60, verbose_name="référence de la décision"
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="email",
            field=models.EmailField(
                blank=True,
                max_length=254,
                verbose_name="adresse électronique professionnelle",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="ended_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="fin de fonction le"
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="first_name",
            field=models.CharField(default="", max_length=60, verbose_name="prénom"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="nomination",
            name="has_responsibility",
            field=models.BooleanField(
                default=False,
                verbose_name="a une responsabilité opérationnelle sur les utilisateurs",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="is_permanent_staff",
            field=models.BooleanField(
                default=False,
                verbose_name="fait partie du personnel permanent de la structure",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="last_name",
            field=models.CharField(default="", max_length=60, verbose_name="nom"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="nomination",
            name="office_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="mise en fonction par",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="office_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="en fonction depuis le"
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="opinion",
            field=models.CharField(
                blank=True,
                choices=[("favorable", "favorable"), ("defavorable", "défavorable")],
                max_length=12,
                verbose_name="avis du directeur de site",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="opinion_by",
            field=models.CharField(
                blank=True, max_length=120, verbose_name="avis donné par"
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="opinion_on",
            field=models.DateField(blank=True, null=True, verbose_name="avis donné le"),
        ),
        migrations.AddField(
            model_name="nomination",
            name="previous",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="following",
                to="accounts.nomination",
                verbose_name="fait suite à",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="proposal_reference",
            field=models.CharField(
                default="", max_length=60, verbose_name="référence de la lettre"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="nomination",
            name="refusal_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    (
                        "non_permanent",
                        "ne fait pas partie du personnel permanent de la structure",
                    ),
                    (
                        "sans_responsabilite",
                        "n’a pas de responsabilité opérationnelle sur les utilisateurs",
                    ),
                    ("fonction", "fonction incompatible avec la gestion des comptes"),
                    ("dossier", "proposition incomplète"),
                    (
                        "manquement",
                        "manquement antérieur aux règles d’utilisation d’Opus",
                    ),
                ],
                max_length=20,
                verbose_name="motif du refus",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="vacancy_letter_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="lettre de vacance du"
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="vacancy_letter_reference",
            field=models.CharField(
                blank=True,
                max_length=60,
                verbose_name="référence de la lettre de vacance",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="withdrawal_by",
            field=models.CharField(
                blank=True,
                help_text="Nom et fonction du directeur régional.",
                max_length=120,
                verbose_name="retrait décidé par",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="withdrawal_director",
            field=models.CharField(
                blank=True,
                choices=[
                    ("dt", "directeur territorial"),
                    ("site", "directeur de site"),
                ],
                max_length=10,
                verbose_name="avis du",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="withdrawal_opinion",
            field=models.CharField(
                blank=True,
                choices=[("favorable", "favorable"), ("defavorable", "défavorable")],
                max_length=12,
                verbose_name="avis sur le retrait",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="withdrawal_opinion_by",
            field=models.CharField(
                blank=True, max_length=120, verbose_name="avis donné par"
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="withdrawal_opinion_on",
            field=models.DateField(blank=True, null=True, verbose_name="avis donné le"),
        ),
        migrations.AddField(
            model_name="nomination",
            name="withdrawal_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    (
                        "manquement",
                        "manquement aux règles d’utilisation d’Opus (art. 5.1 et 9)",
                    ),
                    ("comptes", "comptes laissés ouverts après un départ (art. 4.2)"),
                    (
                        "fonction",
                        "n’a plus de responsabilité opérationnelle (art. 4.1)",
                    ),
                ],
                max_length=20,
                verbose_name="motif du retrait",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="withdrawal_reference",
            field=models.CharField(
                blank=True, max_length=60, verbose_name="référence du retrait"
            ),
        ),
        migrations.AlterField(
            model_name="nomination",
            name="decided_on",
            field=models.DateField(blank=True, null=True, verbose_name="décision du"),
        ),
        migrations.AlterField(
            model_name="nomination",
            name="decision_by",
            field=models.CharField(
                blank=True,
                help_text="Nom et fonction du directeur territorial.",
                max_length=120,
                verbose_name="décision prise par",
            ),
        ),
        migrations.AlterField(
            model_name="nomination",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="nominations",
                to=settings.AUTH_USER_MODEL,
                verbose_name="compte",
            ),
        ),
        migrations.AlterField(
            model_name="nomination",
            name="proposed_on",
            field=models.DateField(verbose_name="lettre de la structure du"),
        ),
        migrations.AlterField(
            model_name="nomination",
            name="state",
            field=models.CharField(
                choices=[
                    ("propose", "proposé"),
                    ("accepte", "accepté"),
                    ("refuse", "refusé"),
                    ("abandonne", "proposition abandonnée"),
                    ("en_fonction", "en fonction"),
                    ("retire", "agrément retiré"),
                    ("parti", "parti"),
                    ("absent", "absent plus de trois mois"),
                ],
                default="propose",
                editable=False,
                max_length=20,
                verbose_name="état",
            ),
        ),
    ]
