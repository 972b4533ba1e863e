"""Merge two records of one person (domain row 48)."""

import re
from collections.abc import Sequence

from django.db import transaction
from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Right
from django.utils import timezone

from accounts.users.models import User
from opus.lib.audit.journal import Action, record
from opus.lib.dates import date_format
from opus.lib.privacy import retention
from opus.lib.privacy.models import CorrectionReason
from referrals.acts.models import Act
from referrals.candidate_emails import emails
from referrals.candidate_emails.models import MailConsent
from referrals.candidates.actions import lock_colleagues
from referrals.candidates.models import FROZEN, Candidate, Merge, MergedRecord
from referrals.corrections.models import Correction
from referrals.saved_searches.models import MOST_FOR_A_PERSON, SavedSearch

# A number is written with spaces or not, with +33 or 0: these digits are the same.
SIGNIFICANT = 9
LAST_DIGITS = Right(
    Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace"),
    SIGNIFICANT,
    output_field=CharField(),
)


class MergeRefused(Exception):
    pass


def last_digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-SIGNIFICANT:]


# Written otherwise, and yet the same.
SAME = {"phone": last_digits, "email": str.lower}


def likely_doubles(candidate: Candidate, *, by: User) -> QuerySet[Candidate]:
    """Return others with the same name, telephone or e-mail (S24)."""
    same = Q(pk__in=[])
    if digits := last_digits(candidate.phone):
        same |= Q(last_digits=digits)
    if candidate.email:
        same |= Q(email__iexact=candidate.email)
    mine = Candidate.objects.visible_to(by).exclude(pk=candidate.pk)
    mine = mine.filter(adviser=candidate.adviser_id).annotate(last_digits=LAST_DIGITS)
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
    refuse(kept, other)
    moved = Act.objects.filter(candidate=other).update(candidate=kept)
    other.documents.update(candidate=kept)
    Correction.objects.filter(candidate=other).update(candidate=kept)
    kept_offers = kept.favourites.values("offer")
    other.favourites.exclude(offer__in=kept_offers).update(candidate=kept)
    saved = kept.saved_searches.values("query")
    other.saved_searches.exclude(query__in=saved).update(candidate=kept)
    join_consents(kept, other, by=by)
    other.holds.update(candidate=kept)
    stopped = kept.limits.filter(lifted_at__isnull=True).values("processing")
    other.limits.exclude(lifted_at__isnull=True, processing__in=stopped).update(
        candidate=kept
    )
    gone = other.pk
    other.merged.update(candidate=kept)
    MergedRecord.objects.create(former=gone, candidate=kept, by=by)
    with retention.deletions_allowed():
        other.delete()
    fill(kept, other, by=by)
    persons, details = [kept.pk, gone], {"merged": str(gone), "acts": moved}
    record(
        Action.CANDIDATES_MERGED, by=by, target=kept, persons=persons, details=details
    )


def join_consents(kept: Candidate, other: Candidate, *, by: User) -> None:
    """Move the consents: her last word, given or withdrawn, is the one that stands.

    A consent is about a mailbox: for another address, its links close.
    """
    rows = list(MailConsent.objects.filter(candidate__in=[kept, other]))
    stands = standing_consent(rows, kept)
    over = MailConsent.objects.live().filter(candidate__in=[kept, other])
    if stands:
        over = over.exclude(pk=stands.pk)
    over.update(withdrawn_at=timezone.now(), withdrawn_by=by)
    if kept.email and kept.email != other.email:
        emails.close_links(other)
    other.mail_consents.update(candidate=kept)


def standing_consent(
    rows: Sequence[MailConsent], kept: Candidate
) -> MailConsent | None:
    """Return the consent that stays, unless a withdrawal came after it."""
    live = [one for one in rows if one.is_live]
    if not live:
        return None
    withdrawn = [one.withdrawn_at for one in rows if one.withdrawn_at]
    mine = [one for one in live if one.candidate_id == kept.pk] or live
    last = max(mine, key=lambda one: one.recorded_at)
    return last if all(last.recorded_at > at for at in withdrawn) else None


def losses(kept: Candidate, other: Candidate) -> list[str]:
    """Return what the merge does not keep, in words, before it is done."""
    lost = []
    if str(kept) != str(other):
        lost.append(f"le nom «\xa0{other}\xa0»")
    for name, typed in Candidate.TYPED.items():
        mine, theirs = getattr(kept, name), getattr(other, name)
        same = SAME.get(name, str)
        if typed.when_lost and mine and theirs and same(mine) != same(theirs):
            lost.append(f"{typed.when_lost} {theirs}")
    if address_of(kept) and address_of(other) and address_of(kept) != address_of(other):
        lost.append(f"l’adresse {address_of(other)}")
    consents = list(MailConsent.objects.filter(candidate__in=[kept, other]))
    stands = standing_consent(consents, kept)
    lost += [
        f"l’accord pour les courriels donné le {date_format(one.given_on)}"
        for one in consents
        if one.is_live and one != stands
    ]
    return lost


def address_of(candidate: Candidate) -> str:
    place = f"{candidate.postcode} {candidate.city}".strip()
    return ", ".join(filter(None, (candidate.address, place)))


def fill(kept: Candidate, other: Candidate, *, by: User) -> None:
    """Copy the fields that are empty in ``kept``; its history says so (V14)."""
    merged = {name: typed.merge for name, typed in Candidate.TYPED.items()}
    fills = [name for name, what in merged.items() if what == Merge.FILLS]
    names = [name for name in fills if not getattr(kept, name)]
    address = [name for name, what in merged.items() if what == Merge.WITH_ADDRESS]
    address.append("commune_code")
    if not any(getattr(kept, name) for name in address):
        names += address
    taken = {name: "" for name in names if getattr(other, name)}
    for name in names:
        setattr(kept, name, getattr(other, name))
    kept.save(update_fields=names)
    Correction.keep(kept, taken, by=by, reason=CorrectionReason.MISTAKE)


def refuse(kept: Candidate, other: Candidate) -> None:
    """Raise MergeRefused where the merge would break a rule, or choose in silence."""
    if kept.freeze or other.freeze:
        raise MergeRefused(FROZEN)
    if kept.ft_id and other.ft_id:
        raise MergeRefused(
            "Ces deux fiches ont chacune leur identifiant France Travail\u00a0: ce "
            "sont deux candidats. Si l’un est faux, corrigez d’abord la fiche."
        )

    # One live act of a kind (art. 3.2).
    acts = Act.objects.live().filter(candidate__in=[kept, other])
    seen: dict[tuple[str, str], str] = {}
    for kind, offer, number in acts.values_list("kind", "offer", "number"):
        if (kind, offer) in seen:
            raise MergeRefused(
                "Les deux fiches ont une proposition en cours sur l’offre "
                f"n°\u00a0{offer} ({seen[kind, offer]} et {number})\u00a0: annulez "
                "d’abord l’un des deux."
            )
        seen[kind, offer] = number

    # The adviser chooses which searches go.
    both = SavedSearch.objects.filter(candidate__in=[kept, other])
    found = both.values("query").distinct().count()
    if found > MOST_FOR_A_PERSON:
        raise MergeRefused(
            f"Les deux fiches ont {found} recherches enregistrées à elles deux, et un "
            f"candidat en a {MOST_FOR_A_PERSON} au plus\u00a0: retirez-en d’abord."
        )
