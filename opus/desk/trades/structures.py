"""Structures: what waits."""

from django.db.models import F

from accounts.structures.models import Structure
from opus.desk.queues import Queue, Trade

QUEUES = (
    Queue(
        slug="communes",
        trade=Trade.AGREEMENTS,
        label="Structures sans commune connue",
        task="Choisir la commune d’une structure",
        verb="Choisir",
        model=Structure,
        waiting=lambda rows: rows.without_commune(),
        filters={"commune": "inconnue"},
        who=F("name"),
        what=F("city"),
    ),
)
