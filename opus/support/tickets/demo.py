import datetime as dt

from django.utils import timezone

from accounts.users.enums import Role
from accounts.users.models.users import User
from opus.lib.demo import account_of, brings
from opus.support.tickets import actions
from opus.support.tickets.models import Ticket, TicketState, Topic

# Long enough ago for its answer to be late.
RECEIVED = dt.timedelta(days=8)


@brings("demandes d’assistance")
def seed_tickets() -> int:
    if Ticket.objects.exists():
        return 0
    adviser, rgc, staff = map(account_of, (Role.ADVISER, Role.RGC, Role.FT_ADMIN))
    answered = actions.open_ticket(
        by=adviser,
        topic="documents",
        subject="Le document s’imprime sur deux pages",
        text="Mon imprimante coupe le bas du document remis au candidat.",
    )
    actions.answer(
        answered,
        by=staff,
        text="Dans la fenêtre d’impression, choisissez « Ajuster à la page ».\n\n"
        "Le document tient alors sur une feuille.",
    )
    late = actions.open_ticket(
        by=adviser,
        topic="offres",
        subject="Une offre sans lieu de travail",
        text="Le lieu n’est pas indiqué. Est-ce une erreur ?",
    )
    late.created_at = timezone.now() - RECEIVED
    late.start_clock(late.created_at)
    late.save()
    actions.note(late, by=staff, text="Vu avec l’agence : l’employeur doit répondre.")
    actions.open_ticket(
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
        actions.open_ticket(by=author, topic=topic, subject=subject, text=text)
        for subject, text in subjects
    )
    text = "Plusieurs structures le demandent."
    actions.follow_up(planned, TicketState.STUDIED, by=staff, text=text)
    text = "Au printemps. Le format reste une page A4."
    actions.follow_up(planned, TicketState.PLANNED, by=staff, text=text)
    reason = "Les horaires des réseaux locaux ne sont pas disponibles partout."
    actions.follow_up(declined, TicketState.DECLINED, by=staff, reason=reason)
