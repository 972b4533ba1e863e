"""The charter, accepted by partners' members (art. 5.1, 9)."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signin import actions
from accounts.signin.access import any_account, go_on, wanted
from accounts.signin.forms import CharterForm
from accounts.signin.http import AccountRequest
from opus.lib.forms.typed import Typed, is_stopped


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def charter(request: AccountRequest) -> HttpResponse:
    """Show the charter, accept it, resume a form (V23)."""
    version = settings.CHARTER_VERSION
    acceptances = list(request.user.charters.order_by("-accepted_at"))
    acceptance = next((one for one in acceptances if one.version == version), None)
    typed = Typed.at_gate(request)
    if acceptance and typed:
        return go_on(request)  # A second click, or accepted in another tab.
    form = CharterForm(None if is_stopped(request) else request.POST or None)
    if acceptance is None and form.is_valid():
        actions.accept_charter(request.user)
        messages.success(request, "Merci. Votre engagement est enregistré.")
        return go_on(request)
    context = {
        "form": form,
        "acceptance": acceptance,
        "acceptances": acceptances,
        "next": wanted(request),
        "typed": typed,
        "version": version,
        "text": text_of(version),
    }
    return render(request, "accounts/signin/charter.html", context)


@login_not_required
@require_safe
def charter_version(request: HttpRequest, version: str) -> HttpResponse:
    """Show one version as accepted, else raise Http404."""
    try:
        get_template(text_of(version))
    except (TemplateDoesNotExist, OSError) as error:  # OSError: a name too long.
        raise Http404 from error
    context = {
        "version": version,
        "text": text_of(version),
        "is_current": version == settings.CHARTER_VERSION,
    }
    return render(request, "accounts/signin/charter_version.html", context)


def text_of(version: str) -> str:
    """Read that version's file; accepted versions never change."""
    return f"accounts/signin/charters/{version}.html"
