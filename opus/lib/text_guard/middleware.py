from collections.abc import Callable, Iterator

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
            TextGuardCount.objects.bulk_create(rows(counted, account))
        return response

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        if isinstance(error, UnreadTextRefused):
            reason = " ".join(error.messages)
            return render(request, "409.html", {"reason": reason}, status=409)
        return None


def rows(counted: fields.Counted, account: int | None) -> Iterator[TextGuardCount]:
    today = timezone.localdate()
    for met, is_passed in ((counted.refused, False), (counted.passed, True)):
        for place, category in sorted(met):
            # Of a confidential answer, the month alone: who answered that day is known.
            is_confidential = field_at(place).is_confidential
            yield TextGuardCount(
                on=today.replace(day=1) if is_confidential else today,
                account_id=None if is_confidential else account,
                place=place,
                category=category,
                is_passed=is_passed,
            )
