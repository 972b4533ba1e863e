"""Persons of one account who are opened to another, at once or after a wait.

Give a caseload to colleagues before an account closes (4.2, 5.6), or confide it for a
time. Persons with an act under way, and the others, may go to two receivers; the RGC
sees counts only (design 2.2). ``decide`` says what is done at once and what waits for
a second person: a stolen session must not be enough to read a whole caseload (S39,
ADR 28). An account that was opened, reopened or appointed lately, or whose slip,
address or factors are new, receives nobody at once.
"""

import dataclasses
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, Self

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from accounts.nominations.enums import NominationState
from accounts.nominations.models import NominationStep
from accounts.signin.models.access_changes import SecurityEventKind
from accounts.signin.sessions import close_all
from accounts.team.actions import close_account, suspend_account
from accounts.users.enums import Role, SuspensionReason, UserState
from accounts.users.models.users import User
from accounts.users.refusals import is_held, refuse_held
from opus.lib.audit import journal
from opus.lib.audit.journal import Action, record
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format, in_paris, moment, next_working_day
from opus.lib.french import of
from referrals.acts.models import Act
from referrals.candidates.actions import lock_colleagues
from referrals.candidates.models import Candidate, StandIn
from referrals.caseloads import emails
from referrals.caseloads.models import (
    CaseloadTransfer,
    TransferKind,
    TransferState,
    WhyAtOnce,
)

RENEWS = (
    SecurityEventKind.FIRST_ACCESS,
    SecurityEventKind.ADDRESS,
    SecurityEventKind.FACTORS_RESET,
)


def decide(transfer: CaseloadTransfer, *, people: int) -> None:
    """Write on it whether it is done at once, and why, or until when it waits.

    Locks the author, so that two gestures are counted one after the other. Raises
    MoveRefused while his gestures are held.
    """
    by = User.objects.select_for_update(no_key=True).get(pk=transfer.asked_by_id)
    refuse_held(by)
    now = timezone.now()
    since = now - settings.HANDOVER.new_account
    transfer.people = people
    transfer.asked_at = transfer.ready_at = now
    transfer.receiver_is_new = any(renewed_at(to) > since for to in transfer.receivers)
    if transfer.is_own and not transfer.receiver_is_new:
        transfer.at_once = WhyAtOnce.OWN
    elif people <= left_of(transfer):
        transfer.at_once = WhyAtOnce.FEW
    else:
        transfer.ready_at = waits_until(now)


def left_of(transfer: CaseloadTransfer) -> int:
    """Return how many of its persons may go at once, if only their number waits."""
    if transfer.receiver_is_new or transfer.is_to_oneself or transfer.is_own:
        return 0
    return left_at_once(transfer.asked_by)


def left_at_once(by: User) -> int:
    """Return how many persons of others this author may still open at once."""
    limits, now = settings.HANDOVER, timezone.now()
    done = CaseloadTransfer.objects.filter(asked_by=by, at_once=WhyAtOnce.FEW)
    counted = done.filter(asked_at__gt=now - dt.timedelta(days=7)).aggregate(
        week=Sum("people", default=0),
        day=Sum("people", filter=Q(asked_at__gt=now - limits.waits), default=0),
    )
    day, week = counted["day"], counted["week"]
    return max(0, min(limits.at_once - day, limits.at_once_in_a_week - week))


def renewed_at(account: User) -> dt.datetime:
    """Return from when its age counts."""
    # The first complete sign-in, and a reopening.
    opened = account.steps.filter(target=UserState.ACTIVE)
    renewed = account.security_events.filter(kind__in=RENEWS)
    # An office that goes on in the next convention changes nothing (art. 13).
    offices = NominationStep.objects.filter(
        nomination__person=account,
        origin=NominationState.ACCEPTED,
        target=NominationState.IN_OFFICE,
    )
    lasts = [rows.aggregate(at=Max("at"))["at"] for rows in (opened, renewed, offices)]
    return max(filter(None, [account.created_at, *lasts]))


def waits_until(now: dt.datetime) -> dt.datetime:
    """Return the end of the wait: a day, and noon of the next working day."""
    limits = settings.HANDOVER
    noon = in_paris(next_working_day(timezone.localdate(now)), limits.waits_until)
    return max(now + limits.waits, noon)


def pressing(acts: Iterable[Act], at_most: int) -> set[uuid.UUID]:
    """Return the persons with an appointment or a step due soon, the first ones."""
    last = timezone.localdate()
    for _ in range(settings.HANDOVER.pressing_days):
        last = next_working_day(last)
    due: dict[uuid.UUID, dt.date] = {}
    for act in acts:
        at, on = getattr(act, "at", None), getattr(act, "due_on", None)
        day = timezone.localdate(at) if at else on
        if day and day <= last:
            due[act.candidate_id] = min(day, due.get(act.candidate_id, day))
    return set(sorted(due, key=lambda person: (due[person], person))[:at_most])


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


