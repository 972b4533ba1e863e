"""The steps of a sign-in: password, second factor; and of a first access.

Each try is counted by ``accounts.limits`` before its secret is looked at, and told in
the journal whatever its result. What the journal keeps of a failure is the account,
where there is one, never what was typed.
"""

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp import login as verify_session

from accounts import limits, sessions
from accounts.http import AccountRequest
from accounts.models import CharterAcceptance, FirstAccess, TotpDevice, User, UserState
from opus.lib import audit
from opus.lib.audit import Action

BACKEND = "accounts.backends.IdentifierBackend"


def prove_password(request: HttpRequest, identifier: str, password: str) -> bool:
    """Open a session that has the password alone, if this is the password.

    Raises:
        limits.TooManyTries: the account or the address must wait.
    """
    this_try = take(request, limits.Door.PASSWORD, identifier)
    user = authenticate(request, identifier=identifier.strip(), password=password)
    if user is None:
        tell_refusal(limits.Door.PASSWORD, identifier)
        return False
    with transaction.atomic():
        this_try.forgive()
        open_session(request, user)
        tell_first_factor(limits.Door.PASSWORD, user)
    return True


def prove_code(request: AccountRequest, code: str) -> bool:
    """Raise the session to both factors, if this is the code of the moment.

    A new session id (S13), and fifteen minutes of sensitive acts (design section 8).

    Raises:
        limits.TooManyTries: the account or the address must wait.
    """
    device = check_code(request, code)
    if device is None:
        return False
    with transaction.atomic():
        enter(request, device)
        audit.record(Action.SIGN_IN, by=request.user, target=request.user)
    return True


def confirm_identity(request: AccountRequest, code: str) -> bool:
    """The second factor again, before a sensitive act (S17).

    Raises:
        limits.TooManyTries: the account or the address must wait.
    """
    if check_code(request, code) is None:
        return False
    request.session.cycle_key()
    sessions.confirm(request.session)
    audit.record(Action.IDENTITY_CONFIRMED, by=request.user, target=request.user)
    return True


@transaction.atomic
def enrol(request: AccountRequest, device: TotpDevice, code: str) -> bool:
    """Keep a new application as second factor, once it gave a right code.

    The account becomes active if this is its first access. No limit here: whoever
    types the code has its key before the eyes.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
    if user.totpdevice_set.filter(confirmed=True).exists():
        return False  # Another window was faster.
    if not device.verify_token(code):
        return False
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    if user.state == UserState.CREATED:
        user.activate(by=user)
    enter(request, device)
    audit.record(Action.FACTOR_ENROLLED, by=user, target=user)
    return True


def find_first_access(
    request: HttpRequest, identifier: str, secret: str
) -> FirstAccess | None:
    """The first access that this slip opens; None if wrong, used, expired, replaced.

    Raises:
        limits.TooManyTries: the account or the address must wait.
    """
    this_try = take(request, limits.Door.FIRST_ACCESS, identifier)
    access = (
        FirstAccess.objects.slips()
        .usable()
        .filter(account__identifier__iexact=identifier.strip())
        .select_related("account__structure")
        .first()
    )
    if access is None:
        make_password(secret)  # As long as a real look (S7).
    elif access.matches(secret) and access.account.is_active:
        with transaction.atomic():
            this_try.forgive()
            tell_first_factor(limits.Door.FIRST_ACCESS, access.account)
        return access
    tell_refusal(limits.Door.FIRST_ACCESS, identifier)
    return None


@transaction.atomic
def choose_password(request: HttpRequest, access: FirstAccess, password: str) -> bool:
    """Spend a first access: its holder has chosen a password, and is let in.

    The new password ends the account's other sessions. False where the secret was
    spent or replaced since.
    """
    locked = FirstAccess.objects.usable().select_for_update().filter(pk=access.pk)
    if not locked.exists() or not access.account.is_active:
        tell_refusal(limits.Door.FIRST_ACCESS, access.account.identifier)
        return False
    locked.update(used_at=timezone.now())
    user = access.account
    user.set_password(password)
    user.save(update_fields=["password"])
    limits.unlock(user.identifier)
    open_session(request, user)
    audit.record(Action.FIRST_ACCESS, by=user, target=user)
    return True


@transaction.atomic
def accept_charter(user: User) -> None:
    """Keep the acceptance of the charter's present version (art. 5.1, 9)."""
    CharterAcceptance.objects.get_or_create(
        account=user, version=settings.CHARTER_VERSION
    )
    audit.record(
        Action.CHARTER_ACCEPTED,
        by=user,
        target=user,
        details={"version": settings.CHARTER_VERSION},
    )


def check_code(request: AccountRequest, code: str) -> TotpDevice | None:
    """The person's application that gives this code now, or None."""
    user = request.user
    this_try = take(request, limits.Door.CODE, user.identifier)
    for device in user.totpdevice_set.filter(confirmed=True):
        if device.verify_token(code):
            this_try.forgive()
            return device
    tell_refusal(limits.Door.CODE, user.identifier)
    return None


def take(request: HttpRequest, door: limits.Door, identifier: str) -> limits.Try:
    """Count this try, or tell the journal that it came too early."""
    address = audit.client_address(request)
    try:
        return limits.take(door, account=identifier, address=address)
    except limits.TooManyTries:
        tell_refusal(door, identifier, refused="trop d’essais")
        raise


def tell_first_factor(door: limits.Door, user: User) -> None:
    audit.record(
        Action.FIRST_FACTOR_PROVED, by=user, target=user, details={"door": door}
    )


def tell_refusal(
    door: limits.Door, identifier: str, refused: str = "secret inexact"
) -> None:
    """One line of the journal; the same work whether the account exists or not."""
    account = User.objects.filter(identifier__iexact=identifier.strip()).first()
    audit.record(
        Action.SIGN_IN_REFUSED,
        by=None,
        target=account,
        refused=refused,
        details={"door": door},
    )


def open_session(request: HttpRequest, user: User) -> None:
    """A new session that has the password alone: nothing of an older one is kept."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    sessions.begin(request.session)


def enter(request: HttpRequest, device: TotpDevice) -> None:
    """A new session id, both factors, the clock from here, last sign-in now."""
    request.session.cycle_key()
    verify_session(request, device)
    sessions.begin(request.session)
    sessions.confirm(request.session)
    User.objects.filter(pk=device.user_id).update(last_login=timezone.now())
