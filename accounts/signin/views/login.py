"""Sign in, out, and confirm one's identity (S1, S17)."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.models import Device

from accounts.signin import actions, sessions
from accounts.signin.access import (
    AccessLevel,
    AccountRequest,
    destination,
    opens_at,
    show,
    to_gate,
    wanted,
)
from accounts.signin.forms import LoginForm, PasskeyForm, ProofForm
from accounts.signin.models.factors import BackupCodeSet
from accounts.signin.models.sessions import SessionEnd
from opus.lib.audit import journal
from opus.lib.web import Typed

# One sentence for every case (S7): only the mailbox learns which.
WRONG = (
    "Identifiant ou mot de passe incorrect, ou compte suspendu. Vérifiez l’identifiant "
    "sur votre fiche et la touche majuscules, puis recommencez. Si votre compte est "
    "suspendu, « Mot de passe oublié » vous envoie un courriel qui dit à qui vous "
    "adresser. Après 10 échecs de suite, l’accès par mot de passe se ferme pendant une "
    "heure."
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
    if request.user.is_authenticated and request.user.is_verified():
        return redirect(destination(request))
    form = LoginForm(request.POST or None)
    if form.is_valid():
        then = wanted(request)
        with form.counted():
            if actions.prove_password(request, **form.cleaned_data):
                return to_gate("login_code", then)
            form.add_error(None, WRONG)
    return show_login(request, form=form)


def show_login(
    request: HttpRequest,
    *,
    form: LoginForm | None = None,
    passkey: PasskeyForm | None = None,
) -> HttpResponse:
    return show(
        request,
        "accounts/signin/login.html",
        form or LoginForm(),
        passkey=passkey or PasskeyForm(),
        has_errors=bool(passkey and passkey.errors),
    )


@opens_at(AccessLevel.PASSWORD)
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: AccountRequest) -> HttpResponse:
    """Verify the second factor: passkey, application's code, or backup code."""
    if request.user.is_verified():
        return redirect(destination(request))
    if not request.user.factors:
        return to_gate("enrol_factor", wanted(request))
    form = ProofForm(request.user, request.POST or None)
    template = "accounts/signin/login_code.html"
    stopped = prove_by_code(request, template, form, actions.sign_in)
    return stopped or redirect(destination(request))


@opens_at(AccessLevel.PASSWORD)
@require_POST
def logout(request: AccountRequest) -> HttpResponse:
    """End the session; the browser drops its pages (S30)."""
    journal.record(journal.Action.SIGN_OUT, by=request.user, target=request.user)
    sessions.row_of(request.session).end(SessionEnd.SIGNED_OUT)
    end_session(request)
    response = HttpResponseRedirect(reverse("login"))
    # Not "cookies": it would delete those of the whole domain, other services included.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


# --- The second factor, for sign-in and step-up ------------------------------------


def show_proofs(
    request: AccountRequest,
    template: str,
    *,
    form: ProofForm | None = None,
    passkey: PasskeyForm | None = None,
) -> HttpResponse:
    user = request.user
    has_passkey = user.passkey_set.filter(confirmed=True).exists()
    return show(
        request,
        template,
        form or ProofForm(user),
        # Its block also explains why an answer was refused.
        has_passkey=has_passkey or passkey is not None,
        device=user.totpdevice_set.filter(confirmed=True).first(),
        passkey=passkey or PasskeyForm(),
        has_errors=bool(passkey and passkey.errors),
        typed=Typed.at_gate(request),
    )


def prove_by_code(
    request: AccountRequest, template: str, form: ProofForm, then: Callable[..., None]
) -> HttpResponse | None:
    """Return the form's page; None once proved."""
    if form.is_valid():
        with form.counted():
            if proof := actions.prove_code(request, form.cleaned_data["code"], then):
                warn_of_backup_code(request, proof)
                return None
            form.add_error("code", WRONG_CODE)
    return show_proofs(request, template, form=form)


def warn_of_backup_code(request: AccountRequest, factor: Device) -> None:
    if not isinstance(factor, BackupCodeSet):
        return
    left = factor.left
    if left > 1:
        remain = f"Il vous en reste {left}"
    else:
        remain = "C’était l’avant-dernier" if left else "C’était le dernier"
    messages.warning(
        request,
        f"Vous avez utilisé un code de secours. {remain}. Si votre téléphone est "
        "perdu, ajoutez un autre second facteur et supprimez l’ancien, depuis la page "
        "« Mon compte ».",
    )
