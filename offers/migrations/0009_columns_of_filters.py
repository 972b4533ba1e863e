"""What an adviser filters by, as codes beside the words; the names that boxes propose."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_dates_of_modes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appellation",
            fields=[
                ("key", models.BigIntegerField(primary_key=True, serialize=False)),
                ("label", models.CharField(max_length=200, verbose_name="libellé")),
                ("plain", models.TextField()),
                (
                    "rome_code",
                    models.CharField(
                        blank=True, max_length=5, verbose_name="code ROME"
                    ),
                ),
            ],
            options={
                "verbose_name": "appellation",
                "ordering": ("label",),
            },
        ),
        migrations.CreateModel(
            name="Skill",
            fields=[
                (
                    "code",
                    models.IntegerField(
                        primary_key=True, serialize=False, verbose_name="code"
                    ),
                ),
                ("label", models.CharField(max_length=300, verbose_name="libellé")),
                ("plain", models.TextField()),
            ],
            options={
                "verbose_name": "compétence",
                "ordering": ("label",),
            },
        ),
        migrations.AddField(
            model_name="offer",
            name="adapted",
            field=models.BooleanField(null=True, verbose_name="entreprise adaptée"),
        ),
        migrations.AddField(
            model_name="offer",
            name="contract_months",
            field=models.DecimalField(
                decimal_places=1,
                max_digits=5,
                null=True,
                verbose_name="durée du contrat (mois)",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="from_partner",
            field=models.BooleanField(
                null=True, verbose_name="publiée par un partenaire"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="handi_engaged",
            field=models.BooleanField(null=True, verbose_name="employeur handi-engagé"),
        ),
        migrations.AddField(
            model_name="offer",
            name="is_cadre",
            field=models.BooleanField(null=True, verbose_name="cadre"),
        ),
        migrations.AddField(
            model_name="offer",
            name="pay_least",
            field=models.PositiveIntegerField(
                null=True, verbose_name="salaire brut par mois, de"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="pay_most",
            field=models.PositiveIntegerField(
                null=True, verbose_name="salaire brut par mois, à"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="permits",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=4),
                null=True,
                verbose_name="permis",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="sector",
            field=models.CharField(
                blank=True,
                db_default="",
                max_length=2,
                verbose_name="secteur (division NAF)",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="skills",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(),
                null=True,
                verbose_name="compétences (codes)",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="training",
            field=models.PositiveSmallIntegerField(
                help_text="0, 2, puis de 3 (CAP) à 7 (Bac+5).",
                null=True,
                verbose_name="formation (niveau)",
            ),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="adapted",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="appeared_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now()
            ),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="appellation",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="contract_months",
            field=models.DecimalField(decimal_places=1, max_digits=5, null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="few_candidates",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="from_partner",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="handi_engaged",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="is_cadre",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="pay_most",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="permits",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=4), null=True
            ),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="sector",
            field=models.CharField(db_default="", max_length=2),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="skills",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), null=True
            ),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="training",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="offersearch",
            name="weekly_hours",
            field=models.DecimalField(decimal_places=2, max_digits=4, null=True),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=models.Index(
                fields=["appellation", "-created_at"], name="search_appellation"
            ),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=models.Index(fields=["appeared_at"], name="search_appeared"),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("skills__isnull", False)),
                fields=["skills"],
                name="search_skills",
            ),
        ),
        migrations.AddIndex(
            model_name="offersearch",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("permits__isnull", False)),
                fields=["permits"],
                name="search_permits",
            ),
        ),
        migrations.AddIndex(
            model_name="appellation",
            index=models.Index(fields=["label"], name="appellation_label"),
        ),
        migrations.AddConstraint(
            model_name="appellation",
            constraint=models.UniqueConstraint(
                fields=("plain",), name="one_appellation_by_name"
            ),
        ),
    ]
