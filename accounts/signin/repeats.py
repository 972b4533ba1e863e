"""Make a form sent twice act once (design, decision 20).

A double click, *Back* then send again, or a repeated request has the same body, CSRF
token included, which each page renews. The session stores the last form that acted and
its redirect, and returns that redirect again. Only the last: to suspend, reactivate,
then suspend again from the first page is intended.

Database rules handle repeats from two pages.
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

from accounts.signin import session_clock
from accounts.signin.models.sessions import OpenSessionQuerySet

TOKEN = "csrfmiddlewaretoken"  # noqa: S105
# How long the second request of a double click waits for the first's redirect.
WAIT = 5.0
POLL = 0.1
# After this time the first request died with its process: the form may act again.
GIVEN_UP_AFTER = dt.timedelta(seconds=60)
LONGEST = 2_000


class RepeatMiddleware:
    """Answer a repeated form with its first redirect."""

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
        # A view without a token may read the body itself.
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
            return None  # The session's row is gone: the gates have refused it.
        reason = (
            "Votre premier envoi n’a pas encore de réponse. Attendez un instant, puis "
            "rechargez la page : rien ne sera fait deux fois."
        )
        return render(request, "409.html", {"reason": reason}, status=409)


def answer_of(response: HttpResponse) -> str:
    """Return the redirect of a form that acted, else ""."""
    if response.status_code in (301, 302, 303):
        return response["Location"]
    return response.headers.get("HX-Redirect", "")


class Attempt:
    """A sent form, compared with its session's last one."""

    def __init__(self, request: Any) -> None:
        self.rows: OpenSessionQuerySet = session_clock.row_of(request.session)
        self.digest = digest_of(request)
        self.before: dict[str, Any] = {}

    def begins(self) -> bool:
        """Store it as the last form; False if already so."""
        now = timezone.now()
        kept = self.rows.values("last_form", "last_answer", "last_form_at").first()
        if kept is None:
            return True  # No session to store it: only in tests.
        self.before = dict(kept)
        is_other = ~Q(last_form=self.digest)
        is_lost = Q(last_answer="", last_form_at__lt=now - GIVEN_UP_AFTER)
        taken = self.rows.filter(is_other | is_lost)
        return bool(
            taken.update(last_form=self.digest, last_answer="", last_form_at=now)
        )

    def settle(self, location: str) -> None:
        """Store the redirect; without one, restore the previous form."""
        changes = {"last_answer": location} if location else self.before
        if changes and len(location) <= LONGEST:
            self.rows.filter(last_form=self.digest).update(**changes)

    def wait(self) -> str | None:
        """Return the first redirect: "" is not yet, None never."""
        until = time.monotonic() + WAIT
        location: str | None = ""
        while location == "" and time.monotonic() < until:
            mine = self.rows.filter(last_form=self.digest)
            location = mine.values_list("last_answer", flat=True).first()
            if location == "":
                time.sleep(POLL)
        return location


def digest_of(request: HttpRequest) -> str:
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
