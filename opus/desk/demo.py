"""Demonstration data: news, an incident, probes, requests, proposals (V21)."""

import datetime as dt

from django.db import connection
from django.utils import timezone

from accounts import actions as account_actions
from accounts.models import Role, User
from opus.desk.actions import tickets
from opus.desk.first_help import load_help
from opus.desk.models import (
    Announcement,
    AnnouncementKind,
    Check,
    Incident,
    PersonKind,
    Probe,
    Right,
    RightsRequest,
    Route,
    Ticket,
    TicketState,
    Topic,
)
from opus.desk.rights import register
from opus.lib.corrections import CorrectionReason
from opus.lib.demo import brings

MEASURED_FOR = dt.timedelta(days=92)
DOWN_FOR = dt.timedelta(minutes=95)
LATE = dt.timedelta(hours=20)

MINUTES = """
INSERT INTO desk_probe (minute, state, latency_ms)
SELECT minute,
       CASE WHEN minute >= %(broken)s AND minute < %(mended)s THEN 'down'
            WHEN extract(epoch FROM minute)::bigint / 60 %% 4801 < 6 THEN 'down'
            ELSE 'ok' END,
       20 + extract(epoch FROM minute)::bigint / 60 %% 37
FROM generate_series(%(low)s::timestamptz, %(high)s::timestamptz, '1 minute') AS minute
ON CONFLICT DO NOTHING
"""


def one_of(role: Role) -> User:
    return User.objects.filter(role=role).earliest("pk")


@brings("actualités")
def seed_news() -> int:
    """Idempotent; return the number of announcements."""
    if Announcement.objects.exists():
        return 0
    announcement = Announcement.objects.create(
        kind=AnnouncementKind.CHANGE,
        title="Nouvelle page « État du service »",
        text="La page dira la disponibilité mesurée de chaque mois, les opérations "
        "prévues et les incidents passés.",
        goes_live_on=timezone.localdate() + dt.timedelta(days=6),
        note="Ouvrez « État du service » en bas de chaque page.\nLe tableau compare le "
        "temps d’indisponibilité de chaque mois à ce que permet la convention.",
    )
    announcement.publish(by=one_of(Role.FT_ADMIN))
    now = timezone.now().replace(second=0, microsecond=0)
    broken = now - dt.timedelta(days=20, hours=3)
    incident = Incident.objects.create(
        title="L’impression des documents",
        advice="Imprimez la version à l’écran du document.",
        started_at=broken,
        declared_at=broken + dt.timedelta(minutes=10),
    )
    incident.end(
        at=broken + DOWN_FOR,
        summary="Un serveur a manqué de place. Il en a reçu davantage, et une alerte "
        "préviendra à temps la prochaine fois.",
    )
    seed_minutes(now, broken)
    return 1


def seed_minutes(now: dt.datetime, broken: dt.datetime) -> None:
    if Probe.objects.filter(minute__lt=now - dt.timedelta(days=1)).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            MINUTES,
            {
                "low": now - MEASURED_FOR,
                "high": now - dt.timedelta(minutes=1),
                "broken": broken,
                "mended": broken + DOWN_FOR,
            },
        )


@brings("demandes d’assistance")
def seed_tickets() -> int:
    """Seed the help and three requests (answered, late, new), unless there."""
    load_help()
    if Ticket.objects.exists():
        return 0
    adviser, rgc, staff = map(one_of, (Role.ADVISER, Role.RGC, Role.FT_ADMIN))
    answered = tickets.open_ticket(
        by=adviser,
        topic="documents",
        subject="Le document s’imprime sur deux pages",
        text="Mon imprimante coupe le bas de la fiche remise à la personne.",
    )
    tickets.answer(
        answered,
        by=staff,
        text="Dans la fenêtre d’impression, choisissez « Ajuster à la page ».\n\n"
        "Le document tient alors sur une feuille.",
    )
    late = tickets.open_ticket(
        by=adviser,
        topic="offres",
        subject="Une offre sans lieu de travail",
        text="Le lieu n’est pas indiqué. Est-ce une erreur ?",
    )
    late.answer_due_at = timezone.now() - LATE
    late.save(update_fields=["answer_due_at"])
    tickets.note(late, by=staff, text="Vu avec l’agence : l’employeur doit répondre.")
    tickets.open_ticket(
        by=rgc,
        topic="comptes",
        subject="Deux conseillers de plus en janvier",
        text="Comment demander un avenant pour deux places de plus ?",
    )
    propose(adviser, staff)
    return 6


def propose(author: User, staff: User) -> None:
    """Seed one planned, one declined, one unanswered proposal (art. 11)."""
    subjects = [
        (
            "Imprimer plusieurs fiches en une fois",
            "Quand une personne repart avec cinq offres, j’ouvre cinq documents. Une "
            "seule impression suffirait.",
        ),
        (
            "Chercher par temps de trajet en bus",
            "Beaucoup de personnes n’ont pas de voiture : un rayon en kilomètres dit "
            "mal ce qui leur est accessible.",
        ),
        (
            "Voir le suivi par quartier",
            "Nos élus demandent l’activité par quartier prioritaire.",
        ),
    ]
    planned, declined, _ = (
        tickets.open_ticket(
            by=author, topic=Topic.EVOLUTION, subject=subject, text=text
        )
        for subject, text in subjects
    )
    tickets.follow_up(
        planned,
        TicketState.STUDIED,
        by=staff,
        text="Plusieurs structures le demandent.",
    )
    tickets.follow_up(
        planned,
        TicketState.PLANNED,
        by=staff,
        text="Au printemps. Le format reste une page A4.",
    )
    tickets.follow_up(
        declined,
        TicketState.DECLINED,
        by=staff,
        reason="Les horaires des réseaux locaux ne sont pas disponibles partout.",
    )


@brings("demandes de droits")
def seed_rights() -> int:
    """Seed four requests and a corrected account, unless there; return the count."""
    if RightsRequest.objects.exists():
        return 0
    adviser, agent, staff = map(one_of, (Role.ADVISER, Role.AGENT, Role.FT_ADMIN))
    account_actions.change_account(
        adviser,
        by=staff,
        reason=CorrectionReason.ASKED,
        function="Conseillère en insertion",
    )
    register.ask_for_oneself(by=adviser, right=Right.ACCESS).take_up(by=staff)
    ask(
        staff,
        days_ago=12,
        kind=PersonKind.REGISTERED,
        right=Right.ACCESS,
        addressed_to=Route.DPO,
        agency=agent.agency,
        name="Lucie Exemple",
    )
    late = ask(
        agent,
        days_ago=40,
        kind=PersonKind.NOT_REGISTERED,
        right=Right.RECTIFICATION,
        addressed_to=Route.DPO,
        name="Marc Fictif",
    )
    late.verify(by=staff, check=Check.CALL_BACK)
    answered = ask(
        staff,
        days_ago=20,
        kind=PersonKind.REGISTERED,
        right=Right.ERASURE,
        addressed_to=Route.AGENCY,
        agency=agent.agency,
        name="Anne Essai",
    )
    answered.verify(by=agent, check=Check.IN_PERSON)
    answered.take_up(by=agent)
    answered.answer(by=agent)
    return RightsRequest.objects.count()


def ask(by: User, *, days_ago: int, name: str, **facts: object) -> RightsRequest:
    received_on = timezone.localdate() - dt.timedelta(days=days_ago)
    reply_to = f"{name.lower().replace(' ', '.')}@messagerie.example"
    asked = RightsRequest(
        received_on=received_on, name=name, reply_to=reply_to, **facts
    )
    return register.register(asked, by=by)
