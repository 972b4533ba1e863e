"""The second factor: passkeys and time-based codes (S10, S11)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.db.models import OuterRef
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.models import Device
from django_otp_webauthn.exceptions import (
    CredentialNotFound,
    CredentialUserMismatch,
    OTPWebAuthnApiError,
)
from django_otp_webauthn.helpers import WebAuthnHelper
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import UserVerificationRequirement

from accounts.signin.models import BackupCodeSet, Passkey, TotpDevice
from accounts.users import absences, account_texts
from accounts.users.models import User

MODELS: tuple[Any, ...] = (Passkey, TotpDevice, BackupCodeSet)
KINDS = {model.model_label(): model for model in MODELS}


def confirmed_factors() -> dict[str, ArraySubquery]:
    """Return what ``check`` reads, by attribute of the account."""
    return {
        attribute_of(model): ArraySubquery(
            model.objects.filter(user=OuterRef("pk"), confirmed=True).values("pk")
        )
        for model in MODELS
    }


def attribute_of(model: Any) -> str:
    return f"confirmed_{model._meta.model_name}"


def verify(request: Any, factor: Device) -> None:
    """Note in the session that this factor verified it."""
    request.session[DEVICE_ID_SESSION_KEY] = factor.persistent_id
    request.user.verified_by = factor.persistent_id


def check(request: Any) -> None:
    """Set ``verified_by``, if that factor is confirmed and the account's own."""
    user, noted = request.user, request.session.get(DEVICE_ID_SESSION_KEY, "")
    kind, _, number = noted.partition("/")
    if not user.is_authenticated or kind not in KINDS or not number.isdecimal():
        return
    if int(number) in getattr(user, attribute_of(KINDS[kind])):
        user.verified_by = noted


REGISTERING = "passkey_registration"
SIGNING = "passkey_signature"
# The challenge, and whether the authenticator must verify its holder.
Question = dict[str, Any]


class PasskeyRefused(Exception):
    """``code`` is for the journal; ``account`` is the claimed owner."""

    def __init__(self, code: str, sentence: str, account: User | None = None) -> None:
        self.code = code
        self.account = account
        super().__init__(sentence)


UNKNOWN = (
    "Cette clé d’accès n’est pas enregistrée dans Opus, ou ne l’est plus. Choisissez-"
    "en une autre, ou connectez-vous avec votre mot de passe."
)
NOT_YOURS = (
    "Cette clé d’accès est celle d’un autre compte. Déconnectez-vous pour l’utiliser, "
    "ou choisissez-en une autre."
)
TOO_LATE = "La demande a expiré ou a déjà servi. Recommencez."
UNSOUND = (
    "Votre appareil a donné une réponse qu’Opus ne peut pas vérifier. Recommencez ; "
    "si cela se répète, utilisez un autre moyen de connexion et prévenez votre "
    "responsable de gestion des comptes (RGC)."
)
TAKEN = (
    "Cette clé d’accès est déjà enregistrée, ou vous en avez déjà une de ce nom. "
    "Choisissez un autre nom ou un autre appareil."
)


class Helper(WebAuthnHelper):
    """The library's helper; user verification is always required."""

    def __init__(self, request: HttpRequest, *, name: str = "") -> None:
        super().__init__(request)
        self.name = name

    def get_generate_registration_options_kwargs(self, *, user: User) -> dict[str, Any]:
        options = super().get_generate_registration_options_kwargs(user=user)
        selection = options["authenticator_selection"]
        selection.user_verification = UserVerificationRequirement.REQUIRED
        return options

    def create_credential(self, *args: Any, **kwargs: Any) -> Passkey:
        passkey: Passkey = super().create_credential(*args, **kwargs)
        passkey.name = self.name
        return passkey

    def create_attestation(self, *args: Any, **kwargs: Any) -> None:
        """Store nothing: no attestation is requested."""


def begin_registration(request: HttpRequest, user: User) -> dict[str, Any]:
    options, question = Helper(request).register_begin(user)
    request.session[REGISTERING] = question
    return options


def complete_registration(
    request: HttpRequest, user: User, question: Question, answer: str, *, name: str
) -> Passkey:
    """Save the new passkey; raise PasskeyRefused if unsound or known."""
    try:
        with in_french(), transaction.atomic():
            helper = Helper(request, name=name)
            passkey: Passkey = helper.register_complete(user, question, read(answer))
    except IntegrityError as error:
        raise PasskeyRefused("clé déjà connue", TAKEN, user) from error
    return passkey


def begin_signature(request: HttpRequest) -> dict[str, Any]:
    """Return the browser's options; listed keys would reveal accounts."""
    user = request.user if request.user.is_authenticated else None
    options, question = Helper(request).authenticate_begin(
        user, require_user_verification=True
    )
    request.session[SIGNING] = question
    return options


def complete_signature(
    request: HttpRequest, question: Question, answer: str
) -> Passkey:
    """Return the passkey that signed, its counter saved.

    Call it in a transaction. The library refuses a counter that goes back: a copied
    authenticator. Raises PasskeyRefused, also for an account that is suspended, closed
    or kept out by absence (art. 4.2).
    """
    user = request.user if request.user.is_authenticated else None
    with in_french():
        typed = read(answer)
        account = owner_of(typed)
        try:
            passkey: Passkey = Helper(request).authenticate_complete(
                user, question, typed
            )
        except CredentialNotFound as error:
            raise PasskeyRefused("clé inconnue", UNKNOWN) from error
        except CredentialUserMismatch as error:
            raise PasskeyRefused("clé d’un autre", NOT_YOURS, account) from error
        except WebAuthnException as error:
            raise PasskeyRefused("réponse non valide", UNSOUND, account) from error
    if not passkey.user.is_active:
        raise PasskeyRefused(
            "compte fermé", account_texts.why_inactive(passkey.user), passkey.user
        )
    if sentence := absences.why_kept_out(passkey.user):
        raise PasskeyRefused("absence", sentence, passkey.user)
    return passkey


def take_question(request: HttpRequest, name: str) -> Question:
    """Remove the challenge, outside a transaction: no rollback restores it."""
    question: Question | None = request.session.pop(name, None)
    if question is None:
        raise PasskeyRefused("demande expirée", TOO_LATE)
    # Saved at once: a later failure must not leave the challenge usable.
    request.session.save()
    return question


def read(answer: str) -> dict[str, Any]:
    """Parse the answer; raise ValueError unless it is an object."""
    typed = json.loads(answer)
    if not isinstance(typed, dict):
        raise ValueError("not an object")
    return typed


def owner_of(typed: dict[str, Any]) -> User | None:
    credential_id = base64url_to_bytes(str(typed.get("rawId", "")))
    digest = Passkey.get_credential_id_sha256(credential_id)
    return User.objects.filter(passkey__credential_id_sha256=digest).first()


# A stranger writes these bytes, and the library's parsers raise Python's own errors for
# some of them.
UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError),
    *(RecursionError, OverflowError),
)


@contextmanager
def in_french() -> Iterator[None]:
    """Translate every error of the library into one refusal."""
    try:
        yield
    except (WebAuthnException, OTPWebAuthnApiError) as error:
        raise PasskeyRefused("réponse non valide", UNSOUND) from error
    except UNREADABLE as error:
        raise PasskeyRefused("réponse illisible", UNSOUND) from error
