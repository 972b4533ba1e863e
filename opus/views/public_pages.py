import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

import opus
from offers.feed.health import Health
from opus.lib import accessibility_statement
from opus.lib.privacy.personal_data import Retention, delays
from opus.operations.monitoring.readiness import readiness
from opus.support.data_rights.documents import LAWS
from opus.support.service_status import banners

# security.txt requires a date in the future, less than a year away (RFC 9116).
SECURITY_TXT_LASTS = dt.timedelta(days=180)


@login_not_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Show the state of the service, even without the database."""
    state = readiness()
    try:
        context = {"state": state, "offers_at": Health().offers_at}
        context |= banners.status_context()
    except DatabaseError:
        page = render_to_string("opus/status.html", {"state": "down"})
        return HttpResponse(page, status=503)
    return render(request, "opus/status.html", context)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the declaration of accessibility (A1)."""
    audit = accessibility_statement.audit()
    context = {
        "audit": audit,
        "tour": accessibility_statement.tour(),
        "counts": [
            (one, len(audit.criteria_with(one)))
            for one in accessibility_statement.Reading
        ],
        "broken": audit.criteria_with(accessibility_statement.Reading.BROKEN),
        "states": accessibility_statement.STATES,
    }
    return render(request, "opus/accessibility.html", context)


@login_not_required
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    """Show who publishes and hosts Opus, and its source code."""
    context = {"charter_version": settings.CHARTER_VERSION, "version": opus.VERSION}
    return render(request, "opus/legal.html", context)


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show which personal data are kept, why, how long."""
    context = {"laws": LAWS, "delays": delays(), "classes": list(Retention)}
    return render(request, "opus/privacy.html", context)


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return the contact for weaknesses (RFC 9116, S43)."""
    expires = timezone.now().replace(microsecond=0) + SECURITY_TXT_LASTS
    lines = [
        f"Contact: mailto:{settings.CONTACT['service']}",
        f"Expires: {expires.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        f"Canonical: {request.build_absolute_uri()}",
        f"Policy: {request.build_absolute_uri(reverse('legal'))}#faille",
    ]
    text = "\n".join(lines) + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Lead a password manager to the page (W3C)."""
    return redirect("password_change")


@login_not_required
@require_safe
def passkey_endpoints(request: HttpRequest) -> HttpResponse:
    """Return where passkeys are added and managed (W3C)."""
    pages = {"enroll": "factor_add", "manage": "profile"}
    return JsonResponse(
        {use: request.build_absolute_uri(reverse(page)) for use, page in pages.items()}
    )
