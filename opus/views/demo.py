"""What a demonstration shows in the place of a mailbox."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opus.lib.models import KeptMail


@login_not_required
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """The letters that would have left; outside a demonstration, nothing is here."""
    if not settings.DEMO:
        raise Http404
    return render(request, "opus/demo_mails.html", {"mails": KeptMail.objects.all()})
