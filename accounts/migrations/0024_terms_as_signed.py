"""Both annexes as they were signed, with the correspondents of annexe 2."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_no_convention_outlives_its_parent")]

    operations = [
        migrations.RenameField(
            "convention", "grants_consultation", "signed_consultation"
        ),
        migrations.RenameField("convention", "grants_referrals", "signed_referrals"),
        migrations.RenameField("convention", "quota", "signed_quota"),
        migrations.RenameField("convention", "ft_contact", "signed_ft_contact"),
        migrations.AlterField(
            model_name="convention",
            name="signed_consultation",
            field=models.BooleanField(
                default=True,
                help_text="Annexe 1\xa0: O si coché, N sinon.",
                verbose_name="consultation des offres",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="signed_ft_contact",
            field=models.CharField(
                blank=True,
                help_text="Prénom, nom et fonction.",
                max_length=120,
                verbose_name="correspondant France Travail",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="signed_ft_contact_email",
            field=models.EmailField(
                blank=True,
                default="",
                help_text="Elle reçoit les alertes\xa0: elle est nécessaire à la signature.",
                max_length=254,
                verbose_name="adresse électronique du correspondant France Travail",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="convention",
            name="signed_ft_contact_phone",
            field=models.CharField(
                blank=True,
                default="",
                max_length=20,
                verbose_name="téléphone du correspondant France Travail",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="convention",
            name="signed_partner_contact",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Prénom, nom et fonction.",
                max_length=120,
                verbose_name="correspondant de la structure",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="convention",
            name="signed_partner_contact_email",
            field=models.EmailField(
                blank=True,
                default="",
                max_length=254,
                verbose_name="adresse électronique du correspondant de la structure",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="convention",
            name="signed_partner_contact_phone",
            field=models.CharField(
                blank=True,
                default="",
                max_length=20,
                verbose_name="téléphone du correspondant de la structure",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="convention",
            name="signed_quota",
            field=models.PositiveSmallIntegerField(
                help_text="Annexe 2\xa0: nombre maximal de comptes actifs, RGC non compté.",
                verbose_name="comptes utilisateurs actifs",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="signed_referrals",
            field=models.BooleanField(
                default=False,
                help_text="Annexe 1\xa0: O si coché, N sinon.",
                verbose_name="délégation de la mise en relation",
            ),
        ),
        migrations.AlterConstraint(
            model_name="convention",
            name="convention_ends_after_it_starts",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="convention_ends_after_it_starts",
                violation_error_message="La convention prend fin avant de prendre effet\xa0: vérifiez les deux dates.",
            ),
        ),
    ]
