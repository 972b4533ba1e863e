"""The squares of ``opus_tags`` find what is near: no index of points."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("offers", "0008_saved_searches_leave")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX search_point; DROP EXTENSION earthdistance;"
            " DROP EXTENSION cube;"
        )
    ]
