from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0004_papers_follow_offers")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="plain_html",
            field=models.TextField(db_default="", default="", editable=False),
        )
    ]
