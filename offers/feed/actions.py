import json

from django.db import transaction
from django.utils import timezone

from offers.catalogue.writes import announce_withdrawal, writing_offers
from offers.feed.apply import OPTIONS, apply_events, read_events
from offers.feed.models import EventQuarantine
from opus.lib.database.states import MoveRefused

APPLIED = "Appliqué : l’offre est à jour."
IGNORED = "Sans effet : il était déjà connu, ou un évènement plus récent l’a dépassé."
DISMISSED = "Classé sans suite."


@transaction.atomic
def replay(rejected: EventQuarantine) -> str:
    """Apply the event again; return the result in words.

    Raises MoveRefused: it is still invalid, already settled, or cut short.
    """
    rejected = lock_waiting(rejected)
    if rejected.is_cut:
        raise MoveRefused(
            "Le texte de cet évènement est coupé : demandez à France Travail de le "
            "renvoyer."
        )
    events, rejects = read_events([json.loads(rejected.raw)], timezone.now())
    with writing_offers(OPTIONS):
        outcome = apply_events(events)
    if unsound := rejects + outcome.rejects:
        raise MoveRefused(f"Toujours rejeté : {unsound[0].reason}")
    if outcome.withdrawn:
        announce_withdrawal(outcome.withdrawn)
    settle(rejected, APPLIED if outcome.applied else IGNORED)
    return rejected.result


@transaction.atomic
def dismiss(rejected: EventQuarantine) -> None:
    """Settle without applying; raise MoveRefused if already settled."""
    settle(lock_waiting(rejected), DISMISSED)


def lock_waiting(rejected: EventQuarantine) -> EventQuarantine:
    """Lock the row; raise MoveRefused if already settled."""
    rejected = EventQuarantine.objects.select_for_update().get(pk=rejected.pk)
    if not rejected.is_waiting:
        raise MoveRefused("Cet évènement est déjà réglé : rechargez la page.")
    return rejected


def settle(rejected: EventQuarantine, result: str) -> None:
    rejected.settled_at, rejected.result = timezone.now(), result
    rejected.save(update_fields=["settled_at", "result"])