def carry_out_stand_in(transfer: CaseloadTransfer, locked: Locked) -> CaseloadTransfer:
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
            carry_out_stand_in(transfer, locked)
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


@dataclasses.dataclass
class Caseload:
    """Counts of acts under way, their persons, and the others."""

    acts: int = 0
    with_acts: int = 0
    others: int = 0

    @property
    def people(self) -> int:
        return self.with_acts + self.others

    @property
    def words(self) -> str:
        """« 12 candidats, 17 propositions en cours »."""
        people = f"{self.people} candidat{'s' if self.people > 1 else ''}"
        acts = f"{self.acts} proposition{'s' if self.acts > 1 else ''} en cours"
        return f"{people}, {acts if self.acts else 'aucune proposition en cours'}"


def caseloads_of(accounts: Iterable[User]) -> dict[int, Caseload]:
    """Return the non-empty caseloads, in one query."""
    people = Candidate.objects.filter(adviser__in=[account.pk for account in accounts])
    found: defaultdict[int, Caseload] = defaultdict(Caseload)
    for person in people.with_live_acts().only("adviser"):
        caseload = found[person.adviser_id]
        caseload.acts += person.live_acts
        if person.live_acts:
            caseload.with_acts += 1
        else:
            caseload.others += 1
    return dict(found)


def caseload_of(account: User) -> Caseload:
    return caseloads_of([account]).get(account.pk, Caseload())


@transaction.atomic
def hand_over(
    account: User,
    *,
    by: User,
    acts_to: User | None = None,
    others_to: User | None = None,
) -> CaseloadTransfer | None:
    """Give all persons of an account to colleagues.

    They go at once or wait, as ``decide`` says; if only their number waits, those whose
    next step presses go first. The acts keep their maker.

    ``acts_to`` receives the persons with an act under way, ``others_to`` the others.
    Returns the transfer, done or waiting; None if there are no persons.
    Raises HandoverRefused: a receiver is missing or unfit, or a transfer waits already.
    """
    locked = lock_caseload(account)
    if not locked.people:
        return None
    acts_to = acts_to if locked.busy else None
    others_to = others_to if locked.idle else None
    transfer = CaseloadTransfer(
        account=account, asked_by=by, acts_to=acts_to, others_to=others_to
    )
    for to, persons in ((acts_to, locked.busy), (others_to, locked.idle)):
        if persons:
            check_receiver(transfer, to)
    decide(transfer, people=locked.people)
    with journal.gathering() as parts:
        left = 0 if transfer.at_once else left_of(transfer)
        if first := pressing(locked.acts, left):
            now, locked = locked.split(first)
            some = CaseloadTransfer(account=account, asked_by=by, acts_to=acts_to)
            decide(some, people=now.people)
            carry_out(some, now)
            transfer.people = locked.people
            transfer.acts_to = acts_to if locked.busy else None
    return carry_out(transfer, locked, parts=parts)


@transaction.atomic
def confirm(transfer: CaseloadTransfer, *, by: User | None) -> None:
    """Confirm as the second person: the persons move now.

    ``by`` is None for the former adviser's link. Raises HandoverRefused, MoveRefused.
    """
    if by is not None and by.pk == transfer.asked_by_id:
        raise HandoverRefused(
            "Une autre personne que celle qui a demandé ce transfert doit le confirmer."
        )
    if by is None and not transfer.may_be_confirmed_by_link:
        raise HandoverRefused(
            "L’adresse de ce compte a changé récemment\xa0: seul France Travail peut "
            "confirmer. Vous pouvez toujours vous y opposer."
        )
    locked = lock_caseload(transfer.account)
    if by is None:
        refuse_renewed(transfer)
    with journal.gathering() as parts:
        apply(transfer, locked, by=by, confirmed_by=by or transfer.account)
    if by is None:
        mark_seen(transfer)
    record_end(journal.Action.CASELOAD_TRANSFER_CONFIRMED, transfer, by=by, parts=parts)


@transaction.atomic
def stop(
    transfer: CaseloadTransfer,
    *,
    by: User | None,
    parts: Collection[dict[str, Any]] = (),
) -> None:
    """Stop it, or give back whoever went; without ``by``: the former adviser's link.

    Raises MoveRefused.
    """
    if transfer.state == TransferState.DONE:
        if not transfer.can_be_stopped:
            raise MoveRefused(
                "Ces candidats ont été confiés il y a plus de sept jours\xa0: ils ne "
                "reviennent plus par ce lien. Adressez-vous à votre RGC ou à votre "
                "correspondant France Travail."
            )
        give_back(transfer, by=by)
    else:
        transfer.move_to(TransferState.STOPPED, by=by)
    if by is None:
        mark_seen(transfer)
    record_end(journal.Action.CASELOAD_TRANSFER_STOPPED, transfer, by=by, parts=parts)
    readers = {transfer.asked_by_id} - {by and by.pk}
    if transfer.state == TransferState.GIVEN_BACK:
        readers |= {one.pk for one in transfer.receivers}
    for to in readers:
        emails.transfer_stopped.post(
            key=f"{transfer.pk}:{to}", transfer=str(transfer.pk), to=to
        )


