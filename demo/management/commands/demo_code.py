"""Print the one-time code of a demonstration account, for scripts."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.signin.models import TotpDevice
from accounts.users.models import User


class Command(BaseCommand):
    help = "Affiche le code à usage unique d’un compte de démonstration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "identifier", metavar="IDENTIFIANT", help="conseiller.demo, par exemple"
        )

    def handle(self, *args: Any, identifier: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "Un code ne s’affiche qu’en démonstration (OPUS_DEMO=1)."
            )
        device = TotpDevice.objects.filter(
            user__in=User.objects.named(identifier), confirmed=True
        ).first()
        if device is None:
            raise CommandError(
                f"{identifier} n’a pas de compte, ou pas de second facteur."
            )
        self.stdout.write(device.current_token())
