"""No new sender name tells a social service (art. 9.2); old ones stay until edited."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import accounts.structures.sender_names


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_default_prefixes")]

    operations = [
        migrations.AlterField(
            model_name="structure",
            name="sender_name",
            field=models.CharField(
                help_text="Ligne imprimée sur les documents remis aux candidats. Elle ne dit pas la nature de la structure.",
                max_length=80,
                validators=[accounts.structures.sender_names.validate_sender_name],
                verbose_name="nom d’expéditeur",
            ),
        ),
        AddConstraintNotValid(
            model_name="structure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "sender_name__iregex",
                        "(^|[^A-Za-zÀ-ÖØ-öø-ÿ0-9])(ccas|c\\.c\\.a\\.s|cias|plie|rsa|caf|msa|chrs|spip|pjj|epide|csapa|cada|esat|ase|sos|sociale?s?|sociaux|insertion|r[eéEÉ]insertion|solidarit[eéEÉ]s?|mission locale|missions locales|cap emploi|aides?|secours|handicap[^ ]*|asile|r[eéEÉ]fugi[eéEÉ]s?|migrants?|addictions?|addictologie|probation|p[eéEÉ]nitentiaires?|prisons?|d[eéEÉ]tenus?|justice|h[eéEÉ]bergement|sans[ -]abris?|pr[eéEÉ]carit[eéEÉ]|exclusion|femmes|violences?|protection de l.enfance|pauvret[eéEÉ])($|[^A-Za-zÀ-ÖØ-öø-ÿ0-9])",
                    ),
                    _negated=True,
                ),
                name="sender_name_tells_no_service",
                violation_error_message="Le nom d’expéditeur ne dit pas la nature de la structure\xa0: il est imprimé sur les documents remis aux candidats, et révèlerait qu’un service social les accompagne (convention, art. 9.2). Écrivez par exemple «\xa0Service emploi de la ville\xa0».",
            ),
        ),
    ]
