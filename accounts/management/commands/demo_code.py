"""Print the one-time code of a demonstration account, for scripts."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.signin.models.factors import TotpDevice


class Command(BaseCommand):
    help = "Prints the current one-time code of a demonstration account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifier", help="for instance conseiller.demo")

    def handle(self, *args: Any, identifier: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Codes are shown in demo mode only (OPUS_DEMO=1).")
        device = TotpDevice.objects.filter(
            user__identifier__iexact=identifier, confirmed=True
        ).first()
        if device is None:
            raise CommandError(f"{identifier} has no account or no second factor.")
        self.stdout.write(device.current_token())
