"""Offers that did not come in: what waits."""

from django.db.models import F

from offers.feed.models import EventQuarantine
from offers.files.models import Quarantine
from opus.desk.queues import Queue, Trade, admins, nobody

QUEUES = (
    Queue(
        slug="evenements",
        trade=Trade.OFFERS,
        label="Évènements rejetés",
        task="Rejouer ou classer un évènement rejeté",
        verb="Relire",
        model=EventQuarantine,
        waiting=lambda rows: rows.waiting(),
        filters={"etat": "attente"},
        who=F("reference"),
        what=F("reason"),
        since=F("first_at"),
        doer=admins,
    ),
    Queue(
        slug="lignes",
        trade=Trade.OFFERS,
        label="Lignes en quarantaine",
        model=Quarantine,
        waiting=lambda rows: rows,
        since=F("at"),
        doer=nobody,
    ),
)
