"""The site's own pages: home, public pages, errors, reports of browsers."""

import datetime as dt
import json
import logging
import re
import sys
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import BooleanField, Value
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

import opus
from accounts.enums import Service
from accounts.security.personal_data_quotas import CeilingReached
from accounts.signin.access import MemberRequest
from accounts.users.enums import Role
from accounts.users.models import User
from offers.feed.health import Health
from opus.lib import accessibility_statement
from opus.lib.audit.journal import Action
from opus.lib.database.queries import columns_of, row_of
from opus.lib.outbound.models import KeptMail
from opus.lib.privacy.personal_data import Retention, delays
from opus.lib.web import Typed, database_away, paginate, session_ended
from opus.operations.middleware import route_at
from opus.operations.views import readiness
from opus.support.news.models import Announcement
from opus.support.service_status import banners
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


# security.txt requires a date in the future, less than a year away (RFC 9116).
SECURITY_TXT_LASTS = dt.timedelta(days=180)


@login_not_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Show the state of the service, even without the database."""
    state = readiness()
    try:
        context = {"state": state, "offers_at": Health().offers_at}
        context |= banners.status_context()
    except DatabaseError:
        page = render_to_string("opus/status.html", {"state": "down"})
        return HttpResponse(page, status=503)
    return render(request, "opus/status.html", context)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the declaration of accessibility (A1)."""
    audit = accessibility_statement.audit()
    context = {
        "audit": audit,
        "tour": accessibility_statement.tour(),
        "counts": [
            (one, len(audit.criteria_with(one)))
            for one in accessibility_statement.Reading
        ],
        "broken": audit.criteria_with(accessibility_statement.Reading.BROKEN),
        "states": accessibility_statement.STATES,
    }
    return render(request, "opus/accessibility.html", context)


@login_not_required
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    """Show who publishes and hosts Opus, and its source code."""
    context = {"charter_version": settings.CHARTER_VERSION, "version": opus.VERSION}
    return render(request, "opus/legal.html", context)


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show which personal data are kept, why, how long."""
    context = {"delays": delays(), "classes": list(Retention)}
    return render(request, "opus/privacy.html", context)


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return the contact for weaknesses (RFC 9116, S43)."""
    expires = timezone.now().replace(microsecond=0) + SECURITY_TXT_LASTS
    lines = [
        f"Contact: mailto:{settings.CONTACT['service']}",
        f"Expires: {expires.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        f"Canonical: {request.build_absolute_uri()}",
        f"Policy: {request.build_absolute_uri(reverse('legal'))}#faille",
    ]
    text = "\n".join(lines) + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Lead a password manager to the page (W3C)."""
    return redirect("password_change")


@login_not_required
@require_safe
def passkey_endpoints(request: HttpRequest) -> HttpResponse:
    """Return where passkeys are added and managed (W3C)."""
    pages = {"enroll": "factor_add", "manage": "profile"}
    return JsonResponse(
        {use: request.build_absolute_uri(reverse(page)) for use, page in pages.items()}
    )


@login_not_required
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """Show the e-mails of a demonstration; 404 elsewhere."""
    if not settings.DEMO:
        raise Http404
    return render(request, "opus/demo_emails.html", {"mails": KeptMail.objects.all()})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 400 or 413; no context, for forged hosts."""
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html"), status=413)
    return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 403 with its reason and the article, and what was typed."""
    context = {"reason": str(exception), "texts": Typed.of(request).texts}
    return render(request, "403.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404, the same for other people's objects (S20)."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500, a page that needs nothing; 503 if the database is lost."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return database_away()
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a missing or old token."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    return session_ended(request)


logger = logging.getLogger(__name__)

MAX_BYTES = 16_000
MAX_PER_MINUTE = 30


class Minute:
    """The reports that this process may still log this minute."""

    def __init__(self) -> None:
        self.began = 0.0
        self.left = 0

    def admits(self) -> bool:
        now = time.monotonic()
        if now - self.began >= 60:
            self.began, self.left = now, MAX_PER_MINUTE
        self.left -= 1
        return self.left >= 0


minute = Minute()


@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log what the policy blocked; drop odd or excess reports."""
    body = request.body  # Always read the body: else the sender gets no answer.
    if len(body) > MAX_BYTES:
        return HttpResponse(status=413)
    if minute.admits():
        for report in read_reports(body):
            logger.warning("csp: %s", json.dumps(report, sort_keys=True))
    return HttpResponse(status=204)


def read_reports(body: bytes) -> list[dict[str, str]]:
    """Read both formats of browsers, without anything personal."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return []
    items = content if isinstance(content, list) else [content]
    bodies = [
        item.get("csp-report") or item.get("body")
        for item in items[:10]
        if isinstance(item, dict)
    ]
    directive = ("effective-directive", "effectiveDirective")
    return [
        {
            # Its path may contain a secret link.
            "page": route_at(path_of(first(report, "document-uri", "documentURL"))),
            "blocked": bare(report, "blocked-uri", "blockedURL"),
            "directive": first(report, *directive)[:60],
        }
        for report in bodies
        if isinstance(report, dict)
    ]


def first(report: dict[str, Any], *names: str) -> str:
    found = (report.get(name) for name in names)
    return next((text for text in found if text and isinstance(text, str)), "")


def path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def bare(report: dict[str, Any], *names: str) -> str:
    """Return an address without query, persons and offers."""
    try:
        parts = urlsplit(first(report, *names))
    except ValueError:
        return ""
    path = re.sub(r"[^/]*\d[^/]*", "…", parts.path)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"[:200]
