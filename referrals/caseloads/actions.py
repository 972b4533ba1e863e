"""Persons of one account who are opened to another, at once or after a wait.

Give a caseload to colleagues before an account closes (4.2, 5.6), or confide it for a
time. Persons with an act under way, and the others, may go to two receivers; the RGC
sees counts only. ``decide`` says what is done at once and what waits for
a second person: a stolen session must not be enough to read a whole caseload (S39,
ADR 28). An account that was opened, reopened or appointed lately, or whose slip,
address or factors are new, receives nobody at once.

In the order of a gesture: decide, submit, apply, answer; then the jobs and the counts.
"""

import dataclasses
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from accounts.nominations.enums import NominationState
from accounts.nominations.models import NominationStep
from accounts.signin.models import SecurityEventKind
from accounts.signin.sessions import close_all
from accounts.team.actions import close_account, suspend_account
from accounts.users.enums import Role, SuspensionReason, UserState
from accounts.users.models import User
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
# Each person, with her live acts.
Persons = dict[uuid.UUID, list[Act]]


class HandoverRefused(MoveRefused):
    """The message says why; ``field`` is the one to change."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


# --- The decision ---------------------------------------------------------------------


def decide(transfer: CaseloadTransfer, *, people: int) -> int:
    """Write whether it is done at once, and why, or until when it waits.

    Returns how many of its persons may go before the others: none, unless only their
    number waits. Locks the author, so that two gestures are counted one after the
    other. Raises MoveRefused while his gestures are held.
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
        return 0
    is_counted = not (
        transfer.receiver_is_new or transfer.is_to_oneself or transfer.is_own
    )
    left = left_at_once(by) if is_counted else 0
    if is_counted and people <= left:
        transfer.at_once = WhyAtOnce.FEW
        return 0
    transfer.ready_at = waits_until(now)
    return left


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


def pressing(persons: Persons, at_most: int) -> list[uuid.UUID]:
    """Return the persons with an appointment or a step due soon, the first ones."""
    last = timezone.localdate()
    for _ in range(settings.HANDOVER.pressing_days):
        last = next_working_day(last)
    due: dict[uuid.UUID, dt.date] = {}
    for person, acts in persons.items():
        for act in acts:
            at, on = getattr(act, "at", None), getattr(act, "due_on", None)
            day = timezone.localdate(at) if at else on
            if day and day <= last:
                due[person] = min(day, due.get(person, day))
    return sorted(due, key=lambda person: (due[person], person))[:at_most]


# --- Who may receive ------------------------------------------------------------------

CHOOSE = (
    "Choisissez à qui confier les candidats suivis : un conseiller au compte actif, ou "
    "le RGC. La situation a peut-être changé : rechargez la page."
)


def receivers_for(account: User) -> QuerySet[User]:
    in_office = User.objects.rgc_of(account.structure_id).values("pk")
    return User.objects.filter(
        Q(role=Role.ADVISER, state=UserState.ACTIVE) | Q(pk__in=in_office),
        structure=account.structure_id,
    ).exclude(pk=account.pk)


def check_receiver(transfer: CaseloadTransfer, to: User) -> None:
    """Raise HandoverRefused unless this colleague may receive these persons."""
    account = transfer.account
    is_for_a_time = transfer.is_for_a_time
    if not receivers_for(account).filter(pk=to.pk).exists():
        raise HandoverRefused(CHOOSE, field="colleague" if is_for_a_time else None)
    if not is_for_a_time:
        # She who gives would go on following them, as this colleague's stand-in.
        confided = StandIn.objects.in_force().filter(owner=to, colleague=account)
        if one := confided.first():
            raise HandoverRefused(
                f"Les suivis {of(to)} sont confiés à {account} jusqu’au "
                f"{date_format(one.ends_on)}\xa0: {account} suivrait donc toujours "
                "ces candidats. Reprenez-les d’abord, ou choisissez quelqu’un d’autre."
            )
        return
    if not account.is_active:
        raise HandoverRefused(
            "Le compte qui confie ses suivis est suspendu ou fermé\u00a0: ils se "
            "confient définitivement.",
            field="colleague",
        )
    # A second stand-in of these days, or one that would make a chain.
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


# --- To submit ------------------------------------------------------------------------


