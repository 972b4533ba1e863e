"""``manage.py purge_personal_data [--really] [--class …]``: what is at term (V10)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from opus.lib import jobs, retention
from opus.lib.models import PurgeRun
from opus.lib.personal_data import Retention


class Command(BaseCommand):
    help = (
        "Compte les données personnelles arrivées à terme, classe par classe. Avec "
        "--really, les supprime ou les efface, par lots ; sans, ne change rien."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--really", action="store_true", help="supprimer, au lieu de compter"
        )
        parser.add_argument(
            "--class",
            dest="only",
            choices=sorted(each.name.lower() for each in Retention),
            metavar="CLASSE",
            help="une seule classe : "
            + ", ".join(sorted(each.name.lower() for each in Retention)),
        )

    def handle(self, *, really: bool, only: str | None, **options: Any) -> None:
        """Show what would go, or have it go.

        Raises:
            CommandError: another process is purging, or another job does that class.
        """
        retained = Retention[only.upper()] if only else None
        if retained in retention.ELSEWHERE:
            raise CommandError(
                "Cette classe a sa propre tâche de fond : "
                f"{retention.ELSEWHERE[retained]}."
            )
        if not really:
            self.tell_what_is_due(retained)
            return
        with jobs.lock(retention.JOB) as is_ours:
            if not is_ours:
                raise CommandError("Une purge est déjà en cours : attendez sa fin.")
            self.tell_what_went(retention.run(retained))

    def tell_what_is_due(self, only: Retention | None) -> None:
        for purge, number in retention.due_now(only):
            self.stdout.write(f"{number:>9}  {purge.what} ({purge.retention.delay})")
        for retained, job in retention.ELSEWHERE.items():
            if only is None:
                self.stdout.write(f"        –  {retained.label} (tâche « {job} »)")
        self.stdout.write("Rien n’a changé. Pour supprimer : --really.")

    def tell_what_went(self, run: PurgeRun) -> None:
        for told in run.counts.values():
            for what, number in told.items():
                self.stdout.write(f"{number:>9}  {what}")
        self.stdout.write(f"{run.total} lignes en tout.")
