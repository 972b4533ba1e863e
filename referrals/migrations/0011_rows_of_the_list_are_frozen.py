from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0010_outcomes_of_the_offer")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="row_html",
            field=models.TextField(db_default="", default="", editable=False),
        )
    ]
