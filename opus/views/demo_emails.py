from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opus.lib.outbound.models import KeptMail


@login_not_required
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """Show the e-mails of a demonstration; 404 elsewhere."""
    if not settings.DEMO:
        raise Http404
    return render(request, "opus/demo_emails.html", {"mails": KeptMail.objects.all()})
