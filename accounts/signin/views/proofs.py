"""Code that sign-in and step-up pages share (S17)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django_otp.models import Device

from accounts.signin import rate_limits
from accounts.signin.access import wanted
from accounts.signin.forms import PasskeyForm, ProofForm
from accounts.signin.http import AccountRequest, too_many_tries
from accounts.signin.models.factors import BackupCodeSet
from opus.lib.forms.typed import Typed

WRONG_CODE = (
    "Ce code n’est pas le bon, ou il a déjà servi. Attendez que votre application en "
    "affiche un autre, et vérifiez que l’heure de votre téléphone est réglée "
    "automatiquement."
)


def proofs(
    request: AccountRequest, passkey: PasskeyForm | None = None
) -> dict[str, Any]:
    user = request.user
    has_passkey = user.passkey_set.filter(confirmed=True).exists()
    return {
        # Its block also explains why an answer was refused.
        "has_passkey": has_passkey or passkey is not None,
        "device": user.totpdevice_set.filter(confirmed=True).first(),
        "passkey": passkey or PasskeyForm(),
        "has_errors": bool(passkey and passkey.errors),
        "typed": Typed.at_gate(request),
    }


def show_proofs(
    request: AccountRequest,
    template: str,
    *,
    form: ProofForm | None = None,
    passkey: PasskeyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form or ProofForm(request.user),
        "next": wanted(request),
        **proofs(request, passkey),
    }
    return render(request, template, context, status=status)


def prove_by_code(
    request: AccountRequest,
    template: str,
    form: ProofForm,
    prove: Callable[[AccountRequest, str], Device | None],
    then: Callable[[], HttpResponse],
) -> HttpResponse:
    if form.is_valid():
        try:
            proof = prove(request, form.cleaned_data["code"])
        except rate_limits.TooManyTries as error:
            return too_many_tries(request, template, form, error, **proofs(request))
        if proof:
            warn_of_backup_code(request, proof)
            return then()
        form.add_error("code", WRONG_CODE)
    return show_proofs(request, template, form=form)


def warn_of_backup_code(request: AccountRequest, factor: Device) -> None:
    """Say how many backup codes remain after one was used."""
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
