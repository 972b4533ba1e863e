"""From activation link to password (art. 6, S9); later URLs have no proof."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signin import rate_limits
from accounts.signin.actions import prove_identifier
from accounts.signin.forms import ActivationForm
from accounts.signin.http import too_many_tries
from accounts.signin.views.first_access import OPENED, choose_first_password
from accounts.users.models.first_access import FirstAccess

LINK = "activation_link"
WRONG = (
    "Ce n’est pas l’identifiant de ce lien. Recopiez celui du courriel « votre "
    "identifiant », lettre par lettre."
)


@login_not_required
@sensitive_variables("token")
@require_safe
def activation_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the first step, unused: mail scanners open links."""
    request.session[LINK] = token
    return redirect("activation")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def activation(request: HttpRequest) -> HttpResponse:
    access = FirstAccess.find_by_link(request.session.get(LINK, ""))
    if access is None:
        return render(request, "accounts/signin/activation_over.html", status=410)
    form = ActivationForm(request.POST or None)
    if form.is_valid():
        identifier = form.cleaned_data["identifier"]
        try:
            if prove_identifier(request, access, identifier):
                request.session.flush()
                request.session[OPENED] = access.pk
                return redirect("activation_password")
        except rate_limits.TooManyTries as error:
            return too_many_tries(
                request, "accounts/signin/activation.html", form, error
            )
        form.add_error("identifier", WRONG)
    return render(request, "accounts/signin/activation.html", {"form": form})


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def activation_password(request: HttpRequest) -> HttpResponse:
    links = FirstAccess.objects.links().usable()
    return choose_first_password(request, links, "activation")
