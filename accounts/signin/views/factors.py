"""One's own second factors and backup codes (S2)."""

from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.signin import access, actions, factors
from accounts.signin.access import AccessLevel, AccountRequest
from accounts.signin.forms import (
    ApplicationForm,
    FactorNameForm,
    NewPasskeyForm,
    ProofForm,
)
from accounts.signin.models.factors import BACKUP_CODES, TotpDevice
from accounts.signin.views.login import WRONG_CODE, prove_by_code
from opus.lib.web import Typed, is_stopped

PREPARED = "prepared_device"
ADDED = "Votre second facteur est enregistré. Vos autres sessions sont fermées."


@access.opens_at(AccessLevel.PASSWORD)
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_factor(request: AccountRequest) -> HttpResponse:
    if request.user.is_verified():
        return redirect(access.destination(request))
    if request.user.factors:
        # With the password alone one may not add a factor beside the missing one.
        return access.to_gate("login_code", access.wanted(request))
    return add_application(request)


@access.any_account
@require_http_methods(["GET", "HEAD", "POST"])
@access.step_up
def factor_add(request: AccountRequest) -> HttpResponse:
    return add_application(request)


@sensitive_variables("codes")
def add_application(request: AccountRequest) -> HttpResponse:
    device = prepared_device(request)
    form = ApplicationForm(request.user, request.POST or None)
    if form.is_valid():
        codes = factors.add_application(request, device, **form.cleaned_data)
        if codes is not None:
            return show_added(request, codes)
        form.add_error("code", WRONG_CODE)
    return ask_factor(request, form=form)


def ask_factor(
    request: AccountRequest,
    *,
    form: ApplicationForm | None = None,
    passkey: NewPasskeyForm | None = None,
) -> HttpResponse:
    device = prepared_device(request)
    context = {
        "is_first": not request.user.is_verified(),
        "passkey": passkey or NewPasskeyForm(request.user),
        "form": form or ApplicationForm(request.user),
        "has_errors": bool(passkey and passkey.errors),
        "next": access.wanted(request),
        "device": device,
        "qr": segno.make(device.address, error="m").svg_inline(
            omitsize=True, light="#fff", title="QR code à lire avec votre application"
        ),
        "groups": in_groups(device.readable_key),
    }
    return render(request, "accounts/signin/enrol_factor.html", context)


def show_added(request: AccountRequest, codes: list[str]) -> HttpResponse:
    if codes:
        return show_codes(
            request, codes, then=access.destination(request), is_first=True
        )
    messages.success(request, ADDED)
    return redirect("profile")


@access.any_account
@require_http_methods(["GET", "HEAD", "POST"])
@access.step_up
def factor(request: AccountRequest, public_id: UUID) -> HttpResponse:
    mine = factors.find(request.user, public_id)
    form = FactorNameForm(mine, request.POST or None)
    if form.is_valid():
        factors.rename(request, mine, form.cleaned_data["name"])
        messages.success(request, "Le nom est enregistré.")
        return redirect("profile")
    context = {"factor": mine, "form": form}
    return render(request, "accounts/signin/factor.html", context)


@access.any_account
@require_http_methods(["GET", "HEAD", "POST"])
@access.step_up
def factor_remove(request: AccountRequest, public_id: UUID) -> HttpResponse:
    """Confirm, then delete a factor (A6); the last one stays."""
    mine = factors.find(request.user, public_id)
    if request.method == "POST":
        factors.remove(request, public_id)
        messages.success(
            request, f"« {mine.name} » est supprimé. Vos autres sessions sont fermées."
        )
        return redirect("profile")
    is_last = len(request.user.factors) == 1
    context = {"factor": mine, "reason": factors.LAST_ONE if is_last else ""}
    return render(request, "accounts/signin/factor_remove.html", context)


@access.any_account
@require_http_methods(["GET", "HEAD", "POST"])
@access.step_up
@sensitive_variables("codes")
def backup_codes(request: AccountRequest) -> HttpResponse:
    if request.method == "POST":
        codes = factors.renew_backup_codes(request)
        return show_codes(request, codes, then=reverse("profile"))
    context = {"backup": request.user.backup_codes, "total": BACKUP_CODES}
    return render(request, "accounts/signin/backup_codes.html", context)


def show_codes(
    request: AccountRequest, codes: list[str], *, then: str, is_first: bool = False
) -> HttpResponse:
    """Show new codes, once: they are stored nowhere."""
    context = {
        "codes": [in_groups(code) for code in codes],
        "then": then,
        "is_first": is_first,
    }
    return render(request, "accounts/signin/new_backup_codes.html", context)


@access.any_account
@access.open_elsewhere
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: AccountRequest) -> HttpResponse:
    """Require the factor again, then resume the form (S17)."""
    if Typed.at_gate(request) and access.is_confirmed(request):
        return access.go_on(request)  # A second click, or confirmed in another tab.
    data = None if is_stopped(request) else request.POST or None
    form = ProofForm(request.user, data)
    template = "accounts/signin/step_up.html"
    stopped = prove_by_code(request, template, form, actions.confirm)
    return stopped or access.go_on(request)


def prepared_device(request: AccountRequest) -> TotpDevice:
    """Return the application to enrol, one per session."""
    user = request.user
    device = user.totpdevice_set.filter(
        confirmed=False, pk=request.session.get(PREPARED, 0)
    ).first()
    if device is None:
        device = TotpDevice.prepare(user)
        request.session[PREPARED] = device.pk
    return device


def in_groups(key: str) -> str:
    return " ".join(key[n : n + 4] for n in range(0, len(key), 4))
