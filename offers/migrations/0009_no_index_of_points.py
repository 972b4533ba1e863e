"""The squares of ``opus_signs`` find what is near: no index of points."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("offers", "0008_saved_searches_leave")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS search_point;"
            " DROP EXTENSION IF EXISTS earthdistance; DROP EXTENSION IF EXISTS cube;"
        )
    ]
