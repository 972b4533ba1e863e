"""The charter that every member of a partner accepts (art. 5.1, 9, 9.1, 9.2)."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import signin
from accounts.access import any_account, destination, wanted
from accounts.forms import CharterForm
from accounts.http import AccountRequest


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def charter(request: AccountRequest) -> HttpResponse:
    """Read the charter, and accept its present version."""
    acceptance = request.user.charters.filter(version=settings.CHARTER_VERSION).first()
    form = CharterForm(request.POST or None)
    if acceptance is None and form.is_valid():
        signin.accept_charter(request.user)
        messages.success(request, "Merci. Votre engagement est enregistré.")
        return redirect(destination(request))
    context = {
        "form": form,
        "acceptance": acceptance,
        "next": wanted(request),
        "version": settings.CHARTER_VERSION,
    }
    return render(request, "accounts/charter.html", context)
