"""Typed requests, and responses that views share."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.agreements.models.conventions import Convention
from accounts.enums import Service
from accounts.signin.access import wanted
from accounts.signin.rate_limits import TooManyTries
from accounts.structures.models import Structure
from accounts.users.models.users import User


class AccountRequest(HttpRequest):
    """A request with at least the password verified."""

    user: User


class MemberRequest(AccountRequest):
    """A partner's member; ``AccessMiddleware`` sets these attributes."""

    structure: Structure
    convention: Convention
    services: set[Service]


def too_many_tries(
    request: HttpRequest, template: str, form: Form, error: TooManyTries, **context: Any
) -> HttpResponse:
    """Return the page with the delay (429); nothing sleeps here (S6)."""
    form.add_error(None, str(error))
    context = {"form": form, "next": wanted(request), **context}
    return with_delay(render(request, template, context, status=429), error)


def with_delay(response: HttpResponse, error: TooManyTries) -> HttpResponse:
    response["Retry-After"] = str(error.seconds)
    return response
