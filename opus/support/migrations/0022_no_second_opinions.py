"""A refused text is given back to its author and lent to nobody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("support", "0021_proposals_are_tickets")]

    operations = [
        migrations.DeleteModel(name="SecondOpinionStep"),
        migrations.RunSQL(
            "DROP TRIGGER support_secondopinion_lent ON support_secondopinion;"
            "DROP FUNCTION opus_lent_sentence_only_goes();",
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel(name="SecondOpinion"),
    ]
