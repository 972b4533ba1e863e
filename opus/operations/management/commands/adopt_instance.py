"""``manage.py adopt_instance --waiting …``: a restored copy becomes Opus (R21)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry


class Command(BaseCommand):
    help = (
        "Fait de cette copie l’instance en service : courriels et notifications "
        "partent de nouveau. À ne faire que si l’ancienne est arrêtée."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--waiting",
            choices=["drop", "send"],
            required=True,
            help="Ce qui attendait dans la copie : drop si l’ancienne instance a pu "
            "l’envoyer après la sauvegarde, send sinon.",
        )

    @transaction.atomic
    def handle(self, *, waiting: str, **options: Any) -> None:
        rows = OutboxEntry.objects.waiting()
        number = rows.count()
        if waiting == "drop":
            rows.update(dropped_at=timezone.now())
        outbox.adopt()
        fate = "abandonnés" if waiting == "drop" else "vont partir"
        self.stdout.write(f"Instance adoptée. {number} envois en attente : {fate}.")
