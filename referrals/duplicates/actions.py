"""Merge two records of one person (domain row 48)."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.audit.journal import Action, record
from opus.lib.privacy import retention
from referrals.acts.registry import MODELS, acts_of, every_act
from referrals.candidate_emails import sending
from referrals.candidates.actions import lock_colleagues
from referrals.candidates.models.candidates import Candidate
from referrals.corrections.models import Correction
from referrals.saved_searches.models import MOST_FOR_A_PERSON, SavedSearch

# Copied from the other record if empty in the kept one.
FILLED = ("ft_id", "email", "phone")
# An address is copied as a whole: two halves make no address.
ADDRESS = ("address", "postcode", "city", "commune_code")


class MergeRefused(Exception):
    pass


def likely_doubles(candidate: Candidate, *, by: User) -> QuerySet[Candidate]:
    """Return others with the same name, telephone or e-mail (S24)."""
    same = Q(pk__in=[])
    if candidate.phone:
        same |= Q(phone=candidate.phone)
    if candidate.email:
        same |= Q(email__iexact=candidate.email)
    mine = Candidate.objects.visible_to(by).exclude(pk=candidate.pk)
    mine = mine.filter(adviser=candidate.adviser_id)
    named = mine.fully_named(str(candidate)).values("pk")
    return mine.filter(same | Q(pk__in=named))


@transaction.atomic
def merge(kept: Candidate, other: Candidate, *, by: User) -> None:
    """Move the rows of ``other`` to ``kept``, then delete it.

    Raises MergeRefused: two identifiers, two live acts of a kind, or too many searches.
    """
    lock_colleagues(by)
    rows = Candidate.objects.visible_to(by).select_for_update().order_by("pk")
    both = {one.pk: one for one in rows.filter(pk__in=[kept.pk, other.pk])}
    if len(both) < 2:
        raise Candidate.DoesNotExist
    kept, other = both[kept.pk], both[other.pk]
    if kept.adviser_id != other.adviser_id:
        # A stand-in follows two caseloads: a merge must not move a person between them.
        raise Candidate.DoesNotExist
    refuse_two_persons(kept, other)
    refuse_two_live_acts(kept, other)
    refuse_many_searches(kept, other)
    moved = sum(
        acts_of(kind).filter(candidate=other).update(candidate=kept) for kind in MODELS
    )
    other.documents.update(candidate=kept)
    Correction.objects.filter(candidate=other).update(candidate=kept)
    kept_offers = kept.favourites.values("offer")
    other.favourites.exclude(offer__in=kept_offers).update(candidate=kept)
    saved = kept.saved_searches.values("query")
    other.saved_searches.exclude(query__in=saved).update(candidate=kept)
    join_consents(kept, other, by=by)
    other.holds.update(candidate=kept)
    gone = other.pk
    with retention.deletions_allowed():
        other.delete()
    fill(kept, other)
    persons, details = [kept.pk, gone], {"merged": str(gone), "acts": moved}
    record(
        Action.CANDIDATES_MERGED, by=by, target=kept, persons=persons, details=details
    )


def join_consents(kept: Candidate, other: Candidate, *, by: User) -> None:
    """Move the consents; if the two disagree, none stays valid.

    A consent is about a mailbox: for another address, its links close.
    """
    live = [one for one in (kept, other) if one.mail_consent]
    known = [one for one in (kept, other) if one.mail_consents.exists()]
    over = other.mail_consents.live()
    if len(live) < len(known):
        over |= kept.mail_consents.live()
    if len(known) > 1:
        over.update(withdrawn_at=timezone.now(), withdrawn_by=by)
    if kept.email and kept.email != other.email:
        sending.close_links(other)
    other.mail_consents.update(candidate=kept)


def fill(kept: Candidate, other: Candidate) -> None:
    """Copy the fields that are empty in ``kept``."""
    names = [name for name in FILLED if not getattr(kept, name)]
    if not any(getattr(kept, name) for name in ADDRESS):
        names += ADDRESS
    for name in names:
        setattr(kept, name, getattr(other, name))
    kept.save(update_fields=names)


def refuse_two_persons(kept: Candidate, other: Candidate) -> None:
    if kept.ft_id and other.ft_id:
        raise MergeRefused(
            "Ces deux fiches ont chacune leur identifiant France Travail\u00a0: ce "
            "sont deux personnes. Si l’un est faux, corrigez d’abord la fiche."
        )


def refuse_two_live_acts(kept: Candidate, other: Candidate) -> None:
    """Allow one live act of a kind (art. 3.2)."""
    rows = every_act(
        lambda acts: acts.live().filter(candidate__in=[kept, other]), "offer", "number"
    )
    seen: dict[tuple[str, str], str] = {}
    for kind, offer, number in rows:
        if (kind, offer) in seen:
            raise MergeRefused(
                f"Les deux fiches ont un acte en cours sur l’offre n°\u00a0{offer} "
                f"({seen[kind, offer]} et {number})\u00a0: annulez d’abord l’un des "
                "deux."
            )
        seen[kind, offer] = number


def refuse_many_searches(kept: Candidate, other: Candidate) -> None:
    """Refuse too many searches: the adviser chooses which ones go."""
    both = SavedSearch.objects.filter(candidate__in=[kept, other])
    found = both.values("query").distinct().count()
    if found > MOST_FOR_A_PERSON:
        raise MergeRefused(
            f"Les deux fiches ont {found} veilles à elles deux, et une personne en a "
            f"{MOST_FOR_A_PERSON} au plus\u00a0: retirez-en d’abord."
        )
