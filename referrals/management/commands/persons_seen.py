"""``manage.py persons_seen IDENTIFIER --from … --to …`` (V24)."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.users.models import User
from opus.lib.audit.journal import Action, record
from referrals.candidates.access_log import as_csv, persons_seen


def instant(text: str) -> dt.datetime:
    """Return an ISO instant, in Paris time by default."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"{text} n’est pas un instant : 2026-11-24T10:00")
    return found if timezone.is_aware(found) else timezone.make_aware(found)


class Command(BaseCommand):
    help = (
        "Écrit en CSV les personnes dont un compte a vu les données entre deux "
        "instants, d’après le journal. Le fichier est nominatif : chiffrez-le."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("identifier", metavar="IDENTIFIANT")
        parser.add_argument("--from", required=True, dest="since", metavar="INSTANT")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FICHIER",
            help="Écrit là, lisible par vous seul\xa0; sinon sur la sortie.",
        )
        parser.add_argument("--to", required=True, dest="until", metavar="INSTANT")

    def handle(
        self,
        *,
        identifier: str,
        since: str,
        until: str,
        output: Path | None = None,
        **options: Any,
    ) -> None:
        account = User.objects.named(identifier).first()
        if account is None:
            raise CommandError(f"Aucun compte ne porte l’identifiant {identifier}.")
        start, end = instant(since), instant(until)
        persons = persons_seen(account, since=start, until=end)
        seen = {person.pk for person in persons}
        days = {"from": start.isoformat(), "to": end.isoformat()}
        details = {"what": "persons_seen", **days}
        record(
            Action.EXPORT_MADE, by=None, target=account, persons=seen, details=details
        )
        if output is None:
            self.stdout.write(as_csv(persons), ending="")
        else:
            # Never overwrite: another process may have the file open.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(output, flags, 0o600), "w") as file:
                file.write(as_csv(persons))
        self.stderr.write(f"{len(persons)} personnes.")
