import uuid
from collections.abc import Collection

from django.db import transaction
from django.db.models import Count

from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.audit.journal import Action, record
from referrals.candidates.models import FROZEN, Candidate
from referrals.favourites.models import Favourite

# The maximum of a bulk action (U8): a longer list is no choice.
MOST_KEPT = 50


class KeepRefused(Exception):
    """The message is the reason in French."""


@transaction.atomic
def keep(
    offer: Offer,
    *,
    by: User,
    candidates: Collection[uuid.UUID] = (),
    for_nobody: bool = False,
) -> int:
    """Save an offer for these persons; return how many.

    The adviser's own copy is deleted once a person has it. Raises KeepRefused,
    Candidate.DoesNotExist.
    """
    if not Offer.objects.active().filter(pk=offer.pk).exists():
        raise KeepRefused("Cette offre vient d’être retirée : elle ne se garde plus.")
    wanted = set(candidates)
    # Locked against a second form, which could pass the limit, and against a hand-over.
    people = list(
        Candidate.objects.visible_to(by)
        .filter(pk__in=wanted)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    if len(people) != len(wanted):
        raise Candidate.DoesNotExist
    if any(person.freeze for person in people):
        raise KeepRefused(FROZEN)
    kept = Favourite.objects.filter(candidate__in=people)
    having = set(kept.filter(offer=offer).values_list("candidate", flat=True))
    lacking = [person for person in people if person.pk not in having]
    full = Candidate.objects.annotate(kept=Count("favourites")).filter(
        pk__in=[person.pk for person in lacking], kept__gte=MOST_KEPT
    )
    if names := [person.short_name for person in full.order_by("pk")]:
        raise KeepRefused(
            f"{MOST_KEPT} offres sont déjà gardées pour {', '.join(names)} : "
            "retirez-en avant d’en ajouter."
        )
    new = [Favourite(candidate=person, offer=offer) for person in lacking]
    own = Favourite.objects.filter(adviser=by)
    if people:
        own.filter(offer=offer).delete()
    elif for_nobody and not own.filter(offer=offer).exists():
        if own.count() >= MOST_KEPT:
            raise KeepRefused(
                f"Vous gardez déjà {MOST_KEPT} offres sans candidat : retirez-en, ou "
                "choisissez pour qui elles sont."
            )
        new.append(Favourite(adviser=by, offer=offer))
    Favourite.objects.bulk_create(new, ignore_conflicts=True)
    details = {"added": len(new)}
    record(Action.FAVOURITE_KEPT, by=by, target=offer, persons=wanted, details=details)
    return len(new)


@transaction.atomic
def remove(favourite: Favourite, *, by: User) -> None:
    persons = [favourite.candidate_id] if favourite.candidate_id else []
    record(Action.FAVOURITE_REMOVED, by=by, target=favourite.offer, persons=persons)
    favourite.delete()
