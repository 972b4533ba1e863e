"""``manage.py purge_personal_data [--really] [--class …]`` (V10)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from opus.lib import jobs
from opus.lib.privacy import retention
from opus.lib.privacy.models import PurgeRun
from opus.lib.privacy.personal_data import Retention


class Command(BaseCommand):
    help = (
        "Compte les données personnelles arrivées à terme, classe par classe. Avec "
        "--really, les supprime ou les efface, par lots ; sans, ne change rien."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        names = sorted(each.name.lower() for each in Retention)
        parser.add_argument(
            "--really", action="store_true", help="supprimer, au lieu de compter"
        )
        parser.add_argument(
            "--class",
            dest="only",
            choices=names,
            metavar="CLASSE",
            help="une seule classe : " + ", ".join(names),
        )

    def handle(self, *, really: bool, only: str | None, **options: Any) -> None:
        """Show or purge; raise CommandError if locked or incomplete."""
        retained = Retention[only.upper()] if only else None
        if retained and (others := retention.jobs_of(retained)):
            names = ", ".join(job.name for job in others)
            raise CommandError(f"D’autres tâches de fond s’en chargent\xa0: {names}.")
        if not really:
            self.show(retention.run(retained, really=False), retained)
            if retained is None:
                self.show_other_jobs()
            self.stdout.write("Rien n’a changé. Pour supprimer : --really.")
            return
        with jobs.lock(retention.JOB) as is_ours:
            if not is_ours:
                raise CommandError("Une purge est déjà en cours : attendez sa fin.")
            report = retention.run(retained)
        self.show(report, retained)
        self.stdout.write(f"{report.total} lignes en tout.")
        if report.failures:
            raise CommandError(
                f"Lignes qui n’ont pas pu partir\xa0: {report.failures}. Le reste est "
                "fait\xa0; le journal («\xa0données arrivées à terme\xa0») dit "
                "lesquelles et pourquoi."
            )

    def show(self, report: PurgeRun, only: Retention | None) -> None:
        for retained in Retention:
            purges = retention.purges(retained)
            if not purges or only not in (None, retained):
                continue
            self.stdout.write(f"{retained.label} ({retained.delay})")
            none = dict.fromkeys([each.what for each in purges], 0)
            for what, number in (none | report.counts.get(retained.name, {})).items():
                self.stdout.write(f"{number:>9}  {what}")
            for each in purges:
                for reason, number in each.waiting().items():
                    words = f"{each.what}, en attente\xa0: {reason}"
                    self.stdout.write(f"{number:>9}  {words}")

    def show_other_jobs(self) -> None:
        for retained in Retention:
            others = retention.jobs_of(retained)
            if others:
                self.stdout.write(f"{retained.label} ({retained.delay})")
            for job in others:
                for what, number in (job.due() or {"rien": 0}).items():
                    self.stdout.write(f"{number:>9}  {what} (tâche « {job.name} »)")
