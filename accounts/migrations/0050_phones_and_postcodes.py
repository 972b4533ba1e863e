"""Telephone numbers and postcodes are written with their own signs."""

import django.core.validators
from django.db import migrations, models

import opus.lib.forms.fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0049_ranges_of_days_never_raise")]

    operations = [
        migrations.AlterField(
            model_name="agency",
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
        migrations.AlterField(
            model_name="agency",
            name="safir",
            field=models.CharField(
                max_length=5,
                primary_key=True,
                serialize=False,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]{5}\\Z",
                        "Un code SAFIR compte 5 chiffres, par exemple 38086.",
                    )
                ],
                verbose_name="code SAFIR",
            ),
        ),
        migrations.AlterField(
            model_name="amendment",
            name="ft_contact_phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone du correspondant France Travail",
            ),
        ),
        migrations.AlterField(
            model_name="amendment",
            name="partner_contact_phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone du correspondant de la structure",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="signed_ft_contact_phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone du correspondant France Travail",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="signed_partner_contact_phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone du correspondant de la structure",
            ),
        ),
        migrations.AlterField(
            model_name="structure",
            name="commune_code",
            field=models.CharField(
                max_length=5,
                validators=[
                    django.core.validators.RegexValidator(
                        "^([0-9]{2}|2[AB])[0-9]{3}\\Z",
                        "Un code INSEE compte 5 caractères, par exemple 38193.",
                    )
                ],
                verbose_name="code INSEE de la commune",
            ),
        ),
        migrations.AlterField(
            model_name="structure",
            name="phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone",
            ),
        ),
        migrations.AlterField(
            model_name="structure",
            name="postcode",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="user",
            name="phone",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone",
            ),
        ),
        migrations.AddConstraint(
            model_name="agency",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("postcode", ""), ("postcode__regex", "^[0-9]{5}$"), _connector="OR"
                ),
                name="postcode_of_an_agency",
                violation_error_message="Un code postal compte 5 chiffres, par exemple 38000.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ft_contact_phone__regex", "^[0-9 +.()/-]*$"),
                    ("partner_contact_phone__regex", "^[0-9 +.()/-]*$"),
                ),
                name="phones_of_an_amendment",
                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
            ),
        ),
        migrations.AddConstraint(
            model_name="convention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_ft_contact_phone__regex", "^[0-9 +.()/-]*$"),
                    ("signed_partner_contact_phone__regex", "^[0-9 +.()/-]*$"),
                ),
                name="phones_of_a_convention",
                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
            ),
        ),
        migrations.AddConstraint(
            model_name="structure",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                name="phone_of_a_structure",
                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
            ),
        ),
        migrations.AddConstraint(
            model_name="structure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("postcode", ""), ("postcode__regex", "^[0-9]{5}$"), _connector="OR"
                ),
                name="postcode_of_a_structure",
                violation_error_message="Un code postal compte 5 chiffres, par exemple 38000.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                name="phone_of_an_account",
                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
            ),
        ),
    ]
