"""``manage.py refresh_search``: learn again from live offers."""

from typing import Any

from django.core.management.base import BaseCommand

from offers.search.models import JobName, Word
from offers.search.words import refresh_search


class Command(BaseCommand):
    help = (
        "Réapprend des offres ouvertes leurs mots et leurs noms de métier, comme "
        "chaque nuit et après chaque import."
    )

    def handle(self, *, verbosity: int, **options: Any) -> None:
        refresh_search()
        if verbosity:
            names = JobName.objects.values("key").distinct().count()
            self.stdout.write(
                f"{Word.objects.count()} mots et {names} noms de métier appris des "
                "offres ouvertes."
            )
