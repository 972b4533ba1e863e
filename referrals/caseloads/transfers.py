"""Apply a decision, at once or when due, and give back (5.6, S39, ADR 28)."""

import dataclasses
import uuid
from collections.abc import Collection
from typing import Any, Self

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.users.enums import Role, UserState
from accounts.users.models.users import User
from accounts.users.refusals import is_held
from opus.lib.audit.journal import Action, record
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format, moment
from opus.lib.french import of
from referrals.acts.models.acts import Act
from referrals.candidates.actions import lock_colleagues
from referrals.candidates.models.candidates import Candidate
from referrals.candidates.models.stand_ins import StandIn
from referrals.caseloads import emails
from referrals.caseloads.decisions import decide, renewed_at
from referrals.caseloads.models import CaseloadTransfer, TransferKind, TransferState

ALREADY_WAITING = (
    "Les candidats suivis par ce compte attendent déjà d’être confiés\xa0: annulez "
    "d’abord cette demande, ou attendez qu’elle s’applique."
)
OVER = "Ce transfert n’est plus en attente\xa0: il a été fait, ou arrêté."


class HandoverRefused(MoveRefused):
    """The message says why; ``field`` is the one to change."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


def receivers_for(account: User) -> QuerySet[User]:
    in_office = User.objects.rgc_of(account.structure_id).values("pk")
    return User.objects.filter(
        Q(role=Role.ADVISER, state=UserState.ACTIVE) | Q(pk__in=in_office),
        structure=account.structure_id,
    ).exclude(pk=account.pk)


def waiting_for(account: User) -> CaseloadTransfer | None:
    rows = CaseloadTransfer.objects.waiting().filter(account=account.pk)
    return rows.with_people().first()


@dataclasses.dataclass(frozen=True)
class Locked:
    busy: list[uuid.UUID]
    idle: list[uuid.UUID]
    acts: list[Act]

    @property
    def people(self) -> int:
        return len(self.busy) + len(self.idle)

    def split(self, first: Collection[uuid.UUID]) -> tuple[Self, Self]:
        """Return these busy persons with their acts, and the rest."""
        acts = [act for act in self.acts if act.candidate_id in first]
        others = [act for act in self.acts if act.candidate_id not in first]
        busy = [pk for pk in self.busy if pk not in first]
        return (
            dataclasses.replace(self, busy=sorted(first), idle=[], acts=acts),
            dataclasses.replace(self, busy=busy, acts=others),
        )


def lock_caseload(account: User) -> Locked:
    """Lock the accounts, then the persons and their live acts."""
    lock_colleagues(account)
    candidates = Candidate.objects.filter(adviser=account).order_by("pk")
    held = list(candidates.select_for_update(no_key=True).values_list("pk", flat=True))
    acts = live_acts(held)
    busy = {act.candidate_id for act in acts}
    return Locked(sorted(busy), [pk for pk in held if pk not in busy], acts)


def live_acts(persons: Collection[uuid.UUID]) -> list[Act]:
    """Return the live acts of these persons, locked."""
    acts = Act.objects.live().filter(candidate__in=persons)
    return list(acts.select_for_update(no_key=True, of=("self",)).order_by("pk"))


def carry_out(
    transfer: CaseloadTransfer,
    locked: Locked,
    *,
    parts: Collection[dict[str, Any]] = (),
) -> CaseloadTransfer:
    """Write what was decided; apply it at once, or announce that it waits.

    Raises HandoverRefused: another waits already, or a receiver is unfit.
    """
    if waiting_for(transfer.account):
        raise HandoverRefused(ALREADY_WAITING)
    by = transfer.asked_by
    transfer.acts = len(locked.acts)
    transfer.save(force_insert=True)
    transfer.steps.create(origin="", target=transfer.state, by=by)
    if transfer.at_once:
        apply(transfer, locked, by=by)
    else:
        details = {
            "transfer": str(transfer.pk),
            "people": transfer.people,
            "to": [one.pk for one in transfer.receivers],
            "to_self": transfer.is_to_oneself,
            "new": transfer.receiver_is_new,
        }
        action, account = Action.CASELOAD_TRANSFER_ASKED, transfer.account
        record(action, by=by, target=account, details=details, parts=parts)
    emails.notify_decided(transfer)
    return transfer


def confide(transfer: CaseloadTransfer, locked: Locked) -> CaseloadTransfer:
    """Confide for a time, at once or when due. Raises HandoverRefused."""
    check_receiver(transfer, transfer.others_to)
    decide(transfer, people=locked.people)
    first = timezone.localdate(transfer.ready_at)
    if transfer.ends_on and transfer.ends_on < first:
        raise HandoverRefused(
            "Ces suivis ne peuvent être confiés avant le "
            f"{moment(transfer.ready_at)}\u00a0: choisissez un dernier jour plus tard.",
            field="ends_on",
        )
    return carry_out(transfer, locked)


def apply(
    transfer: CaseloadTransfer,
    locked: Locked,
    *,
    by: User | None,
    confirmed_by: User | None = None,
) -> None:
    """Move the locked persons, or confide them; without ``by``: Opus, after the wait.

    Raises HandoverRefused: a receiver is unfit. MoveRefused: it no longer waits.
    """
    if not CaseloadTransfer.objects.waiting().filter(pk=transfer.pk).exists():
        raise MoveRefused(OVER)
    # An act may have begun or ended since: a set without receiver may have persons now.
    acts_to = transfer.acts_to or transfer.others_to
    others_to = transfer.others_to or transfer.acts_to
    sets = [(acts_to, locked.busy, locked.acts), (others_to, locked.idle, [])]
    if transfer.is_for_a_time:
        sets = [(others_to, [], [])]
    receivers = [check_receiver(transfer, to) for to, *_ in sets]
    # First: the triggers look for the decision that this transaction applies.
    transfer.move_to(
        TransferState.DONE, by=by, done_at=timezone.now(), confirmed_by=confirmed_by
    )
    if transfer.is_for_a_time:
        begin_stand_in(transfer, by=by)
        return
    given = [
        give(transfer, sorted(persons), acts, to=to)
        for to, (_, persons, acts) in zip(receivers, sets, strict=True)
        if persons
    ]
    action, account = Action.CASELOAD_HANDED_OVER, transfer.account
    record(action, by=by, target=account, details={"given": given})


def begin_stand_in(transfer: CaseloadTransfer, *, by: User | None) -> None:
    """Confide the caseload from its first day, or from today if that has passed."""
    account, to = transfer.account, transfer.receivers[0]
    starts_on = max(filter(None, (transfer.starts_on, timezone.localdate())))
    stand_in = StandIn(  # type: ignore[misc]
        transfer=transfer,
        structure_id=account.structure_id,
        owner=account,
        colleague=to,
        starts_on=starts_on,
        ends_on=transfer.ends_on,
        created_by=transfer.asked_by,
    )
    stand_in.save(force_insert=True)
    days = {"from": starts_on.isoformat(), "until": stand_in.ends_on.isoformat()}
    details = {"to": to.pk, "people": transfer.people} | days
    record(Action.CASELOAD_CONFIDED, by=by, target=account, details=details)
    if to.pk != transfer.asked_by_id:
        emails.caseload_confided.post(key=str(stand_in.pk), stand_in=str(stand_in.pk))


def refuse_overlaps(transfer: CaseloadTransfer, to: User) -> None:
    """Refuse a second stand-in of these days, or one that would make a chain."""
    account = transfer.account
    same_days = StandIn.objects.standing().filter(
        starts_on__lte=transfer.ends_on, ends_on__gte=transfer.starts_on
    )
    if same_days.filter(owner=account).exists():
        raise HandoverRefused(
            f"Les suivis {of(account)} sont déjà confiés à quelqu’un sur une partie de "
            "ces dates\u00a0: changez les dates, ou reprenez-les d’abord.",
            field="starts_on",
        )
    if same_days.filter(Q(owner=to) | Q(colleague=account)).exists():
        raise HandoverRefused(
            f"Sur une partie de ces dates, {to} confie ses propres suivis, ou "
            f"{account} en tient d’un collègue\u00a0: des suivis confiés ne se "
            "confient pas plus loin. Choisissez quelqu’un d’autre, ou d’autres dates.",
            field="colleague",
        )


@transaction.atomic
def give_back(transfer: CaseloadTransfer, *, by: User | None) -> None:
    """Return to the giver whoever went by it and has not moved on since."""
    account = transfer.account
    lock_colleagues(account)
    transfer.move_to(TransferState.GIVEN_BACK, by=by)
    gone = Candidate.objects.filter(adviser__in=transfer.receivers, transfer=transfer)
    back = list(gone.select_for_update(no_key=True).values_list("pk", flat=True))
    Candidate.objects.filter(pk__in=back).update(adviser=account)
    for act in live_acts(back):
        act.steps.create(
            origin=act.state, target=act.state, by=by, note={"followed_by": account.pk}
        )
    standing = StandIn.objects.standing().filter(owner=account, transfer=transfer)
    standing.update(ended_at=timezone.now(), ended_by=by or account)


def check_receiver(transfer: CaseloadTransfer, to: User | None) -> User:
    """Return the colleague, or raise ``HandoverRefused``."""
    account = transfer.account
    if to is None or not receivers_for(account).filter(pk=to.pk).exists():
        raise HandoverRefused(
            "Choisissez à qui confier les candidats suivis : un conseiller au compte "
            "actif, ou le RGC. La situation a peut-être changé : rechargez la page.",
            field="colleague" if transfer.is_for_a_time else None,
        )
    if transfer.is_for_a_time:
        if not account.is_active:
            raise HandoverRefused(
                "Le compte qui confie ses suivis est suspendu ou fermé\u00a0: ils se "
                "confient définitivement.",
                field="colleague",
            )
        refuse_overlaps(transfer, to)
        return to
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
    to: User,
) -> dict[str, int]:
    """Move one set, notify the receiver; return the audit details."""
    account, by = transfer.account, transfer.asked_by
    Candidate.objects.filter(pk__in=candidates).update(adviser=to, transfer=transfer)
    for act in acts:
        act.steps.create(
            origin=act.state, target=act.state, by=by, note={"followed_by": to.pk}
        )
    counts = {"people": len(candidates), "acts": len(acts)}
    if to.pk != by.pk or not transfer.at_once:
        emails.caseload_received.post(
            key=str(uuid.uuid4()), account=account.pk, to=to.pk, **counts
        )
    return {"to": to.pk, **counts}


def confide_again() -> int:
    """Ask anew for what closed when its receiver got a new access; return how many."""
    cut = StandIn.objects.filter(is_cut=True).order_by("ended_at", "pk")
    return sum(confide_one_again(one.pk) for one in cut)


@transaction.atomic
def confide_one_again(pk: uuid.UUID) -> bool:
    """Let its last days wait, in its author's name; or say that it is over."""
    cut = StandIn.objects.select_related("owner", "colleague").get(pk=pk)
    locked = lock_caseload(cut.owner)
    is_first = StandIn.objects.filter(pk=pk, is_cut=True).update(is_cut=False)
    before = CaseloadTransfer.objects.filter(stand_ins=pk).first()
    # Its giver may have stopped it meanwhile; of two links, only the new one lives.
    if not is_first or before is None or before.state != TransferState.DONE:
        return False
    before.move_to(TransferState.GIVEN_BACK, by=None)
    transfer = CaseloadTransfer(
        account=cut.owner,
        asked_by=before.asked_by,
        kind=TransferKind.FOR_A_TIME,
        others_to=cut.colleague,
        starts_on=max(cut.starts_on, timezone.localdate()),
        ends_on=cut.ends_on,
    )
    try:
        with transaction.atomic():
            confide(transfer, locked)
    except MoveRefused:
        emails.notify_taken_back(cut, {cut.owner_id, cut.colleague_id})
        return False
    return True


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
    if transfer.ends_on and transfer.ends_on < timezone.localdate():
        transfer.move_to(TransferState.STOPPED, by=None)
        return False
    try:
        refuse_changed(transfer)
        with transaction.atomic():
            apply(transfer, locked, by=None)
    except HandoverRefused:
        emails.write_to_staff(transfer, emails.transfer_blocked)
        return False
    except MoveRefused:
        return False  # Stopped between the two reads.
    return True


def refuse_changed(transfer: CaseloadTransfer) -> None:
    """Refuse if its author or a receiver has changed since: a second person decides."""
    asker = User.objects.get(pk=transfer.asked_by_id)
    is_in_office = not asker.is_partner or transfer.is_own or asker.is_rgc_in_office
    if not asker.is_active or not is_in_office or is_held(asker):
        raise HandoverRefused("Qui a demandé ce transfert n’est plus en fonction.")
    refuse_renewed(transfer)


def refuse_renewed(transfer: CaseloadTransfer) -> None:
    if any(renewed_at(one) > transfer.asked_at for one in transfer.receivers):
        raise HandoverRefused(
            "L’accès de qui doit recevoir ces candidats a changé depuis\u00a0: seul "
            "France Travail peut confirmer. Vous pouvez toujours vous y opposer."
        )
