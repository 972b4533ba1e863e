"""A sheet put right: its history, and who is told of it (GDPR 16, 19; V14).

Whoever changes a sheet, the adviser or France Travail's staff, leaves what it said.
Who got the wrong data is told, by numbers and a link: France Travail's system, the
administrators over the agencies that an act went to, the person's adviser.
"""

import uuid
from collections.abc import Mapping

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
    """Keep what each changed field said, then tell who received it.

    Args:
        before: field → what it said.
    """
    if not before:
        return
    gesture = uuid.uuid4()
    Correction.objects.bulk_create(
        Correction(
            gesture=gesture,
            candidate=candidate,
            field=name,
            before=said,
            after=getattr(candidate, name),
            reason=reason,
            by=by,
        )
        for name, said in before.items()
    )
    # What was empty was told to nobody.
    if any(before.values()):
        tell(candidate, gesture, by=by)


def tell(candidate: Candidate, gesture: uuid.UUID, *, by: User) -> None:
    acts = acts_of(candidate)
    if acts and notices.are_wanted():
        candidate_corrected.post(key=str(gesture), gesture=str(gesture))
    for reader in readers_of(candidate, acts) - {by.pk}:
        emails.data_corrected.post(
            key=f"{gesture}:{reader}", gesture=str(gesture), to=reader
        )


def acts_of(candidate: Candidate) -> list[tuple[str, str]]:
    """The kind of each act of the person, and the agency of its offer."""
    rows = every_act(
        lambda acts: acts.filter(candidate=candidate), "offer__agency_safir"
    )
    return [(kind, safir) for kind, safir in rows]


def readers_of(candidate: Candidate, acts: list[tuple[str, str]]) -> set[int]:
    """The accounts to tell: the adviser, and who is over the agencies that read."""
    safirs = {safir for kind, safir in acts if ActKind(kind) in READ_BY_AGENCIES}
    agencies = Agency.objects.filter(safir__in=safirs - {""})
    staff = {person.pk for one in agencies for person in administrators_over(one)}
    return staff | {candidate.adviser_id}
