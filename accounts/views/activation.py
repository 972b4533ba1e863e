"""From the activation link to a password that its holder alone knows (art. 6, S9).

The link's address is left at once: what it proves is kept by the session, so that it
stands in no later address and no referrer.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits, signin
from accounts.activation import prove_identifier
from accounts.forms import ActivationForm, ChoosePasswordForm
from accounts.http import too_many_tries
from accounts.models import FirstAccess

LINK = "activation_link"
OPENED = "activation_opened"
WRONG = (
    "Ce n’est pas l’identifiant de ce lien. Recopiez celui du courriel « votre "
    "identifiant », lettre par lettre."
)


@login_not_required
@sensitive_variables("token")
@require_safe
def activation_link(request: HttpRequest, token: str) -> HttpResponse:
    """What the e-mail links to. Nothing is spent: scanners of mailboxes open links."""
    request.session[LINK] = token
    return redirect("activation")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def activation(request: HttpRequest) -> HttpResponse:
    """First step: the identifier, which the other e-mail told."""
    access = FirstAccess.find_by_link(request.session.get(LINK, ""))
    if access is None:
        return render(request, "accounts/activation_over.html", status=410)
    form = ActivationForm(request.POST or None)
    if form.is_valid():
        identifier = form.cleaned_data["identifier"]
        try:
            if prove_identifier(request, access, identifier):
                request.session.flush()
                request.session[OPENED] = access.pk
                return redirect("activation_password")
        except limits.TooManyTries as error:
            return too_many_tries(request, "accounts/activation.html", form, error)
        form.add_error("identifier", WRONG)
    return render(request, "accounts/activation.html", {"form": form})


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def activation_password(request: HttpRequest) -> HttpResponse:
    """Second step: choose the password; the link is spent here."""
    access = (
        FirstAccess.objects.links()
        .usable()
        .filter(pk=request.session.get(OPENED, 0))
        .select_related("account__structure")
        .first()
    )
    if access is None:
        return redirect("activation")
    form = ChoosePasswordForm(access.account, request.POST or None)
    if form.is_valid():
        password = form.cleaned_data["password1"]
        if signin.choose_password(request, access, password):
            return redirect("login_code")
        return redirect("activation")
    context = {"form": form, "account": access.account}
    return render(request, "accounts/first_access_password.html", context)
