"""How the identity was checked before a first access was drawn again (S10)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0041_security_events")]

    operations = [
        migrations.AddField(
            model_name="firstaccess",
            name="check_done",
            field=models.CharField(
                blank=True,
                choices=[
                    ("piece", "En personne, au vu d’une pièce d’identité"),
                    ("rappel", "Par un rappel au numéro déjà connu de la structure"),
                    ("video", "En visioconférence, au vu d’une pièce d’identité"),
                ],
                max_length=20,
                default="",
                db_default="",
                verbose_name="vérification d’identité",
            ),
        )
    ]
