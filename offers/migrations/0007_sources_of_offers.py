"""Which event told an offer's content, state and mode; of when a file's mode is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offers", "0006_feed")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="content_sequence",
            field=models.DecimalField(
                decimal_places=0,
                editable=False,
                max_digits=38,
                null=True,
                verbose_name="n° d’évènement du contenu",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="mode_at",
            field=models.DateTimeField(null=True, verbose_name="mode déclaré le"),
        ),
        migrations.AddField(
            model_name="offer",
            name="mode_sequence",
            field=models.DecimalField(
                decimal_places=0,
                editable=False,
                max_digits=38,
                null=True,
                verbose_name="n° d’évènement du mode",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="state_sequence",
            field=models.DecimalField(
                decimal_places=0,
                editable=False,
                max_digits=38,
                null=True,
                verbose_name="n° d’évènement de l’état",
            ),
        ),
    ]
