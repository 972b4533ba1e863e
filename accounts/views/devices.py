"""The second factor: enrol it, give it again before a sensitive act."""

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import limits, signin
from accounts.access import Door, any_account, destination, opens_at, to_gate, wanted
from accounts.forms import CodeForm
from accounts.http import AccountRequest, too_many_tries
from accounts.models import TotpDevice
from accounts.views.login import WRONG_CODE

PREPARED = "prepared_device"


@opens_at(Door.PASSWORD)
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_factor(request: AccountRequest) -> HttpResponse:
    """Tie an authenticator application to the account; a first factor opened this."""
    if request.user.is_verified():
        return redirect(destination(request))
    if request.user.totpdevice_set.filter(confirmed=True).exists():
        # The password alone may not add a factor beside the one it lacks.
        return to_gate("login_code", wanted(request))
    device = prepared_device(request)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        if signin.enrol(request, device, form.cleaned_data["code"]):
            messages.success(
                request, "Votre application d’authentification est enregistrée."
            )
            return redirect(destination(request))
        form.add_error("code", WRONG_CODE)
    context = {
        "form": form,
        "next": wanted(request),
        "device": device,
        "qr": segno.make(device.address, error="m").svg_inline(
            omitsize=True, light="#fff", title="QR code à lire avec votre application"
        ),
        "groups": in_groups(device.readable_key),
    }
    return render(request, "accounts/enrol_factor.html", context)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: AccountRequest) -> HttpResponse:
    """The code again, before a sensitive act (S17)."""
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            if signin.confirm_identity(request, form.cleaned_data["code"]):
                return redirect(destination(request))
        except limits.TooManyTries as error:
            return too_many_tries(request, "accounts/step_up.html", form, error)
        form.add_error("code", WRONG_CODE)
    context = {
        "form": form,
        "next": wanted(request),
        "device": request.user.otp_device,
    }
    return render(request, "accounts/step_up.html", context)


def prepared_device(request: AccountRequest) -> TotpDevice:
    """The application being enrolled: the same until this session ends."""
    user = request.user
    device = user.totpdevice_set.filter(
        confirmed=False, pk=request.session.get(PREPARED)
    ).first()
    if device is None:
        device = TotpDevice.prepare(user)
        request.session[PREPARED] = device.pk
    return device


def in_groups(key: str) -> str:
    """A key that one can read aloud: groups of four."""
    return " ".join(key[n : n + 4] for n in range(0, len(key), 4))
