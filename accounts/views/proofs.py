"""What the pages that ask a second factor share: sign-in, and step-up (S17)."""

from typing import Any

from django.contrib import messages
from django_otp.models import Device

from accounts.forms import PasskeyForm
from accounts.http import AccountRequest
from accounts.models import BackupSheet
from opus.lib.typed import Typed

WRONG_CODE = (
    "Ce code n’est pas le bon, ou il a déjà servi. Attendez que votre application en "
    "affiche un autre, et vérifiez que l’heure de votre téléphone est réglée "
    "automatiquement."
)


def proofs(
    request: AccountRequest, passkey: PasskeyForm | None = None
) -> dict[str, Any]:
    """What this account can prove itself by."""
    user = request.user
    has_passkey = user.passkey_set.filter(confirmed=True).exists()
    return {
        # Its block also says why an answer was refused.
        "has_passkey": has_passkey or passkey is not None,
        "device": user.totpdevice_set.filter(confirmed=True).first(),
        "passkey": passkey or PasskeyForm(),
        "has_errors": bool(passkey and passkey.errors),
        "typed": Typed.at_gate(request),
    }


def tell_backup_code(request: AccountRequest, factor: Device) -> None:
    """After a backup code, how many remain, and what to do."""
    if not isinstance(factor, BackupSheet):
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
