from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0011_already_proposed")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="row_html",
            field=models.TextField(db_default="", default="", editable=False),
        )
    ]
