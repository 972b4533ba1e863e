"""``manage.py try_copy``: check that Opus works on a copy (R20)."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.test import Client
from django.test.utils import override_settings

from opus.lib.outbound import outbox
from opus.operations import invariants
from opus.operations.backups import Contents
from opus.startup import is_migrated

PAGES = ("/connexion/", "/donnees-personnelles/", "/readyz")
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"

# Pages are requested on localhost, with or without collected static files.
AS_A_STRANGER: dict[str, Any] = {
    "ALLOWED_HOSTS": ["localhost"],
    "SECURE_SSL_REDIRECT": False,
    "STORAGES": settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN}},
}


class Command(BaseCommand):
    help = "Essaie Opus sur une copie de sa base et dit en JSON ce qu’il y trouve."
    requires_system_checks = "__all__"

    def handle(self, **options: Any) -> None:
        with transaction.atomic():
            report: dict[str, Any] = {"contents": asdict(Contents.here())}
        report["migrated"] = is_migrated()
        report["mute"] = outbox.is_mute()
        report["broken"] = sorted(invariants.check())
        with override_settings(**AS_A_STRANGER):
            client = Client(headers={"host": "localhost"})
            report["pages"] = {path: client.get(path).status_code for path in PAGES}
        self.stdout.write(json.dumps(report))
