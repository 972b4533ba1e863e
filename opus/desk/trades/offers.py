"""Offers that did not come in: what waits."""

from django.db.models import F

from offers.feed.models import EventQuarantine
from offers.files.models import Quarantine, QuarantineState
from opus.desk.queues import Queue, Trade, admins

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
        task="Clore une ligne en quarantaine",
        verb="Clore",
        model=Quarantine,
        waiting=lambda rows: rows.waiting(),
        filters={"state__exact": QuarantineState.WAITING.value},
        who=F("reference"),
        what=F("reason"),
        since=F("at"),
        button="clore",
        doer=admins,
    ),
)
