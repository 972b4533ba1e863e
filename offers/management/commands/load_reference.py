"""Load communes and trades (the data helper brings the real thing)."""

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Charge les communes et les métiers."

    def handle(self, **options: object) -> None:
        return
