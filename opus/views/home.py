from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Service
from accounts.security.personal_data_quotas import CeilingReached
from accounts.signin.http import MemberRequest
from accounts.users.enums import Role
from accounts.users.models.users import User
from opus.lib.audit.journal import Action
from opus.support.news.models import Announcement
from opus.support.surveys.models import Survey
from referrals.acts.models.placements import Placement
from referrals.acts.registry import PLACEMENTS
from referrals.candidates import access_log
from referrals.todo.open_acts import waiting_for, with_outcomes, with_withdrawals

SHOWN = 20
SHOWN_NEWS = 3


@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """Show an adviser's open acts and the RGC's seats."""
    tasks = waiting_for(request.user)
    shown, ended, hidden = tasks[:SHOWN], just_ended(request), ""
    persons = [task.act.candidate for task in shown]
    if ended:
        persons.append(ended.candidate)
    if persons:
        try:
            access_log.show(request.user, Action.PERSONS_LISTED, persons, unasked=True)
        except CeilingReached as error:
            # Other parts of the home page contain no personal data: show them.
            shown, ended, hidden = [], None, str(error)
    news = Announcement.objects.visible_to(request.user)
    context = {
        "tasks": with_outcomes(with_withdrawals(shown)),
        "just_ended": ended,
        "today": timezone.localdate(),
        "hidden": hidden,
        "tasks_count": len(tasks),
        "hidden_count": len(tasks) - len(shown),
        "may_search": Service.CONSULTATION in request.services,
        "news": news.with_unread(request.user)[:SHOWN_NEWS],
        "survey": Survey.objects.awaiting(request.user).first(),
        "seats": seats(request) if request.user.role == Role.RGC else None,
    }
    return render(request, "opus/home.html", context)


def just_ended(request: MemberRequest) -> Placement | None:
    """Return the act whose outcome was just recorded."""
    try:
        number = UUID(request.GET.get("suite", ""))
    except ValueError:
        return None
    for model in PLACEMENTS:
        mine = model.objects.visible_to(request.user).filter(pk=number)
        act = mine.select_related("outcome__code", "candidate").first()
        if act and act.can_undo_outcome(request.user):
            return act
    return None


def seats(request: MemberRequest) -> dict[str, int]:
    """Return the accounts that annexe 2 counts."""
    used = User.objects.counted().of_partner(request.structure).count()
    quota = request.convention.quota
    return {"used": used, "quota": quota, "left": max(quota - used, 0)}
