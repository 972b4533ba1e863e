"""The first page: what awaits me."""

import dataclasses
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.ceilings import CeilingReached
from accounts.http import MemberRequest
from accounts.models import Role, Service, User
from opus.desk.models import Announcement, Survey
from opus.lib.audit import Action
from referrals import sightings
from referrals.models import PLACEMENTS, Placement
from referrals.todo import waiting_for, with_notices, with_outcomes

SHOWN = 20
SHOWN_NEWS = 3


@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """An adviser's open acts; the RGC's seats besides. Staff are led to the admin."""
    tasks = waiting_for(request.user)
    shown, ended, hidden = tasks[:SHOWN], just_ended(request), ""
    persons = [task.act.candidate for task in shown]
    if ended:
        persons.append(ended.candidate)
    if persons:
        try:
            sightings.show(request.user, Action.PERSONS_LISTED, persons, unasked=True)
        except CeilingReached as error:
            # The desk stays open: offers are nobody's data.
            shown, ended, hidden = [], None, str(error)
    context = {
        "tasks": with_outcomes(with_notices(shown)),
        "just_ended": ended,
        "today": timezone.localdate(),
        "hidden": hidden,
        "tasks_count": len(tasks),
        "hidden_count": len(tasks) - len(shown),
        "may_search": Service.CONSULTATION in request.services,
        "news": news(request),
        "survey": Survey.objects.awaiting(request.user).first(),
        "seats": seats(request) if request.user.role == Role.RGC else None,
    }
    return render(request, "opus/home.html", context)


def just_ended(request: MemberRequest) -> Placement | None:
    """The act whose outcome was recorded a moment ago from here: it may be undone."""
    try:
        number = UUID(request.GET.get("suite", ""))
    except ValueError:
        return None
    for model in PLACEMENTS:
        mine = model.objects.visible_to(request.user)
        mine = mine.select_related("outcome__code", "candidate")
        act = mine.filter(pk=number).first()
        if act and act.can_undo_outcome(request.user):
            return act
    return None


def news(request: MemberRequest) -> list[Announcement]:
    """The latest announcements, each with whether I have opened it."""
    mine = Announcement.objects.visible_to(request.user)
    return list(mine.with_unread(request.user)[:SHOWN_NEWS])


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
