"""Acts of which nothing is said: reminded of, then closed by nobody's word (5.2)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0008_watches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="reminded_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="rappelée le"
            ),
        ),
        migrations.AlterField(
            model_name="outcome",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="saisie par",
            ),
        ),
        migrations.AlterField(
            model_name="outcome",
            name="declared_by",
            field=models.CharField(
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
    ]
