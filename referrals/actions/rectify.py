"""Correct a person's data, keep its history, notify (GDPR 16, 19; V14).

Recipients of the wrong data are notified by numbers and a link: France Travail's
system, the administrators over the agencies, the person's adviser.
"""

import uuid
from collections.abc import Collection, Mapping

from django.db.models import Q

from accounts.models import Agency, User
from accounts.scope import administrators_over
from opus.lib import notices
from referrals import emails
from referrals.kinds import every_act
from referrals.models import Candidate, Correction
from referrals.notices import candidate_corrected
from referrals.rights import ActKind

# Acts of these kinds are read by the agency of the offer.
READ_BY_AGENCIES = {ActKind.SCREENED_REFERRAL, ActKind.CV_REQUEST, ActKind.SUMMONS}


def keep_history(
    candidate: Candidate, before: Mapping[str, str], *, by: User, reason: str
) -> None:
    """Store old values (``before``: by field), then notify their recipients."""
    gesture = Correction.keep(candidate, before, by=by, reason=reason)
    # What was empty was told to nobody.
    if gesture and any(before.values()):
        tell(candidate, gesture, by=by)


def tell(candidate: Candidate, gesture: uuid.UUID, *, by: User) -> None:
    acts = acts_where(Q(candidate=candidate))
    if acts and notices.are_wanted():
        candidate_corrected.post(key=str(gesture), gesture=str(gesture))
    readers = staff_who_read(acts) | {candidate.adviser_id}
    for reader in readers - {by.pk}:
        emails.data_corrected.post(
            key=f"{gesture}:{reader}", gesture=str(gesture), to=reader
        )


def acts_where(condition: Q) -> list[tuple[str, str]]:
    rows = every_act(lambda acts: acts.filter(condition), "offer__agency_safir")
    return [(kind, safir) for kind, safir in rows]


def staff_who_read(acts: Collection[tuple[str, str]]) -> set[int]:
    """Return the accounts over the agencies of these acts."""
    safirs = {safir for kind, safir in acts if ActKind(kind) in READ_BY_AGENCIES}
    agencies = Agency.objects.filter(safir__in=safirs - {""})
    return {person.pk for one in agencies for person in administrators_over(one)}


def readers_of_account(account: User) -> set[int]:
    """Return the staff who read that adviser's name."""
    return staff_who_read(acts_where(Q(adviser=account)))
