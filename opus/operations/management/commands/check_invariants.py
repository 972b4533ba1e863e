"""``manage.py check_invariants``: run the nightly checks (R28)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from opus.operations import invariants


class Command(BaseCommand):
    help = "Compte les lignes qui contredisent une règle\xa0; échoue s’il y en a."

    def handle(self, **options: Any) -> None:
        """Raises CommandError: an invariant is broken."""
        broken = invariants.check()
        for invariant in invariants.rules():
            found = broken.get(invariant.name, 0)
            self.stdout.write(f"{found:8} {invariant.name}: {invariant.label}")
        if broken:
            raise CommandError(f"{len(broken)} contrôles en défaut.")
        self.stdout.write("Aucun défaut.")
