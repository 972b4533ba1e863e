"""The same form sent twice acts once (design, decision 20).

A double click, *Back* and send again, a phone that repeats a request: the body is the
same to the letter, its CSRF token included, which differs on each page drawn. The
session's row remembers the last form that acted and where it led; the same one again
leads there too, quietly. Only the last: whoever suspended an account, reactivated it,
then goes back to the first page, means to suspend it again.

What two different pages send twice is for the rules of the database.
"""

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from accounts import sessions
from accounts.models.sessions import OpenSessionQuerySet

TOKEN = "csrfmiddlewaretoken"  # noqa: S105
# How long the second request of a double click waits for the first one's answer.
WAIT = 5.0
POLL = 0.1
# The first request died with its process: the form may be sent again.
GIVEN_UP_AFTER = dt.timedelta(seconds=60)
LONGEST = 2_000


class RepeatMiddleware:
    """Answers a form that has just acted with where it led; runs next to the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.attempt = None
        response = self.get_response(request)
        if request.attempt:
            request.attempt.settle(answer_of(response))
        return response

    def process_view(
        self, request: Any, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        # Where no token is wanted the view may read the body itself.
        if getattr(view, "csrf_exempt", False) or not request.user.is_verified():
            return None
        if TOKEN not in request.POST:
            return None
        attempt = Attempt(request)
        if attempt.begins():
            request.attempt = attempt
            return None
        if location := attempt.wait():
            return HttpResponseRedirect(location)
        if location is None:
            return None  # The session's row is gone: the gates have had their say.
        reason = (
            "Votre premier envoi n’a pas encore de réponse. Attendez un instant, puis "
            "rechargez la page : rien ne sera fait deux fois."
        )
        return render(request, "409.html", {"reason": reason}, status=409)


def answer_of(response: HttpResponse) -> str:
    """Return where a form that acted leads; nothing for one that did not act."""
    if response.status_code in (301, 302, 303):
        return response["Location"]
    return response.headers.get("HX-Redirect", "")


class Attempt:
    """One form that is sent, compared with the last one of its session."""

    def __init__(self, request: Any) -> None:
        self.rows: OpenSessionQuerySet = sessions.row_of(request.session)
        self.digest = digest_of(request)
        self.before: dict[str, Any] = {}

    def begins(self) -> bool:
        """Write it as the last one; False where it is already."""
        now = timezone.now()
        kept = self.rows.values("last_form", "last_answer", "last_form_at").first()
        if kept is None:
            return True  # No session to remember it: tests, and nobody else.
        self.before = dict(kept)
        is_other = ~Q(last_form=self.digest)
        is_lost = Q(last_answer="", last_form_at__lt=now - GIVEN_UP_AFTER)
        taken = self.rows.filter(is_other | is_lost)
        return bool(
            taken.update(last_form=self.digest, last_answer="", last_form_at=now)
        )

    def settle(self, location: str) -> None:
        """Remember where it led; a form that did not act leaves the one before."""
        changes = {"last_answer": location} if location else self.before
        if changes and len(location) <= LONGEST:
            self.rows.filter(last_form=self.digest).update(**changes)

    def wait(self) -> str | None:
        """Return where the first one led: "" is not yet, None is never."""
        until = time.monotonic() + WAIT
        location: str | None = ""
        while location == "" and time.monotonic() < until:
            mine = self.rows.filter(last_form=self.digest)
            location = mine.values_list("last_answer", flat=True).first()
            if location == "":
                time.sleep(POLL)
        return location


def digest_of(request: HttpRequest) -> str:
    """Return what stands for a form: its address and all that it sends."""
    sent = {
        "path": request.get_full_path(),
        "typed": sorted(request.POST.lists()),
        "files": [
            (name, file.name, file.size)
            for name, files in request.FILES.lists()
            for file in files
        ],
    }
    return hashlib.sha256(json.dumps(sent).encode()).hexdigest()
