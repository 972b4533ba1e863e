"""Opus's addresses, and a few views that break in ways that real ones may."""

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from opus import urls
from opus.lib.web import too_many_requests
from referrals.acts.states import ReferralState
from referrals.direct.models import Referral

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("Karim Benali")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Réservé aux offres avec présélection (art. 3.2).")


def moved(request: HttpRequest) -> HttpResponse:
    Referral.objects.get().move_to(ReferralState.ENDED, by=request.user)
    return HttpResponse()


def slow(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 10")
        cursor.execute("SELECT pg_sleep(5)")
    return HttpResponse()


def too_often(request: HttpRequest) -> HttpResponse:
    return too_many_requests(request, 90)


@require_POST
def big(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("text"))


def public(view):
    view.login_required = False
    return view


urlpatterns = [
    path("casse/", public(broken)),
    path("refus/", public(forbidden)),
    path("bouge/", public(moved)),
    path("lent/", public(slow)),
    path("souvent/", public(too_often)),
    path("gros/", public(big)),
    *urls.urlpatterns,
]
