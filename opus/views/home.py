"""The first page: what awaits me."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.ceilings import CeilingReached
from accounts.http import MemberRequest
from accounts.models import Role, Service, User
from opus.lib.audit import Action
from referrals import sightings
from referrals.models import OutcomeCode, Referral, ReferralState
from referrals.withdrawals import Notice, notice_of

SHOWN = 20
# Offers like a withdrawn one cost a few queries: for the first; the others' acts tell.
NOTICED = 1


@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """An adviser's open acts; the RGC's seats besides. Staff are led to the admin."""
    tasks = waiting_for(request.user)
    shown, hidden = tasks[:SHOWN], ""
    if shown:
        persons = [task.referral.candidate for task in shown]
        try:
            sightings.show(request.user, Action.PERSONS_LISTED, persons, unasked=True)
        except CeilingReached as error:
            # The desk stays open: offers are nobody's data.
            shown, hidden = [], str(error)
    context = {
        "tasks": with_outcomes(with_notices(shown)),
        "just_ended": just_ended(request),
        "today": timezone.localdate(),
        "hidden": hidden,
        "tasks_count": len(tasks),
        "hidden_count": len(tasks) - len(shown),
        "may_search": Service.CONSULTATION in request.services,
        "seats": seats(request) if request.user.role == Role.RGC else None,
    }
    return render(request, "opus/home.html", context)


@dataclasses.dataclass(frozen=True)
class Task:
    """An open act, and why it waits for somebody."""

    referral: Referral
    label: str
    kind: str  # The badge's colour: the label says it in words.
    next_step: str
    # What to say, and what to propose instead, where the offer was withdrawn.
    notice: Notice | None = None
    # What may have come of it, one click each.
    outcomes: Sequence[OutcomeCode] = ()


def waiting_for(user: User) -> list[Task]:
    """The open acts that want a step of this adviser, the most pressing first."""
    waiting = Referral.objects.visible_to(user).wanting_a_step()
    referrals = waiting.select_related("offer", "candidate__adviser", "structure")
    tasks = [task_of(referral, referral.told_at) for referral in referrals]
    return sorted(tasks, key=lambda task: RANK[task.kind])


def with_notices(tasks: list[Task]) -> list[Task]:
    """The first withdrawn offer comes with what to say; other acts tell it."""
    noticed: dict[str, Notice] = {}
    told = []
    for task in tasks:
        offer = task.referral.offer_id
        if task.referral.offer_is_withdrawn:
            if offer in noticed:
                # The same offer for another person: the same offers are close to it.
                others = noticed[offer].lookalikes
                task = dataclasses.replace(task, notice=Notice(task.referral, others))
            elif len(noticed) < NOTICED:
                noticed[offer] = notice_of(task.referral)
                task = dataclasses.replace(task, notice=noticed[offer])
        told.append(task)
    return told


def with_outcomes(tasks: list[Task]) -> list[Task]:
    """The usual outcomes beside each act that was handed over; its page has all."""
    if not any(task.referral.can_move_to(ReferralState.ENDED) for task in tasks):
        return tasks
    codes = tuple(OutcomeCode.objects.usual())
    return [
        dataclasses.replace(task, outcomes=codes)
        if task.referral.can_move_to(ReferralState.ENDED)
        else task
        for task in tasks
    ]


def just_ended(request: MemberRequest) -> Referral | None:
    """The act whose outcome was recorded a moment ago from here: it may be undone."""
    mine = Referral.objects.visible_to(request.user).select_related("outcome__code")
    try:
        referral = mine.filter(pk=UUID(request.GET.get("suite", ""))).first()
    except ValueError:
        return None
    return referral if referral and referral.can_undo_outcome(request.user) else None


RANK = {"error": 0, "warning": 1, "info": 2}


def task_of(referral: Referral, told_at: dt.datetime) -> Task:
    """What this act waits for, in the words of the page."""
    if referral.offer_is_withdrawn:
        return Task(
            referral,
            "Offre retirée",
            "error",
            "Ne remettez pas sa fiche : annulez, ou attendez que l’offre revienne."
            if referral.state == ReferralState.PROPOSED
            else "Prévenez la personne, puis enregistrez la suite ou annulez.",
        )
    if referral.state == ReferralState.PROPOSED:
        return Task(
            referral,
            "Document à remettre",
            "warning",
            "Remettez le document, puis enregistrez la remise.",
        )
    days = (timezone.now() - told_at).days
    return Task(
        referral,
        f"Sans nouvelles depuis {days} jours",
        "info",
        "Appelez la personne ou l’employeur, puis enregistrez ce qu’il en est.",
    )


@dataclasses.dataclass(frozen=True)
class Seats:
    """The accounts that annexe 2 counts."""

    used: int
    quota: int

    @property
    def left(self) -> int:
        return max(self.quota - self.used, 0)


def seats(request: MemberRequest) -> Seats:
    counted = User.objects.counted().of_partner(request.structure)
    return Seats(used=counted.count(), quota=request.convention.quota)
