"""What a request says of its person, and « nothing » only while it is true."""

from django.conf import settings
from django.db import migrations, models

import opus.lib.forms.fields
from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_one_vocabulary"),
        ("support", "0004_one_vocabulary"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="rightsrequest",
            name="email",
            field=models.EmailField(
                blank=True,
                db_default="",
                help_text="Si elle en donne un autre.",
                max_length=254,
                verbose_name="autre courriel",
            ),
        ),
        migrations.AddField(
            model_name="rightsrequest",
            name="ft_id",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="S’il est donné\xa0: Opus cherche la personne par lui.",
                max_length=11,
                validators=[opus.lib.forms.fields.validate_ft_id],
                verbose_name="identifiant France Travail",
            ),
        ),
        migrations.AddField(
            model_name="rightsrequest",
            name="phone",
            field=models.CharField(
                blank=True,
                db_default="",
                max_length=20,
                validators=[opus.lib.forms.fields.validate_phone],
                verbose_name="téléphone",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                name="phone_of_a_request",
                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ft_id", ""),
                    ("ft_id__regex", "^(\\d{11}|\\d{7}[0-9A-Z])$"),
                    _connector="OR",
                ),
                name="rights_ft_id_has_one_of_two_forms",
                violation_error_message="Cet identifiant France Travail n’a aucune des deux formes connues.",
            ),
        ),
        run_sql(__file__, "nothing_kept"),
    ]
