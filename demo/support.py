import datetime as dt
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.team import actions as account_actions
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.privacy.models import CorrectionReason
from opus.lib.privacy.personal_data import PersonKind
from opus.support.data_rights import actions as rights_actions
from opus.support.data_rights.models import (
    Check,
    GestureKind,
    Right,
    RightsRequest,
    Route,
)
from opus.support.news.models import Announcement, AnnouncementKind
from opus.support.service_status.models import Incident, Probe
from opus.support.tickets import actions as ticket_actions
from opus.support.tickets.models import Ticket, TicketState, Topic


def seed_news() -> int:
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
    announcement.publish(by=account_of(Role.FT_ADMIN))
    search = Announcement.objects.create(
        kind=AnnouncementKind.CHANGE,
        title="La recherche comprend ce que vous écrivez",
        text="Un lieu, un contrat ou un métier écrits dans la case des offres seront "
        "compris comme tels, et dits sous « Compris ». Une adresse de recherche gardée "
        "ailleurs sera relue ainsi. Vos recherches enregistrées ne changent pas.",
        goes_live_on=timezone.localdate() + dt.timedelta(days=5),
        note="Écrivez par exemple « boulanger Vannes CDI ».\nChaque chose comprise "
        "s’ôte d’un clic ; « chercher ces mots tels quels » revient à la recherche "
        "d’avant.",
    )
    search.publish(by=account_of(Role.FT_ADMIN))
    return 2


# Long enough ago for its answer to be late.
RECEIVED = dt.timedelta(days=8)


def seed_tickets() -> int:
    if Ticket.objects.exists():
        return 0
    adviser, rgc, staff = map(account_of, (Role.ADVISER, Role.RGC, Role.FT_ADMIN))
    answered = ticket_actions.open_ticket(
        by=adviser,
        topic="documents",
        subject="Le document s’imprime sur deux pages",
        text="Mon imprimante coupe le bas du document remis au candidat.",
    )
    ticket_actions.answer(
        answered,
        by=staff,
        text="Dans la fenêtre d’impression, choisissez « Ajuster à la page ».\n\n"
        "Le document tient alors sur une feuille.",
    )
    late = ticket_actions.open_ticket(
        by=adviser,
        topic="offres",
        subject="Une offre sans lieu de travail",
        text="Le lieu n’est pas indiqué. Est-ce une erreur ?",
    )
    late.created_at = timezone.now() - RECEIVED
    late.start_clock(late.created_at)
    late.save()
    ticket_actions.note(
        late, by=staff, text="Vu avec l’agence : l’employeur doit répondre."
    )
    ticket_actions.open_ticket(
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
            "Imprimer plusieurs documents en une fois",
            "Quand un candidat repart avec cinq offres, j’ouvre cinq documents. Une "
            "seule impression suffirait.",
        ),
        (
            "Chercher par temps de trajet en bus",
            "Beaucoup de candidats n’ont pas de voiture : un rayon en kilomètres dit "
            "mal ce qui leur est accessible.",
        ),
        (
            "Voir le suivi par quartier",
            "Nos élus demandent l’activité par quartier prioritaire.",
        ),
    ]
    topic = Topic.EVOLUTION
    planned, declined, _ = (
        ticket_actions.open_ticket(by=author, topic=topic, subject=subject, text=text)
        for subject, text in subjects
    )
    text = "Plusieurs structures le demandent."
    ticket_actions.follow_up(planned, TicketState.STUDIED, by=staff, text=text)
    text = "Au printemps. Le format reste une page A4."
    ticket_actions.follow_up(planned, TicketState.PLANNED, by=staff, text=text)
    reason = "Les horaires des réseaux locaux ne sont pas disponibles partout."
    ticket_actions.follow_up(declined, TicketState.DECLINED, by=staff, reason=reason)


def seed_rights() -> int:
    if RightsRequest.objects.exists():
        return 0
    adviser, agent, staff = map(account_of, (Role.ADVISER, Role.AGENT, Role.FT_ADMIN))
    account_actions.change_account(
        adviser,
        by=staff,
        reason=CorrectionReason.REQUESTED,
        function="Conseillère en insertion",
    )
    rights_actions.request_for_oneself(by=adviser, right=Right.ACCESS).take_up(by=staff)
    open_request(
        staff,
        days_ago=12,
        kind=PersonKind.REGISTERED,
        right=Right.ACCESS,
        addressed_to=Route.DPO,
        agency=agent.agency,
        name="Lucie Exemple",
    )
    late = open_request(
        agent,
        days_ago=40,
        kind=PersonKind.NOT_REGISTERED,
        right=Right.RECTIFICATION,
        addressed_to=Route.DPO,
        name="Marc Fictif",
    )
    late.verify(by=staff, check=Check.CALL_BACK)
    answered = open_request(
        staff,
        days_ago=20,
        kind=PersonKind.REGISTERED,
        right=Right.ERASURE,
        addressed_to=Route.AGENCY,
        agency=agent.agency,
        name="Anne Essai",
        ft_id="7040506Y",
    )
    answered.verify(by=agent, check=Check.IN_PERSON)
    answered.take_up(by=agent)
    rights_actions.act(answered, GestureKind.NOTHING, by=agent)
    rights_actions.answer(answered, by=agent)
    return RightsRequest.objects.count()


def open_request(by: User, *, days_ago: int, name: str, **facts: Any) -> RightsRequest:
    received_on = timezone.localdate() - dt.timedelta(days=days_ago)
    reply_to = f"{name.lower().replace(' ', '.')}@messagerie.example"
    facts |= {"received_on": received_on, "name": name, "reply_to": reply_to}
    return rights_actions.register(RightsRequest(**facts), by=by)


MEASURED_FOR = dt.timedelta(days=92)
DOWN_FOR = dt.timedelta(minutes=95)


MINUTES = """
INSERT INTO support_probe (minute, state, latency_ms)
SELECT minute,
       CASE WHEN minute >= %(broken)s AND minute < %(mended)s THEN 'down'
            WHEN extract(epoch FROM minute)::bigint / 60 %% 4801 < 6 THEN 'down'
            ELSE 'ok' END,
       20 + extract(epoch FROM minute)::bigint / 60 %% 37
FROM generate_series(%(low)s::timestamptz, %(high)s::timestamptz, '1 minute') AS minute
ON CONFLICT DO NOTHING
"""


def seed_incident() -> int:
    if Incident.objects.exists():
        return 0
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
    instants = {"low": now - MEASURED_FOR, "high": now - dt.timedelta(minutes=1)}
    instants |= {"broken": broken, "mended": broken + DOWN_FOR}
    with connection.cursor() as cursor:
        cursor.execute(MINUTES, instants)


def account_of(role: Role) -> User:
    """Return the first account of a role."""
    return User.objects.filter(role=role).earliest("pk")
