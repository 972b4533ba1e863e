"""Error pages: the cause and the next step (U13)."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string

from opus.lib.forms.typed import Typed
from opus.lib.web import database_away, session_ended


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
