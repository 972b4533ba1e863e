"""Requests for help, rights of persons, texts: what waits."""

from functools import partial

from django.db.models import Case, F, Value, When

from opus.desk.queues import Queue, Trade, admins, label_of, nobody, words
from opus.lib.text_guard.models import TextFinding
from opus.support.data_rights.models import RightsRequest
from opus.support.tickets.models import Ticket, Topic

ticket_queue = partial(
    Queue,
    trade=Trade.SUPPORT,
    task="Répondre à une demande d’assistance",
    verb="Répondre",
    model=Ticket,
    who=F("structure__name"),
    what=words(label_of(Ticket, "topic"), Value(" · "), "number"),
    due=F("answer_due_at"),
    has_hour=True,
    # A proposal gets a status instead, on its page.
    button=Case(When(topic=Topic.EVOLUTION, then=Value("")), default=Value("repondre")),
    doer=admins,
    structure="structure",
)


QUEUES = (
    ticket_queue(
        slug="assistance-retard",
        label="Demandes d’assistance en retard",
        waiting=lambda rows: rows.late(),
        filters={"echeance": "retard"},
    ),
    ticket_queue(
        slug="assistance-jour",
        label="Demandes à répondre aujourd’hui",
        waiting=lambda rows: rows.due_today(),
        filters={"echeance": "aujourdhui"},
    ),
    ticket_queue(
        slug="assistance-ensuite",
        label="Demandes à répondre plus tard",
        waiting=lambda rows: rows.due_later(),
        filters={"echeance": "ensuite"},
    ),
    Queue(
        slug="droits",
        trade=Trade.SUPPORT,
        label="Droits des personnes\xa0: réponses dues",
        task="Répondre à une demande de droits",
        model=RightsRequest,
        waiting=lambda rows: rows.near(),
        filters={"echeance": "proche"},
        who=F("number"),
        what=label_of(RightsRequest, "right"),
        due=F("last_day"),
    ),
    Queue(
        slug="textes",
        trade=Trade.SUPPORT,
        label="Textes à reprendre",
        model=TextFinding,
        waiting=lambda rows: rows,
        since=F("at"),
        doer=nobody,
    ),
)
