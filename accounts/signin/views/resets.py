"""Forgotten or changed password (S8)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signin import passwords, reset_tokens
from accounts.signin.access import AccountRequest, any_account, show, step_up
from accounts.signin.forms import ChangePasswordForm, ChoosePasswordForm, ForgottenForm

# The session stores the token: neither the address bar nor a referer shows it.
TOKEN = "reset_token"  # noqa: S105
CHANGED = "Votre mot de passe est changé. Vos autres sessions sont fermées."
NOT_PRESENT_ONE = (
    "Ce n’est pas votre mot de passe actuel. Vérifiez la touche majuscules, puis "
    "recommencez."
)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Request a link; the same answer for everybody (S7)."""
    form = ForgottenForm(request.POST or None)
    if form.is_valid():
        with form.counted():
            passwords.request_link(request, form.cleaned_data["who"])
            return redirect("password_reset_sent")
    return show(request, "accounts/signin/password_forgotten.html", form)


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/signin/password_reset_sent.html")


@login_not_required
@sensitive_variables("token")
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Move the token out of the address bar, unused."""
    if reset_tokens.account_of(token) is None:
        return void(request)
    request.session[TOKEN] = token
    return redirect("password_reset")


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a password; the second factor comes next."""
    token = request.session.get(TOKEN, "")
    account = reset_tokens.account_of(token)
    if account is None:
        return void(request)
    form = ChoosePasswordForm(account, request.POST or None)
    if form.is_valid():
        if passwords.choose(request, token, form.cleaned_data["password1"]):
            messages.success(
                request,
                "Votre nouveau mot de passe est enregistré. Donnez votre second "
                "facteur pour entrer.",
            )
            return redirect("login_code")
        return void(request)
    return render(request, "accounts/signin/password_reset.html", {"form": form})


@any_account
@sensitive_post_parameters("old_password", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def change(request: AccountRequest) -> HttpResponse:
    form = ChangePasswordForm(request.user, request.POST or None)
    if form.is_valid():
        old, new = form.cleaned_data["old_password"], form.cleaned_data["password1"]
        with form.counted():
            if passwords.change(request, old, new):
                messages.success(request, CHANGED)
                return redirect("profile")
            form.add_error("old_password", NOT_PRESENT_ONE)
    return show(request, "accounts/signin/password_change.html", form)


def void(request: HttpRequest) -> HttpResponse:
    """Return 400: link used or expired, or account changed since."""
    request.session.pop(TOKEN, None)
    return render(request, "accounts/signin/password_reset_void.html", status=400)
