"""Headers, breakdowns, and what every page knows."""

from typing import Any, Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class HeadersMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class BreakdownMiddleware(HeadersMiddleware):
    pass


def site(request: HttpRequest) -> dict[str, Any]:
    return {"demo": settings.DEMO}
