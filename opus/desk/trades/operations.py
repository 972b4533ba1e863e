"""Alerts, incidents, late jobs: what waits."""

import datetime as dt
from typing import Any

from django.db.models import (
    DateTimeField,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from accounts.security.models import Alert, Level
from opus.desk.queues import Queue, Trade, admins, label_of, national, nobody
from opus.lib.database.models import Finding
from opus.lib.jobs import JobRun
from opus.lib.outbound.models import OutboxEntry
from opus.support.service_status.models import Incident, IncidentUpdate

DAILY = Value(dt.timedelta(days=1))


def unspoken(incidents: QuerySet[Any]) -> QuerySet[Any]:
    """Filter those without news; annotate the day when they were due (art. 6)."""
    news = IncidentUpdate.objects.filter(incident=OuterRef("pk")).order_by()
    last = Subquery(news.values("incident").values(last=Max("at")))
    due = ExpressionWrapper(
        Coalesce(last, "declared_at") + DAILY, output_field=DateTimeField()
    )
    silent = Incident.objects.unspoken().values("pk")
    return incidents.filter(pk__in=silent).annotate(news_due_at=due)


QUEUES = (
    Queue(
        slug="alertes",
        trade=Trade.OPERATIONS,
        label="Alertes",
        task="Traiter une alerte",
        verb="Traiter",
        model=Alert,
        waiting=lambda rows: rows.unsettled().filter(level=Level.GRAVE),
        filters={"suite": "a-traiter"},
        who=Coalesce("structure__name", Value("Opus")),
        what=label_of(Alert, "rule"),
        since=F("last_at"),
        has_hour=True,
        doer=admins,
        not_by="account",
        structure="structure",
    ),
    Queue(
        slug="incidents",
        trade=Trade.OPERATIONS,
        label="Incidents sans nouvelles",
        task="Donner des nouvelles d’un incident",
        verb="Écrire",
        model=Incident,
        waiting=unspoken,
        filters={"etat": "sans-nouvelles"},
        who=F("title"),
        due=F("news_due_at"),
        has_hour=True,
        button="nouvelles",
        doer=national,
        reader=national,
    ),
    Queue(
        slug="taches",
        trade=Trade.OPERATIONS,
        label="Tâches de fond en retard",
        model=JobRun,
        waiting=lambda rows: rows.overdue(),
        filters={"retard": "oui"},
        since=F("ended_at"),
        doer=nobody,
    ),
    Queue(
        slug="controles",
        trade=Trade.OPERATIONS,
        label="Contrôles de cohérence en défaut",
        model=Finding,
        waiting=lambda rows: rows.broken(),
        filters={"defaut": "oui"},
        since=F("first_at"),
        doer=nobody,
    ),
    Queue(
        slug="envois",
        trade=Trade.OPERATIONS,
        label="Envois non partis",
        task="Relancer un envoi abandonné",
        verb="Relancer",
        model=OutboxEntry,
        waiting=lambda rows: rows.filter(given_up_at__isnull=False),
        filters={"etat": "abandon"},
        who=F("effect"),
        since=F("created_at"),
        button="relancer",
    ),
)
