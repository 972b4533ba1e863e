"""Steps share their author's field: two of its reverse names go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

BY = models.ForeignKey(
    null=True,
    on_delete=django.db.models.deletion.PROTECT,
    related_name="+",
    to=settings.AUTH_USER_MODEL,
    verbose_name="par",
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0056_one_row_a_review_meeting")]

    operations = [
        migrations.AlterField("conventionstep", "by", BY),
        migrations.AlterField("nominationstep", "by", BY.clone()),
    ]