@transaction.atomic
def disown(transfer: CaseloadTransfer) -> None:
    """The giver does not know this request: stop it, and whoever made it.

    The author's sessions end and his gestures are held until France Travail has looked;
    a new receiver is suspended. Raises MoveRefused if it can no longer be stopped.
    """
    author = transfer.asked_by
    transfer.disowned_at = timezone.now()
    transfer.save(update_fields=["disowned_at"])
    with journal.gathering() as parts:
        close_all(author, by=None)
        since = timezone.now() - settings.HANDOVER.new_account
        for one in transfer.receivers:
            if one.is_active and renewed_at(one) > since:
                suspend_account(one, by=None, reason=SuspensionReason.CHECK)
    stop(transfer, by=None, parts=parts)


@transaction.atomic
def mark_checked(transfer: CaseloadTransfer, *, by: User) -> None:
    """France Travail has looked: the author's gestures are held no more."""
    rows = CaseloadTransfer.objects.to_look_at().filter(pk=transfer.pk)
    if not rows.update(checked_at=timezone.now(), checked_by=by):
        raise MoveRefused("Quelqu’un l’a déjà vérifié.")
    record_end(journal.Action.CASELOAD_TRANSFER_CHECKED, transfer, by=by)


def mark_seen(transfer: CaseloadTransfer) -> None:
    rows = CaseloadTransfer.objects.filter(pk=transfer.pk, seen_at__isnull=True)
    rows.update(seen_at=timezone.now())


def record_end(
    action: journal.Action,
    transfer: CaseloadTransfer,
    *,
    by: User | None,
    parts: Collection[dict[str, Any]] = (),
) -> None:
    details = {
        "transfer": str(transfer.pk),
        "by_link": by is None,
        "asked_by": transfer.asked_by_id,
    }
    if transfer.disowned_at:
        details["disowned"] = True
    journal.record(action, by=by, target=transfer.account, details=details, parts=parts)


@transaction.atomic
def close(
    account: User, *, by: User, reason: str, **receivers: User | None
) -> CaseloadTransfer | None:
    """Hand over, then close the account: both or neither (5.6).

    It closes at once; its persons may wait. Raises HandoverRefused, MoveRefused.
    """
    lock_caseload(account)
    with journal.gathering() as parts:
        transfer = waiting_for(account)
        if transfer and transfer.is_for_a_time:
            stop(transfer, by=by)
            transfer = None
        transfer = transfer or hand_over(account, by=by, **receivers)
    # Only favourites without a person remain: the others moved with their persons.
    account.favourites.all().delete()
    close_account(account, by=by, reason=reason, parts=parts)
    return transfer


@transaction.atomic
def confide(
    account: User, *, to: User, starts_on: dt.date, ends_on: dt.date, by: User
) -> CaseloadTransfer:
    """Let a colleague follow a caseload, both days included, at once or when due."""
    # One at a time in a structure, as for a hand-over.
    locked = lock_caseload(account)
    account.refresh_from_db(fields=["state"])
    refuse_dates(starts_on, ends_on)
    transfer = CaseloadTransfer(
        account=account,
        asked_by=by,
        kind=TransferKind.FOR_A_TIME,
        others_to=to,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return carry_out_stand_in(transfer, locked)


@transaction.atomic
def take_back(stand_in: StandIn, *, by: User) -> None:
    """End it at once; nothing happens if it has ended."""
    standing = StandIn.objects.ahead().filter(pk=stand_in.pk)
    if not standing.update(ended_at=timezone.now(), ended_by=by):
        return
    details = {"from": stand_in.colleague_id}
    record(Action.CASELOAD_TAKEN_BACK, by=by, target=stand_in.owner, details=details)
    others = {stand_in.owner_id, stand_in.colleague_id} - {by.pk}
    emails.notify_taken_back(stand_in, others)


def refuse_dates(starts_on: dt.date, ends_on: dt.date) -> None:
    """Refuse days that are past, reversed or too many."""
    if starts_on < timezone.localdate():
        raise HandoverRefused(
            "Ce jour est passé\u00a0: choisissez aujourd’hui ou un jour à venir.",
            field="starts_on",
        )
    if ends_on < starts_on:
        raise HandoverRefused("Le dernier jour précède le premier.", field="ends_on")
    latest = starts_on + settings.STAND_IN_AT_MOST - dt.timedelta(days=1)
    if ends_on > latest:
        raise HandoverRefused(
            f"Des suivis se confient {settings.STAND_IN_AT_MOST.days}\u00a0jours au "
            f"plus\u00a0: ici, jusqu’au {date_format(latest)}. Pour plus longtemps, "
            "le RGC les confie définitivement.",
            field="ends_on",
        )
