"""A guide or a question may be for the staff of France Travail alone."""

from django.db import migrations, models


def for_staff() -> models.BooleanField:
    return models.BooleanField(
        db_default=False,
        default=False,
        help_text="Les partenaires ne voient pas ce texte.",
        verbose_name="pour France Travail",
    )


class Migration(migrations.Migration):
    dependencies = [("support", "0002_rules")]

    operations = [
        migrations.AddField(model_name, "is_for_staff", for_staff())
        for model_name in ("guide", "question")
    ]
