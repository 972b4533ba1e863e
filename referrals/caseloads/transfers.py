"""Move a caseload, at once or when due (5.6, S39)."""

import dataclasses
import uuid

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.users.enums import Role, UserState
from accounts.users.models.users import User
from opus.lib.audit.journal import Action, record
from opus.lib.database.states import MoveRefused
from opus.lib.dates.formats import date_format
from opus.lib.french import of
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.acts.registry import acts_of
from referrals.candidates.actions import lock_colleagues
from referrals.candidates.models.candidates import Candidate
from referrals.candidates.models.stand_ins import StandIn
from referrals.caseloads import emails
from referrals.caseloads.models import CaseloadTransfer, TransferState

OVER = "Ce transfert n’est plus en attente\xa0: il a été fait, ou arrêté."


class HandoverRefused(MoveRefused):
    pass


def receivers_for(account: User) -> QuerySet[User]:
    in_office = User.objects.rgc_of(account.structure_id).values("pk")
    return User.objects.filter(
        Q(role=Role.ADVISER, state=UserState.ACTIVE) | Q(pk__in=in_office),
        structure=account.structure_id,
    ).exclude(pk=account.pk)


@dataclasses.dataclass(frozen=True)
class Locked:
    busy: list[uuid.UUID]
    idle: list[uuid.UUID]
    acts: list[Act]

    @property
    def people(self) -> int:
        return len(self.busy) + len(self.idle)


def lock_caseload(account: User) -> Locked:
    """Lock the accounts, then the persons and their live acts."""
    lock_colleagues(account)
    candidates = Candidate.objects.filter(adviser=account).order_by("pk")
    held = list(candidates.select_for_update(no_key=True).values_list("pk", flat=True))
    acts = [
        act
        for kind in ActKind
        for act in acts_of(kind)
        .live()
        .filter(candidate__in=held)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    ]
    busy = {act.candidate_id for act in acts}
    return Locked(sorted(busy), [pk for pk in held if pk not in busy], acts)


def move(
    transfer: CaseloadTransfer,
    locked: Locked,
    *,
    by: User | None,
    confirmed_by: User | None = None,
) -> None:
    """Move the locked persons; without ``by``: Opus, after the wait.

    Raises HandoverRefused: a receiver is unfit. MoveRefused: it no longer waits.
    """
    if not CaseloadTransfer.objects.waiting().filter(pk=transfer.pk).exists():
        raise MoveRefused(OVER)
    # An act may have begun or ended since: a set without receiver may have persons now.
    acts_to = transfer.acts_to or transfer.others_to
    others_to = transfer.others_to or transfer.acts_to
    given: list[dict[str, int]] = []
    if locked.busy:
        given.append(give(transfer, sorted(locked.busy), locked.acts, to=acts_to))
    if locked.idle:
        given.append(give(transfer, locked.idle, [], to=others_to))
    transfer.move_to(
        TransferState.DONE, by=by, done_at=timezone.now(), confirmed_by=confirmed_by
    )
    action, account = Action.CASELOAD_HANDED_OVER, transfer.account
    record(action, by=by, target=account, details={"given": given})


def check_receiver(account: User, to: User | None) -> User:
    """Return the colleague, or raise ``HandoverRefused``."""
    if to is None or not receivers_for(account).filter(pk=to.pk).exists():
        raise HandoverRefused(
            "Choisissez à qui confier les candidats suivis : un conseiller au compte "
            "actif, ou le RGC. La situation a peut-être changé : rechargez la page."
        )
    # She who gives would go on following them, as this colleague's stand-in.
    confided = StandIn.objects.in_force().filter(owner=to, colleague=account).first()
    if confided:
        raise HandoverRefused(
            f"Les suivis {of(to)} sont confiés à {account} jusqu’au "
            f"{date_format(confided.ends_on)}\xa0: {account} suivrait donc toujours "
            "ces candidats. Reprenez-les d’abord, ou choisissez quelqu’un d’autre."
        )
    return to


def give(
    transfer: CaseloadTransfer,
    candidates: list[uuid.UUID],
    acts: list[Act],
    *,
    to: User | None,
) -> dict[str, int]:
    """Move one set, notify the receiver; return the audit details."""
    account, by = transfer.account, transfer.asked_by
    to = check_receiver(account, to)
    Candidate.objects.filter(pk__in=candidates).update(adviser=to)
    for act in acts:
        act.steps.create(
            origin=act.state, target=act.state, by=by, note={"followed_by": to.pk}
        )
    counts = {"people": len(candidates), "acts": len(acts)}
    has_waited = transfer.ready_at > transfer.asked_at
    if to.pk != by.pk or has_waited:
        emails.caseload_received.post(
            key=str(uuid.uuid4()), account=account.pk, to=to.pk, **counts
        )
    emails.notify_young_account(transfer, to, len(candidates))
    return {"to": to.pk, **counts}


def apply_due() -> int:
    """Apply the transfers that are due; return how many. Idempotent."""
    due = CaseloadTransfer.objects.due().order_by("ready_at", "pk")
    return sum(apply_one(pk) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def apply_one(pk: uuid.UUID) -> bool:
    """Apply one transfer; if blocked, notify France Travail once."""
    transfer = CaseloadTransfer.objects.with_people().get(pk=pk)
    locked = lock_caseload(transfer.account)
    # Read again under the locks: another worker, or the link, may have come first.
    if not CaseloadTransfer.objects.due().filter(pk=pk).exists():
        return False
    asker = User.objects.get(pk=transfer.asked_by_id)
    try:
        # The requester may be suspended because of this: a second person decides.
        if not asker.is_active or asker.is_partner and not asker.is_rgc_in_office:
            raise HandoverRefused("Qui a demandé ce transfert n’est plus en fonction.")
        with transaction.atomic():
            move(transfer, locked, by=None)
    except HandoverRefused:
        emails.notify_blocked(transfer)
        return False
    except MoveRefused:
        return False  # Stopped between the two reads.
    return True
