"""Telephone numbers and postcodes are written with their own signs."""

import django.core.validators
from django.db import migrations, models

import opus.lib.forms.fields


class Migration(migrations.Migration):
    dependencies = [("referrals", "0008_ranges_of_days_never_raise")]

    operations = [
        migrations.AlterField(
            model_name="candidate",
            name="commune_code",
            field=models.CharField(
                blank=True,
                max_length=5,
                validators=[
                    django.core.validators.RegexValidator(
                        "^([0-9]{2}|2[AB])[0-9]{3}\\Z",
                        "Un code INSEE compte 5 caractères, par exemple 38193.",
                    )
                ],
                verbose_name="code INSEE",
            ),
        ),
        migrations.AlterField(
            model_name="candidate",
            name="phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone",
            ),
        ),
        migrations.AlterField(
            model_name="candidate",
            name="postcode",
            field=models.CharField(
                blank=True,
                max_length=5,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]{5}\\Z",
                        "Un code postal compte 5 chiffres, par exemple 38000.",
                    )
                ],
                verbose_name="code postal",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                name="phone_of_a_candidate",
                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("postcode", ""), ("postcode__regex", "^[0-9]{5}$"), _connector="OR"
                ),
                name="postcode_of_a_candidate",
                violation_error_message="Un code postal compte 5 chiffres, par exemple 38000.",
            ),
        ),
    ]
