"""An RGC's departure or long absence, told beforehand (art. 4.3)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0028_exports"),
    ]

    operations = [
        migrations.AddField(
            model_name="nomination",
            name="end_announced_as",
            field=models.CharField(
                blank=True,
                choices=[
                    ("parti", "départ"),
                    ("absent", "absence de plus de trois mois"),
                ],
                db_default="",
                default="",
                max_length=10,
                verbose_name="fin annoncée",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="end_announced_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="fin annoncée, enregistrée par",
            ),
        ),
        migrations.AddField(
            model_name="nomination",
            name="end_announced_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="fin annoncée au"
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("end_announced_as", ""),
                        ("end_announced_by__isnull", True),
                        ("end_announced_on__isnull", True),
                    ),
                    models.Q(
                        ("end_announced_as__in", ["parti", "absent"]),
                        ("end_announced_by__isnull", False),
                        ("end_announced_on__gte", models.F("office_on")),
                        ("end_announced_on__isnull", False),
                        ("office_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="rgc_end_announced_whole",
                violation_error_message="Une fin annoncée dit comment, quel jour, et ne précède pas la mise en fonction.",
            ),
        ),
    ]