@transaction.atomic
def hand_over(
    account: User,
    *,
    by: User,
    acts_to: User | None = None,
    others_to: User | None = None,
) -> CaseloadTransfer | None:
    """Give all persons of an account to colleagues; the acts keep their maker.

    ``acts_to`` receives the persons with an act under way, ``others_to`` the others.
    Returns the transfer, done or waiting; None if there are no persons.
    Raises HandoverRefused: a receiver is missing or unfit, or a transfer waits already.
    """
    persons = lock_caseload(account)
    if not persons:
        return None
    is_busy, is_idle = any(persons.values()), not all(persons.values())
    acts_to = acts_to if is_busy else None
    others_to = others_to if is_idle else None
    if (is_busy and not acts_to) or (is_idle and not others_to):
        raise HandoverRefused(CHOOSE)
    transfer = CaseloadTransfer(
        account=account, asked_by=by, acts_to=acts_to, others_to=others_to
    )
    return submit(transfer, persons)


@transaction.atomic
def confide(
    account: User, *, to: User, starts_on: dt.date, ends_on: dt.date, by: User
) -> CaseloadTransfer:
    """Let a colleague follow a caseload, both days included, at once or when due.

    Raises HandoverRefused: the days are past, reversed or too many, the colleague is
    unfit, or a transfer waits already.
    """
    # One at a time in a structure, as for a hand-over.
    persons = lock_caseload(account)
    account.refresh_from_db(fields=["state"])
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
    transfer = CaseloadTransfer(
        account=account,
        asked_by=by,
        kind=TransferKind.FOR_A_TIME,
        others_to=to,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return submit(transfer, persons)


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


def lock_caseload(account: User) -> Persons:
    """Lock the accounts, then the persons and their live acts."""
    lock_colleagues(account)
    followed = Candidate.objects.filter(adviser=account).order_by("pk")
    locked = followed.select_for_update(no_key=True).values_list("pk", flat=True)
    persons: Persons = {pk: [] for pk in locked}
    for act in live_acts(list(persons)):
        persons[act.candidate_id].append(act)
    return persons


def live_acts(persons: Collection[uuid.UUID]) -> list[Act]:
    """Return the live acts of these persons, locked."""
    acts = Act.objects.live().filter(candidate__in=persons)
    return list(acts.select_for_update(no_key=True, of=("self",)).order_by("pk"))


def waiting_for(account: User) -> CaseloadTransfer | None:
    rows = CaseloadTransfer.objects.waiting().filter(account=account.pk)
    return rows.with_people().first()


def submit(transfer: CaseloadTransfer, persons: Persons) -> CaseloadTransfer:
    """Decide and write it; apply it at once, or announce that it waits.

    If only their number waits, those whose next step presses go first, by a decision
    of their own. Raises HandoverRefused: a receiver is unfit, or another waits already.
    """
    account, by = transfer.account, transfer.asked_by
    for to in transfer.receivers:
        check_receiver(transfer, to)
    left = decide(transfer, people=len(persons))
    if transfer.ends_on and transfer.ends_on < timezone.localdate(transfer.ready_at):
        raise HandoverRefused(
            "Ces suivis ne peuvent être confiés avant le "
            f"{moment(transfer.ready_at)}\u00a0: choisissez un dernier jour plus tard.",
            field="ends_on",
        )
    if waiting_for(account):
        raise HandoverRefused(
            "Les candidats suivis par ce compte attendent déjà d’être confiés\xa0: "
            "annulez d’abord cette demande, ou attendez qu’elle s’applique."
        )
    with journal.gathering() as parts:
        first = [] if transfer.is_for_a_time else pressing(persons, left)
        if first:
            some = CaseloadTransfer(
                account=account, asked_by=by, acts_to=transfer.acts_to
            )
            submit(some, {person: persons.pop(person) for person in first})
            transfer.people = len(persons)
            if not any(persons.values()):
                transfer.acts_to = None
    transfer.acts = sum(map(len, persons.values()))
    transfer.save(force_insert=True)
    transfer.steps.create(origin="", target=transfer.state, by=by)
    if transfer.at_once:
        apply(transfer, persons, by=by)
    else:
        details = {
            "transfer": str(transfer.pk),
            "people": transfer.people,
            "to": [one.pk for one in transfer.receivers],
            "to_self": transfer.is_to_oneself,
            "new": transfer.receiver_is_new,
        }
        action = Action.CASELOAD_TRANSFER_ASKED
        record(action, by=by, target=account, details=details, parts=parts)
    emails.notify_decided(transfer)
    return transfer


# --- To apply -------------------------------------------------------------------------


def apply(
    transfer: CaseloadTransfer,
    persons: Persons,
    *,
    by: User | None,
    confirmed_by: User | None = None,
) -> None:
    """Move the locked persons, or confide them; without ``by``: Opus, after the wait.

    Raises HandoverRefused: a receiver is unfit. MoveRefused: it no longer waits.
    """
    if not CaseloadTransfer.objects.waiting().filter(pk=transfer.pk).exists():
        raise MoveRefused(
            "Ce transfert n’est plus en attente\xa0: il a été fait, ou arrêté."
        )
    for to in transfer.receivers:
        check_receiver(transfer, to)
    # First: the triggers look for the decision that this transaction applies.
    transfer.move_to(
        TransferState.DONE, by=by, done_at=timezone.now(), confirmed_by=confirmed_by
    )
    account, asker = transfer.account, transfer.asked_by
    if transfer.is_for_a_time:
        begin_stand_in(transfer, by=by)
        return
    # An act may have begun or ended since: a set without receiver may have persons now.
    acts_to = transfer.acts_to or transfer.receivers[0]
    others_to = transfer.others_to or transfer.receivers[0]
    given = []
    for to, is_busy in ((acts_to, True), (others_to, False)):
        moved = [person for person, acts in persons.items() if bool(acts) is is_busy]
        if not moved:
            continue
        rows = Candidate.objects.filter(pk__in=moved)
        rows.update(adviser=to, transfer=transfer)
        acts = [act for person in moved for act in persons[person]]
        note_follower(acts, to, by=asker)
        counts = {"people": len(moved), "acts": len(acts)}
        given.append({"to": to.pk, **counts})
        if to.pk != asker.pk or not transfer.at_once:
            emails.caseload_received.post(
                key=str(uuid.uuid4()), account=account.pk, to=to.pk, **counts
            )
    details = {"given": given}
    record(Action.CASELOAD_HANDED_OVER, by=by, target=account, details=details)


def note_follower(acts: Iterable[Act], follower: User, *, by: User | None) -> None:
    """Write in the history of each act who follows it now."""
    for act in acts:
        note = {"followed_by": follower.pk}
        act.steps.create(origin=act.state, target=act.state, by=by, note=note)


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


# --- To answer ------------------------------------------------------------------------


@transaction.atomic
def confirm(transfer: CaseloadTransfer, *, by: User | None) -> None:
    """Move the persons now; without ``by``: the giver, by his link.

    Raises HandoverRefused, MoveRefused.
    """
    with journal.gathering() as parts:
        persons = lock_caseload(transfer.account)
        refuse_confirmation(transfer, by)
        apply(transfer, persons, by=by, confirmed_by=by or transfer.account)
    record_answer(Action.CASELOAD_TRANSFER_CONFIRMED, transfer, by, parts)


@transaction.atomic
def stop(
    transfer: CaseloadTransfer, *, by: User | None, is_denied: bool = False
) -> None:
    """Bring back whoever went; denied, its author is stopped too.

    Without ``by``: the giver, by his link. Raises MoveRefused.
    """
    with journal.gathering() as parts:
        if is_denied:
            hold_author(transfer)
        give_back(transfer, by=by)
    record_answer(Action.CASELOAD_TRANSFER_STOPPED, transfer, by, parts)
    readers = {transfer.asked_by_id} - {by and by.pk}
    if transfer.state == TransferState.GIVEN_BACK:
        readers |= {one.pk for one in transfer.receivers}
    for to in readers:
        emails.transfer_stopped.post(
            key=f"{transfer.pk}:{to}", transfer=str(transfer.pk), to=to
        )


disown = partial(stop, by=None, is_denied=True)


@transaction.atomic
def mark_checked(transfer: CaseloadTransfer, *, by: User) -> None:
    """Hold the author's gestures no more. Raises MoveRefused."""
    rows = CaseloadTransfer.objects.to_look_at().filter(pk=transfer.pk)
    if not rows.update(checked_at=timezone.now(), checked_by=by):
        raise MoveRefused("Quelqu’un l’a déjà vérifié.")
    record_answer(Action.CASELOAD_TRANSFER_CHECKED, transfer, by)


def record_answer(
    action: Action,
    transfer: CaseloadTransfer,
    by: User | None,
    parts: Collection[dict[str, Any]] = (),
) -> None:
    if by is None:
        mark_seen(transfer)
    details = {
        "transfer": str(transfer.pk),
        "by_link": by is None,
        "asked_by": transfer.asked_by_id,
    }
    if transfer.disowned_at:
        details["disowned"] = True
    record(action, by=by, target=transfer.account, details=details, parts=parts)


def mark_seen(transfer: CaseloadTransfer) -> None:
    rows = CaseloadTransfer.objects.filter(pk=transfer.pk, seen_at__isnull=True)
    rows.update(seen_at=timezone.now())


def refuse_confirmation(transfer: CaseloadTransfer, by: User | None) -> None:
    """Refuse its author, and the link of a new address or for a changed receiver."""
    if by is not None and by.pk == transfer.asked_by_id:
        raise HandoverRefused(
            "Une autre personne que celle qui a demandé ce transfert doit le confirmer."
        )
    if by is None and not transfer.may_be_confirmed_by_link:
        raise HandoverRefused(
            "L’adresse de ce compte a changé récemment\xa0: seul France Travail peut "
            "confirmer. Vous pouvez toujours vous y opposer."
        )
    if by is None:
        refuse_renewed(transfer)


def refuse_renewed(transfer: CaseloadTransfer) -> None:
    if any(renewed_at(one) > transfer.asked_at for one in transfer.receivers):
        raise HandoverRefused(
            "L’accès de qui doit recevoir ces candidats a changé depuis\u00a0: seul "
            "France Travail peut confirmer. Vous pouvez toujours vous y opposer."
        )


def give_back(transfer: CaseloadTransfer, *, by: User | None) -> None:
    """Stop what waits; return to the giver whoever went and has not moved on since."""
    account = transfer.account
    if transfer.state != TransferState.DONE:
        transfer.move_to(TransferState.STOPPED, by=by)
        return
    if not transfer.can_be_stopped:
        raise MoveRefused(
            "Ces candidats ont été confiés il y a plus de sept jours\xa0: ils ne "
            "reviennent plus par ce lien. Adressez-vous à votre RGC ou à votre "
            "correspondant France Travail."
        )
    lock_colleagues(account)
    transfer.move_to(TransferState.GIVEN_BACK, by=by)
    gone = Candidate.objects.filter(adviser__in=transfer.receivers, transfer=transfer)
    back = list(gone.select_for_update(no_key=True).values_list("pk", flat=True))
    Candidate.objects.filter(pk__in=back).update(adviser=account)
    note_follower(live_acts(back), account, by=by)
    standing = StandIn.objects.standing().filter(owner=account, transfer=transfer)
    standing.update(ended_at=timezone.now(), ended_by=by or account)


def hold_author(transfer: CaseloadTransfer) -> None:
    """End the author's sessions, and hold his gestures until France Travail has looked.

    A new receiver is suspended.
    """
    transfer.disowned_at = timezone.now()
    transfer.save(update_fields=["disowned_at"])
    close_all(transfer.asked_by, by=None)
    since = timezone.now() - settings.HANDOVER.new_account
    for one in transfer.receivers:
        if one.is_active and renewed_at(one) > since:
            suspend_account(one, by=None, reason=SuspensionReason.CHECK)


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


# --- The jobs -------------------------------------------------------------------------


def apply_due() -> int:
    """Apply the transfers that are due; return how many. Idempotent."""
    due = CaseloadTransfer.objects.due().order_by("ready_at", "pk")
    return sum(apply_one(pk) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def apply_one(pk: uuid.UUID) -> bool:
    """Apply one transfer; if blocked, notify France Travail once.

    What its author, or a receiver, has changed since is blocked: a second person
    decides.
    """
    transfer = CaseloadTransfer.objects.with_people().get(pk=pk)
    persons = lock_caseload(transfer.account)
    # Read again under the locks: another worker, or the link, may have come first.
    if not CaseloadTransfer.objects.due().filter(pk=pk).exists():
        return False
    if transfer.ends_on and transfer.ends_on < timezone.localdate():
        transfer.move_to(TransferState.STOPPED, by=None)
        return False
    try:
        asker = User.objects.get(pk=transfer.asked_by_id)
        is_in_office = not asker.is_partner or transfer.is_own or asker.is_rgc_in_office
        if not asker.is_active or not is_in_office or is_held(asker):
            raise HandoverRefused("Qui a demandé ce transfert n’est plus en fonction.")
        refuse_renewed(transfer)
        with transaction.atomic():
            apply(transfer, persons, by=None)
    except HandoverRefused:
        emails.write_to_staff(transfer, emails.transfer_blocked)
        return False
    except MoveRefused:
        return False  # Stopped between the two reads.
    return True


def confide_again() -> int:
    """Ask anew for what closed when its receiver got a new access; return how many."""
    cut = StandIn.objects.filter(is_cut=True).order_by("ended_at", "pk")
    return sum(confide_one_again(one.pk) for one in cut)


@transaction.atomic
def confide_one_again(pk: uuid.UUID) -> bool:
    """Let its last days wait, in its author's name; or say that it is over."""
    cut = StandIn.objects.select_related("owner", "colleague").get(pk=pk)
    persons = lock_caseload(cut.owner)
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
            submit(transfer, persons)
    except MoveRefused:
        emails.notify_taken_back(cut, {cut.owner_id, cut.colleague_id})
        return False
    return True


# --- The counts -----------------------------------------------------------------------


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
