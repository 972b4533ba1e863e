"""Saved searches keep their meaning: each of their words is required."""

from django.db import migrations

EXACT_WORDS = """
UPDATE referrals_savedsearch
SET query = regexp_replace(query, '(^|&)(q=[^&]+)', '\\1\\2&mots=exacts')
WHERE query ~ '(^|&)q=[^&]' AND query !~ '(^|&)mots=' AND length(query) <= 1988
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_rules")]

    operations = [migrations.RunSQL(EXACT_WORDS, migrations.RunSQL.noop)]
