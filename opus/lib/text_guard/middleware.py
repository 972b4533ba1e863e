from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opus.lib.text_guard import counts
from opus.lib.text_guard.model_fields import UnreadTextRefused
from opus.lib.text_guard.models import TextGuardCount


class TextGuardMiddleware:
    """Counts refusals by field, category, account and day (V4)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with counts.counting() as counted:
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


def rows(counted: counts.Counted, account: int | None) -> Iterator[TextGuardCount]:
    for met, is_passed in ((counted.refused, False), (counted.passed, True)):
        for place, category in sorted(met):
            yield TextGuardCount(
                account_id=account, place=place, category=category, is_passed=is_passed
            )
