"""Finds how to reach the employer in the texts that are there already (S22).

Files and events bring a text again only once it has changed.
"""

from typing import Any

from django.db import migrations, transaction

from offers.contacts import find_contacts, texts_of

BATCH = 2_000
TEXTS = (
    *("title", "description", "rome_label", "appellation", "company"),
    *("contract_label", "nature_label", "experience_label", "hours_label"),
    *("salary_label", "place_label", "details"),
)


def find_in_all(apps: Any, schema_editor: Any) -> None:
    """Write the column batch by batch; the search rows follow by their trigger."""
    offers = apps.get_model("offers", "Offer").objects.order_by("pk").only(*TEXTS)
    last: str | None = ""
    while last is not None:
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute("SET LOCAL opus.sync = 'on'")
            # A live event may want one of them: nobody's text changes meanwhile.
            batch = offers.filter(pk__gt=last).select_for_update(no_key=True)[:BATCH]
            last = None
            changed = []
            for offer in batch:
                last = offer.pk
                texts = [getattr(offer, name) for name in TEXTS]
                if contacts := find_contacts(texts_of(texts)):
                    offer.contacts = contacts
                    changed.append(offer)
            offers.bulk_update(changed, ["contacts"])


class Migration(migrations.Migration):
    # A million offers in one transaction would stop the feed.
    atomic = False

    dependencies = [("offers", "0005_search_without_contacts")]

    operations = [migrations.RunPython(find_in_all, migrations.RunPython.noop)]
