"""Typed requests, forms with limited tries, and their responses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
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


class CountedForm(forms.Form):
    """A form whose tries are limited (S6)."""

    # After a try that came too early.
    refusal: TooManyTries | None = None

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Turn TooManyTries into an error of the form (``show``)."""
        try:
            yield
        except TooManyTries as error:
            self.add_error(None, str(error))
            self.refusal = error


def show(
    request: HttpRequest, template: str, form: CountedForm, **context: Any
) -> HttpResponse:
    """Return the form's page; 429 after an early try (S6).

    Nothing sleeps here.
    """
    context = {"form": form, "next": wanted(request), **context}
    return with_delay(render(request, template, context), form.refusal)


def with_delay(response: HttpResponse, error: TooManyTries | None) -> HttpResponse:
    if error:
        response.status_code = 429
        response["Retry-After"] = str(error.seconds)
    return response
