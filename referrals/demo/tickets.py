"""Requests for assistance to look at: answered, late, just asked (art. 6)."""

import datetime as dt

from django.utils import timezone

from accounts.models import User
from opus.desk.actions import tickets as actions
from opus.desk.first_help import load_help
from opus.desk.models import Ticket
from referrals.demo.people import ADVISER, FT_ADMIN, RGC

LATE = dt.timedelta(hours=20)


def seed_tickets() -> int:
    """Bring them, and the help; nothing where there is one already.

    Returns:
        How many were brought.
    """
    load_help()
    if Ticket.objects.exists():
        return 0
    claire = User.objects.get(identifier=ADVISER.identifier)
    rgc = User.objects.get(identifier=RGC.identifier)
    staff = User.objects.get(identifier=FT_ADMIN.identifier)
    answered = actions.open_ticket(
        by=claire,
        topic="documents",
        subject="Le document s’imprime sur deux pages",
        text="Mon imprimante coupe le bas de la fiche remise à la personne.",
    )
    actions.answer(
        answered,
        by=staff,
        text="Dans la fenêtre d’impression, choisissez « Ajuster à la page ».\n\n"
        "Le document tient alors sur une feuille.",
    )
    late = actions.open_ticket(
        by=claire,
        topic="offres",
        subject="Une offre sans lieu de travail",
        text="Le lieu n’est pas indiqué. Est-ce une erreur ?",
    )
    late.answer_due_at = timezone.now() - LATE
    late.save(update_fields=["answer_due_at"])
    actions.note(late, by=staff, text="Vu avec l’agence : l’employeur doit répondre.")
    actions.open_ticket(
        by=rgc,
        topic="comptes",
        subject="Deux conseillers de plus en janvier",
        text="Comment demander un avenant pour deux places de plus ?",
    )
    return 3
