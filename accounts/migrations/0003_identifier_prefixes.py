"""A prefix of identifiers for each structure (art. 5.1)."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rules")]

    operations = [
        migrations.AddField(
            model_name="structure",
            name="identifier_prefix",
            field=models.CharField(
                blank=True,
                help_text="De 2 à 5 lettres majuscules ou chiffres\xa0: IDA donne IDA-7K2F. Sans préfixe, Opus en fait un du nom. Les identifiants déjà remis ne changent pas.",
                max_length=5,
                null=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Z0-9]{2,5}\\Z",
                        "Un préfixe compte de 2 à 5 lettres majuscules sans accent ou chiffres, par exemple IDA.",
                    )
                ],
                verbose_name="préfixe des identifiants",
            ),
        ),
        migrations.AddConstraint(
            model_name="structure",
            constraint=models.CheckConstraint(
                condition=models.Q(("identifier_prefix__regex", "^[A-Z0-9]{2,5}$")),
                name="prefix_of_identifiers_written",
                violation_error_message="Un préfixe compte de 2 à 5 lettres majuscules sans accent ou chiffres, par exemple IDA.",
            ),
        ),
        migrations.AddConstraint(
            model_name="structure",
            constraint=models.CheckConstraint(
                condition=models.Q(("identifier_prefix", "FT"), _negated=True),
                name="prefix_of_staff_is_reserved",
                violation_error_message="FT commence les identifiants des agents de France Travail\xa0: choisissez un autre préfixe.",
            ),
        ),
    ]
