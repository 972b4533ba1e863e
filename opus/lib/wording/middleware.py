"""Counts what the guard refused, and answers where no form had read the text (V4)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opus.lib.models import WordingRefusal
from opus.lib.wording import refusals
from opus.lib.wording.fields import WordingRefused


def is_partners(request: HttpRequest) -> bool:
    """Whether a member of a partner writes, with both factors."""
    user: Any = getattr(request, "user", None)
    return bool(getattr(user, "is_partner", False) and user.is_verified())


class RefusalsMiddleware:
    """Once the answer is made, counts field, subject and account: nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with refusals.listening(lambda: is_partners(request)) as told:
            response = self.get_response(request)
        if told:
            account = request.user.pk if hasattr(request, "user") else None
            WordingRefusal.objects.bulk_create(
                WordingRefusal(account_id=account, place=place, family=family)
                for place, family in sorted(told)
            )
        return response

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """A text that the field itself refused is a 409 with its sentence."""
        if isinstance(error, WordingRefused):
            reason = " ".join(error.messages)
            return render(request, "409.html", {"reason": reason}, status=409)
        return None
