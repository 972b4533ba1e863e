"""Sign in, sign out."""

from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits, sessions, signin
from accounts.access import Door, destination, opens_at, to_gate, wanted
from accounts.forms import CodeForm, LoginForm
from accounts.http import AccountRequest, too_many_tries
from accounts.models import SessionEnd
from opus.lib import audit

WRONG = (
    "Identifiant ou mot de passe incorrect. Vérifiez l’identifiant sur votre fiche et "
    "la touche majuscules, puis recommencez. Après 10 échecs de suite, l’accès par mot "
    "de passe se ferme pendant une heure."
)
WRONG_CODE = (
    "Ce code n’est pas le bon, ou il a déjà servi. Attendez que votre application en "
    "affiche un autre, et vérifiez que l’heure de votre téléphone est réglée "
    "automatiquement."
)


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """First step: identifier and password."""
    if request.user.is_authenticated and request.user.is_verified():
        return redirect(destination(request))
    form = LoginForm(request.POST or None)
    if form.is_valid():
        then = wanted(request)
        try:
            if signin.prove_password(request, **form.cleaned_data):
                return to_gate("login_code", then)
        except limits.TooManyTries as error:
            return too_many_tries(request, "accounts/login.html", form, error)
        form.add_error(None, WRONG)
    context = {"form": form, "next": wanted(request)}
    return render(request, "accounts/login.html", context)


@opens_at(Door.PASSWORD)
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: AccountRequest) -> HttpResponse:
    """Second step: the code of the application."""
    if request.user.is_verified():
        return redirect(destination(request))
    device = request.user.totpdevice_set.filter(confirmed=True).first()
    if device is None:
        return to_gate("enrol_factor", wanted(request))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            if signin.prove_code(request, form.cleaned_data["code"]):
                return redirect(destination(request))
        except limits.TooManyTries as error:
            return too_many_tries(request, "accounts/login_code.html", form, error)
        form.add_error("code", WRONG_CODE)
    context = {"form": form, "next": wanted(request), "device": device}
    return render(request, "accounts/login_code.html", context)


@opens_at(Door.PASSWORD)
@require_POST
def logout(request: AccountRequest) -> HttpResponse:
    """Leave: the session is gone, and the browser forgets the pages (S30)."""
    audit.record(audit.Action.SIGN_OUT, by=request.user, target=request.user)
    sessions.end(request, SessionEnd.SIGNED_OUT)
    end_session(request)
    response = HttpResponseRedirect(reverse("login"))
    # Not "cookies": it would empty those of the whole domain, other services included.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
