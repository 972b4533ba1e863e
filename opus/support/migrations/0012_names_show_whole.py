"""Names of persons hold no character that does not show, whoever writes them."""

from django.db import migrations, models

HIDDEN = (
    r"[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ue000-\uf8ff\ufeff\ufff9-\ufffb]"
)


class Migration(migrations.Migration):
    dependencies = [("support", "0011_guards_of_opinions")]

    operations = [
        migrations.AddConstraint(
            "rightsrequest",
            models.CheckConstraint(
                condition=models.Q(models.Q(("name__regex", HIDDEN), _negated=True)),
                name="rights_name_shows_whole",
                violation_error_message="Ce nom contient un signe qui ne se voit pas\u00a0"
                ": retapez-le.",
            ),
        )
    ]
