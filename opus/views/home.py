import datetime as dt
from uuid import UUID

from django.db.models import BooleanField, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Service
from accounts.security.personal_data_quotas import CeilingReached
from accounts.signin.access import MemberRequest
from accounts.users.enums import Role
from accounts.users.models.users import User
from opus.lib.audit.journal import Action
from opus.lib.database.rows_in_json import columns_of, row_of
from opus.lib.web import paginate
from opus.support.news.models import Announcement
from opus.support.surveys.models import Survey
from referrals.acts.models import Act
from referrals.candidates import access_log
from referrals.caseloads.models import CaseloadTransfer
from referrals.todo.open_acts import lines_of, open_acts_of, sections_of, with_outcomes

# Lines of home, and of each page of « tout voir ».
SHOWN, SHOWN_OF_ALL = 10, 50
SHOWN_NEWS, SHOWN_APPOINTMENTS = 3, 5


@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """Show an adviser's open acts and the RGC's seats."""
    open_acts, ended, hidden = open_acts_of(request.user), just_ended(request), ""
    is_all, by_person = "tout" in request.GET, request.GET.get("classer") == "candidat"
    tasks = with_outcomes(open_acts.tasks)
    lines = lines_of(tasks, by_person=by_person)
    page = paginate(request, lines, SHOWN_OF_ALL) if is_all else None
    shown = list(page.object_list) if page else lines[:SHOWN]
    agenda = open_acts.agenda[:SHOWN_APPOINTMENTS]
    persons = [line.candidate for line in shown] + [one.candidate for one in agenda]
    if ended:
        persons.append(ended.candidate)
    if persons:
        try:
            access_log.show(
                request.user,
                Action.PERSONS_LISTED,
                persons,
                unasked=page is None or page.number == 1,
            )
        except CeilingReached as error:
            # Other parts of the home page contain no personal data: show them.
            shown, agenda, page, ended, hidden = [], [], None, None, str(error)
    news, survey = news_and_survey(request.user)
    context = {
        "sections": sections_of(shown, lines, by_person=by_person),
        "page": page,
        "by_person": by_person,
        "agenda": agenda,
        "agenda_count": len(open_acts.agenda),
        "just_ended": ended,
        "today": timezone.localdate(),
        "hidden": hidden,
        "lines_count": len(lines),
        "is_cut": page is None and len(lines) > SHOWN,
        "may_search": Service.CONSULTATION in request.services,
        "transfers": CaseloadTransfer.objects.unseen_by(request.user),
        "news": news,
        "survey": survey,
        "seats": seats(request) if request.user.role == Role.RGC else None,
    }
    return render(request, "opus/home.html", context)


def news_and_survey(user: User) -> tuple[list[Announcement], Survey | None]:
    """Return the last announcements, and the survey that awaits, in one query."""
    news = Announcement.objects.visible_to(user).with_unread(user)
    surveys = Survey.objects.awaiting(user)
    last = news.values_list(columns_of(Announcement), "is_unread")[:SHOWN_NEWS]
    # One survey is open at a time.
    no = Value(None, BooleanField())
    other = surveys.order_by().values_list(columns_of(Survey), no)
    found: list[Announcement] = []
    survey = None
    for row, is_unread in last.union(other, all=True).order_by():
        if is_unread is None:
            survey = row_of(Survey, row)
        else:
            found.append(row_of(Announcement, row))
            found[-1].is_unread = is_unread  # type: ignore[attr-defined]
    found.sort(key=lambda one: one.published_on or dt.date.max, reverse=True)
    return found, survey


def just_ended(request: MemberRequest) -> Act | None:
    """Return the act whose outcome was just recorded."""
    try:
        number = UUID(request.GET.get("suite", ""))
    except ValueError:
        return None
    mine = Act.objects.visible_to(request.user).filter(pk=number)
    act = mine.select_related("outcome__code", "candidate").first()
    return act if act and act.can_undo_outcome(request.user) else None


def seats(request: MemberRequest) -> dict[str, int]:
    """Return the accounts that annexe 2 counts."""
    used = User.objects.counted().of_partner(request.structure).count()
    quota = request.convention.quota
    return {"used": used, "quota": quota, "left": max(quota - used, 0)}
