"""Saved searches are tables of ``referrals``."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("offers", "0007_background_files")]

    operations = [
        migrations.DeleteModel("SavedSearch"),
        migrations.RunSQL("DROP FUNCTION opus_hold_searches()"),
    ]
