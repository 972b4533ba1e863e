from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from opus.lib.text_guard import fields
from opus.lib.text_guard.fields import UnreadTextRefused, field_at
from opus.lib.text_guard.models import TextGuardCount


class TextGuardMiddleware:
    """Counts refusals by field, category, account and day (V4)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with fields.counting() as counted:
            response = self.get_response(request)
        if counted.refused or counted.passed:
            account = request.user.pk if hasattr(request, "user") else None
            today = timezone.localdate()
            # Of a confidential answer, the month alone: who answered that day is known.
            rows = [
                TextGuardCount(
                    on=today.replace(day=1) if is_confidential else today,
                    account_id=None if is_confidential else account,
                    place=place,
                    category=category,
                    is_passed=is_passed,
                )
                for met, is_passed in ((counted.refused, False), (counted.passed, True))
                for place, category in sorted(met)
                for is_confidential in [field_at(place).is_confidential]
            ]
            TextGuardCount.objects.bulk_create(rows)
        return response

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        if isinstance(error, UnreadTextRefused):
            reason = " ".join(error.messages)
            return render(request, "409.html", {"reason": reason}, status=409)
        return None
