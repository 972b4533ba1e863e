from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from opus.lib.forms.typed import Typed, given_back

RETRY_AFTER_BREAKDOWN = 10  # seconds


def database_away() -> HttpResponse:
    """Return 503, rendered without a query."""
    return HttpResponse(
        render_to_string("503.html"),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER_BREAKDOWN)},
    )


def too_many_requests(
    request: HttpRequest, seconds: int, reason: str = ""
) -> HttpResponse:
    """Return 429 with the delay, and the author's answers."""
    is_part = "HX-Request" in request.headers
    typed = Typed() if is_part else Typed.of(request)
    context = {
        "seconds": seconds,
        "minutes": -(-seconds // 60),
        "hours": -(-seconds // 3600),
        "reason": reason,
        **given_back(request, typed),
    }
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def session_ended(request: HttpRequest) -> HttpResponse:
    """Return 403 with the answers of a form sent after its session ended.

    They are in hidden fields with a new token: sign in in another tab, send again.
    """
    context = given_back(request, Typed.of(request))
    return render(request, "opus/session_ended.html", context, status=403)
