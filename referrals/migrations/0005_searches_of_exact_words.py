"""Saved searches keep their meaning: each of their words is required."""

from django.db import migrations

EXACT_WORDS = """
UPDATE referrals_savedsearch
SET query = regexp_replace(query, '(^|&)(q=[^&]+)', '\\1\\2&mots=exacts')
WHERE query ~ '(^|&)q=[^&]' AND query !~ '(^|&)mots=' AND length(query) <= 1988
"""


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0004_merged_records"),
        ("offers", "0003_reading_words"),
    ]

    operations = [migrations.RunSQL(EXACT_WORDS, migrations.RunSQL.noop)]
