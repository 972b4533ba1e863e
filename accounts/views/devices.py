"""One's second factors: enrol, add, name, remove, give again; backup codes (S2)."""

from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import access, factors, limits, sessions, signin
from accounts.access import (
    Door,
    any_account,
    destination,
    go_on,
    opens_at,
    to_gate,
    wanted,
)
from accounts.forms import (
    ApplicationForm,
    FactorNameForm,
    NewPasskeyForm,
    PasskeyForm,
    ProofForm,
)
from accounts.http import AccountRequest, too_many_tries
from accounts.models import TotpDevice
from accounts.models.factors import BACKUP_CODES
from accounts.views.proofs import WRONG_CODE, proofs, tell_backup_code
from opus.lib.typed import Typed, is_stopped

PREPARED = "prepared_device"
ADDED = "Votre second facteur est enregistré. Vos autres sessions sont fermées."


@opens_at(Door.PASSWORD)
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_factor(request: AccountRequest) -> HttpResponse:
    """The first second factor; a first factor opened this."""
    if request.user.is_verified():
        return redirect(destination(request))
    if request.user.factors:
        # The password alone may not add a factor beside the one it lacks.
        return to_gate("login_code", wanted(request))
    return add_application(request)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
@access.step_up
def factor_add(request: AccountRequest) -> HttpResponse:
    """Another second factor."""
    return add_application(request)


@sensitive_variables("codes")
def add_application(request: AccountRequest) -> HttpResponse:
    """Tie an application to the account, once it gave a right code."""
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
    """The two kinds of factors, the first choice first."""
    device = prepared_device(request)
    context = {
        "is_first": not request.user.is_verified(),
        "passkey": passkey or NewPasskeyForm(request.user),
        "form": form or ApplicationForm(request.user),
        "has_errors": bool(passkey and passkey.errors),
        "next": wanted(request),
        "device": device,
        "qr": segno.make(device.address, error="m").svg_inline(
            omitsize=True, light="#fff", title="QR code à lire avec votre application"
        ),
        "groups": in_groups(device.readable_key),
    }
    return render(request, "accounts/enrol_factor.html", context)


def show_added(request: AccountRequest, codes: list[str]) -> HttpResponse:
    """The backup codes drawn with the first factor, once; else the list of factors."""
    if codes:
        return show_codes(request, codes, then=destination(request), is_first=True)
    messages.success(request, ADDED)
    return redirect("profile")


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
@access.step_up
def factor(request: AccountRequest, public_id: UUID) -> HttpResponse:
    """One of one's factors: give it another name."""
    mine = factors.find(request.user, public_id)
    form = FactorNameForm(mine, request.POST or None)
    if form.is_valid():
        factors.rename(request, mine, form.cleaned_data["name"])
        messages.success(request, "Le nom est enregistré.")
        return redirect("profile")
    context = {"factor": mine, "form": form}
    return render(request, "accounts/factor.html", context)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
@access.step_up
def factor_remove(request: AccountRequest, public_id: UUID) -> HttpResponse:
    """Ask, then forget one of one's factors (A6); the last one stays."""
    mine = factors.find(request.user, public_id)
    if request.method == "POST":
        factors.remove(request, public_id)
        messages.success(
            request, f"« {mine.name} » est supprimé. Vos autres sessions sont fermées."
        )
        return redirect("profile")
    is_last = len(request.user.factors) == 1
    context = {"factor": mine, "reason": factors.LAST_ONE if is_last else ""}
    return render(request, "accounts/factor_remove.html", context)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
@access.step_up
@sensitive_variables("codes")
def backup_codes(request: AccountRequest) -> HttpResponse:
    """How many backup codes are left; draw ten others, shown by this answer only."""
    if request.method == "POST":
        codes = factors.renew_backup_codes(request)
        return show_codes(request, codes, then=reverse("profile"))
    context = {"sheet": request.user.backup_sheet, "total": BACKUP_CODES}
    return render(request, "accounts/backup_codes.html", context)


def show_codes(
    request: AccountRequest, codes: list[str], *, then: str, is_first: bool = False
) -> HttpResponse:
    """The sheet to print. It is shown by this answer only: nothing keeps the codes."""
    context = {
        "codes": [in_groups(code) for code in codes],
        "then": then,
        "is_first": is_first,
    }
    return render(request, "accounts/backup_sheet.html", context)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: AccountRequest) -> HttpResponse:
    """The second factor again, before a sensitive act (S17).

    A form that it stopped comes along: it is given back once the factor is.
    """
    if Typed.at_gate(request) and sessions.is_confirmed(request.session):
        return go_on(request)  # A second click, or confirmed in another tab.
    data = None if is_stopped(request) else request.POST or None
    form = ProofForm(request.user, data)
    if form.is_valid():
        try:
            proof = signin.confirm_identity(request, form.cleaned_data["code"])
        except limits.TooManyTries as error:
            return too_many_tries(
                request, "accounts/step_up.html", form, error, **proofs(request)
            )
        if proof:
            tell_backup_code(request, proof)
            return go_on(request)
        form.add_error("code", WRONG_CODE)
    return ask_again(request, form=form)


def ask_again(
    request: AccountRequest,
    *,
    form: ProofForm | None = None,
    passkey: PasskeyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page that asks the second factor again."""
    context = {
        "form": form or ProofForm(request.user),
        "next": wanted(request),
        **proofs(request, passkey),
    }
    return render(request, "accounts/step_up.html", context, status=status)


def prepared_device(request: AccountRequest) -> TotpDevice:
    """The application being enrolled: the same until this session ends."""
    user = request.user
    device = user.totpdevice_set.filter(
        confirmed=False, pk=request.session.get(PREPARED, 0)
    ).first()
    if device is None:
        device = TotpDevice.prepare(user)
        request.session[PREPARED] = device.pk
    return device


def in_groups(key: str) -> str:
    """A key that one can read aloud: groups of four."""
    return " ".join(key[n : n + 4] for n in range(0, len(key), 4))
