"""An act remembers that its offer's withdrawal was told, and that it is to confirm."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_closed_accounts_accompany_nobody")]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="to_confirm",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                verbose_name="à confirmer",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="withdrawal_told_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="retrait de l’offre annoncé le"
            ),
        ),
    ]
