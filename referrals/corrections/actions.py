"""Correct a person's data, keep history, notify (V14).

Recipients of the wrong data are notified by numbers and a link: France Travail's
system, the administrators over the agencies, the person's adviser.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.structures.models import Agency
from accounts.users.models import User
from accounts.users.territory import administrators_over
from opus.lib.audit import journal
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.privacy.models import CorrectionReason
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.candidate_emails.emails import close_links
from referrals.candidates.actions import (
    AlreadyAccompanied,
    WithColleague,
    refuse_known_ft_id,
    with_commune,
)
from referrals.candidates.models import FROZEN, Candidate
from referrals.corrections import emails
from referrals.corrections.emails import candidate_corrected
from referrals.corrections.models import Correction


@transaction.atomic
def change_candidate(
    candidate: Candidate,
    *,
    by: User,
    reason: str = CorrectionReason.MISTAKE,
    **fields: Any,
) -> None:
    """Correct a person's data and keep history (V14).

    Raises AlreadyAccompanied, WithColleague: another person has that identifier;
    MoveRefused: her data are frozen, and ``by`` is a partner.
    """
    if by.is_partner and candidate.freeze:
        raise MoveRefused(FROZEN)
    owner = by if by.is_partner else candidate.adviser
    refuse_known_ft_id(fields.get("ft_id", ""), by=owner, but=candidate)
    before = {}
    for name, value in with_commune(fields).items():
        if (said := getattr(candidate, name)) != value:
            before[name] = said
            setattr(candidate, name, value)
    changed = list(before)
    candidate.save(update_fields=changed)
    if "email" in changed:
        close_links(candidate)
    keep_history(candidate, before, by=by, reason=reason)
    journal.record(
        journal.Action.CANDIDATE_CHANGED,
        by=by,
        target=candidate,
        persons=[candidate.pk],
        details={"fields": changed},
    )


def rectify(candidate: Candidate, *, by: User, reason: str, **fields: Any) -> None:
    """Correct it for staff; raise MoveRefused with a sentence for them."""
    try:
        change_candidate(candidate, by=by, reason=reason, **fields)
    except (AlreadyAccompanied, WithColleague) as error:
        raise MoveRefused(
            "Une autre fiche de la structure porte déjà cet identifiant France "
            "Travail\xa0: les deux fiches sont peut-être à réunir par le conseiller."
        ) from error


# The agency of the offer reads acts of these kinds.
READ_BY_AGENCIES = {ActKind.SCREENED_REFERRAL, ActKind.CV_REQUEST, ActKind.APPOINTMENT}


def keep_history(
    candidate: Candidate, before: Mapping[str, str], *, by: User, reason: str
) -> None:
    """Store old values (``before``: by field), then notify their recipients."""
    gesture = Correction.keep(candidate, before, by=by, reason=reason)
    # Empty values had no recipient.
    if gesture and any(before.values()):
        notify_recipients(candidate, gesture, by=by)


def notify_recipients(candidate: Candidate, gesture: uuid.UUID, *, by: User) -> None:
    acts = acts_where(Q(candidate=candidate))
    if acts and outbox.webhooks_are_wanted():
        candidate_corrected.post(key=str(gesture), gesture=str(gesture))
    readers = staff_who_read(acts) | {candidate.adviser_id}
    for reader in readers - {by.pk}:
        emails.data_corrected.post(
            key=f"{gesture}:{reader}", gesture=str(gesture), to=reader
        )


def acts_where(condition: Q) -> list[tuple[str, str]]:
    acts = Act.objects.filter(condition)
    return list(acts.values_list("kind", "offer__agency_safir"))


def staff_who_read(acts: Collection[tuple[str, str]]) -> set[int]:
    """Return the accounts over the agencies of these acts."""
    safirs = {safir for kind, safir in acts if ActKind(kind) in READ_BY_AGENCIES}
    agencies = Agency.objects.filter(safir__in=safirs - {""})
    return {person.pk for one in agencies for person in administrators_over(one)}


def readers_of_account(account: User) -> set[int]:
    """Return the staff who read that adviser's name."""
    return staff_who_read(acts_where(Q(adviser=account)))
