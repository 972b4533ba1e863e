"""Sign in and out, factors, passwords, first access, one's own account (S1-S17)."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.nominations.models import Nomination
from accounts.signin import account_safety as safety
from accounts.signin import (
    actions,
    factors,
    forms,
    passwords,
    reset_tokens,
    second_factor,
    sessions,
)
from accounts.signin.access import (
    AccessLevel,
    AccountRequest,
    MemberRequest,
    any_account,
    destination,
    go_on,
    is_confirmed,
    open_elsewhere,
    opens_at,
    passive,
    show,
    step_up,
    to_gate,
    wanted,
    with_delay,
)
from accounts.signin.models import (
    BACKUP_CODES,
    BackupCodeSet,
    FactorReset,
    LinkExpired,
    OpenSession,
    SecurityEvent,
    SessionEnd,
    TotpDevice,
)
from accounts.signin.second_factor import PasskeyRefused
from accounts.users import account_texts
from accounts.users.models import FirstAccess
from opus.lib.audit import journal
from opus.lib.web import Typed, is_stopped

# --- Sign in, out, and confirm one's identity (S1, S17) -------------------------------
# One sentence for every case (S7): only the mailbox learns which.
WRONG_SIGN_IN = (
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
    form = forms.LoginForm(request.POST or None)
    if form.is_valid():
        then = wanted(request)
        with form.counted():
            if actions.prove_password(request, **form.cleaned_data):
                return to_gate("login_code", then)
            form.add_error(None, WRONG_SIGN_IN)
    return show_login(request, form=form)


def show_login(
    request: HttpRequest,
    *,
    form: forms.LoginForm | None = None,
    passkey: forms.PasskeyForm | None = None,
) -> HttpResponse:
    return show(
        request,
        "accounts/signin/login.html",
        form or forms.LoginForm(),
        passkey=passkey or forms.PasskeyForm(),
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
    form = forms.ProofForm(request.user, request.POST or None)
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
    form: forms.ProofForm | None = None,
    passkey: forms.PasskeyForm | None = None,
) -> HttpResponse:
    user = request.user
    has_passkey = user.passkey_set.filter(confirmed=True).exists()
    return show(
        request,
        template,
        form or forms.ProofForm(user),
        # Its block also explains why an answer was refused.
        has_passkey=has_passkey or passkey is not None,
        device=user.totpdevice_set.filter(confirmed=True).first(),
        passkey=passkey or forms.PasskeyForm(),
        has_errors=bool(passkey and passkey.errors),
        typed=Typed.at_gate(request),
    )


def prove_by_code(
    request: AccountRequest,
    template: str,
    form: forms.ProofForm,
    then: Callable[..., None],
) -> HttpResponse | None:
    """Return the form's page; None once proved."""
    if form.is_valid():
        with form.counted():
            if proof := actions.prove_code(request, form.cleaned_data["code"], then):
                if isinstance(proof, BackupCodeSet):
                    context = {"left": proof.left}
                    used = "accounts/signin/backup_code_used.html"
                    messages.warning(request, render_to_string(used, context))
                return None
            form.add_error("code", WRONG_CODE)
    return show_proofs(request, template, form=form)


# --- Passkeys: options as JSON, answers as forms, for ``passkeys.js`` (S2) ------------
TOO_OLD = (
    "Votre identité a été confirmée il y a plus de 15 minutes : rechargez la page, "
    "puis confirmez-la de nouveau."
)


@login_not_required
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    return JsonResponse(second_factor.begin_signature(request))


@login_not_required
@sensitive_post_parameters("credential")
@require_POST
def passkey_login(request: AccountRequest) -> HttpResponse:
    page: Callable[..., HttpResponse] = show_login
    if request.user.is_authenticated:
        if request.user.is_verified():
            return redirect(destination(request))
        page = partial(show_proofs, template="accounts/signin/login_code.html")
    # Computed before the sign-in, which begins another session.
    then = partial(redirect, destination(request))
    return prove_by_passkey(request, actions.enter_by_passkey, page=page, then=then)


@any_account
@open_elsewhere
@sensitive_post_parameters("credential")
@require_POST
def passkey_confirm(request: AccountRequest) -> HttpResponse:
    page = partial(show_proofs, template="accounts/signin/step_up.html")
    then = partial(go_on, request)
    return prove_by_passkey(request, actions.confirm, page=page, then=then)


def prove_by_passkey(
    request: AccountRequest,
    act: Callable[..., None],
    *,
    page: Callable[..., HttpResponse],
    then: Callable[[], HttpResponse],
) -> HttpResponse:
    form = forms.PasskeyForm(request.POST)
    if form.is_valid():
        try:
            with form.counted():
                actions.prove_passkey(request, form.cleaned_data["credential"], act)
                return then()
        except PasskeyRefused as refusal:
            form.add_error(None, str(refusal))
    return with_delay(page(request, passkey=form), form.refusal)


@opens_at(AccessLevel.PASSWORD)
@require_POST
def passkey_new_options(request: AccountRequest) -> HttpResponse:
    user = request.user
    if user.is_verified():
        refusal = "" if is_confirmed(request) else TOO_OLD
    else:
        refusal = factors.ALREADY_ONE if user.factors else ""
    if refusal:
        return JsonResponse({"detail": refusal}, status=403)
    return JsonResponse(second_factor.begin_registration(request, user))


@opens_at(AccessLevel.PASSWORD)
@require_POST
def enrol_passkey(request: AccountRequest) -> HttpResponse:
    return instead_of_enrolling(request) or add_passkey(request)


@any_account
@require_POST
@step_up
def factor_add_passkey(request: AccountRequest) -> HttpResponse:
    return add_passkey(request)


def add_passkey(request: AccountRequest) -> HttpResponse:
    form = forms.NewPasskeyForm(request.user, request.POST)
    if not form.is_valid():
        return ask_factor(request, passkey=form)
    try:
        codes = factors.add_passkey(
            request, form.cleaned_data["credential"], name=form.cleaned_data["name"]
        )
    except PasskeyRefused as refusal:
        form.add_error(None, str(refusal))
        return ask_factor(request, passkey=form)
    return show_added(request, codes)


# --- One's own second factors and backup codes (S2) -----------------------------------
PREPARED = "prepared_device"
ADDED = "Votre second facteur est enregistré. Vos autres sessions sont fermées."


@opens_at(AccessLevel.PASSWORD)
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_factor(request: AccountRequest) -> HttpResponse:
    return instead_of_enrolling(request) or add_application(request)


def instead_of_enrolling(request: AccountRequest) -> HttpResponse | None:
    """Redirect who has a factor: with the password alone none is added beside it."""
    if request.user.is_verified():
        return redirect(destination(request))
    return to_gate("login_code", wanted(request)) if request.user.factors else None


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def factor_add(request: AccountRequest) -> HttpResponse:
    return add_application(request)


@sensitive_variables("codes")
def add_application(request: AccountRequest) -> HttpResponse:
    device = prepared_device(request)
    form = forms.ApplicationForm(request.user, request.POST or None)
    if form.is_valid():
        codes = factors.add_application(request, device, **form.cleaned_data)
        if codes is not None:
            return show_added(request, codes)
        form.add_error("code", WRONG_CODE)
    return ask_factor(request, form=form)


def ask_factor(
    request: AccountRequest,
    *,
    form: forms.ApplicationForm | None = None,
    passkey: forms.NewPasskeyForm | None = None,
) -> HttpResponse:
    device = prepared_device(request)
    context = {
        "is_first": not request.user.is_verified(),
        "passkey": passkey or forms.NewPasskeyForm(request.user),
        "form": form or forms.ApplicationForm(request.user),
        "has_errors": bool(passkey and passkey.errors),
        "next": wanted(request),
        "device": device,
        "qr": segno.make(device.address, error="m").svg_inline(
            omitsize=True, light="#fff", title="QR code à lire avec votre application"
        ),
        "groups": in_groups(device.readable_key),
    }
    return render(request, "accounts/signin/enrol_factor.html", context)


def show_added(request: AccountRequest, codes: list[str]) -> HttpResponse:
    if codes:
        return show_codes(request, codes, then=destination(request), is_first=True)
    messages.success(request, ADDED)
    return redirect("profile")


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def factor(request: AccountRequest, public_id: UUID) -> HttpResponse:
    mine = factors.find(request.user, public_id)
    form = forms.FactorNameForm(mine, request.POST or None)
    if form.is_valid():
        factors.rename(request, mine, form.cleaned_data["name"])
        messages.success(request, "Le nom est enregistré.")
        return redirect("profile")
    context = {"factor": mine, "form": form}
    return render(request, "accounts/signin/factor.html", context)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
@step_up
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


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
@step_up
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


@any_account
@open_elsewhere
@require_http_methods(["GET", "HEAD", "POST"])
def prove_again(request: AccountRequest) -> HttpResponse:
    """Require the factor again, then resume the form (S17)."""
    if Typed.at_gate(request) and is_confirmed(request):
        return go_on(request)  # A second click, or confirmed in another tab.
    data = None if is_stopped(request) else request.POST or None
    form = forms.ProofForm(request.user, data)
    template = "accounts/signin/step_up.html"
    stopped = prove_by_code(request, template, form, actions.confirm)
    return stopped or go_on(request)


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


# --- From a slip or a link to a password (S9) -----------------------------------------
ACTIVATION_LINK = "activation_link"
WRONG_LINK = (
    "Ce n’est pas l’identifiant de ce lien. Recopiez celui du courriel « votre "
    "identifiant », lettre par lettre."
)
OPENED_ACCESS = "first_access"
# One sentence for every cause: a stranger learns nothing (S7).
WRONG_SLIP = (
    "Cet identifiant et ce code n’ouvrent pas de premier accès. Vérifiez chaque lettre "
    "de votre fiche. Un code sert une seule fois, pendant 72 heures : s’il est passé, "
    "demandez une nouvelle fiche à votre responsable de gestion des comptes (RGC)."
)


@login_not_required
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def first_access(request: HttpRequest) -> HttpResponse:
    form = forms.FirstAccessForm(request.POST or None)
    if form.is_valid():
        with form.counted():
            if access := actions.find_first_access(request, **form.cleaned_data):
                request.session.flush()
                request.session[OPENED_ACCESS] = access.pk
                return redirect("first_access_password")
            form.add_error(None, WRONG_SLIP)
    return show(request, "accounts/signin/first_access.html", form)


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def first_access_password(request: HttpRequest, start: str) -> HttpResponse:
    """Choose a password after ``start``: the slip's page, or the link's."""
    accesses = FirstAccess.objects.usable()
    if start == "activation":
        accesses = accesses.links()
    mine = accesses.filter(pk=request.session.get(OPENED_ACCESS, 0))
    access = mine.select_related("account__structure").first()
    if access is None:
        return redirect(start)
    form = forms.ChoosePasswordForm(access.account, request.POST or None)
    if form.is_valid():
        password = form.cleaned_data["password1"]
        is_used = actions.choose_password(request, access, password)
        return redirect("login_code" if is_used else start)
    context = {"form": form, "account": access.account}
    return render(request, "accounts/signin/first_access_password.html", context)


@login_not_required
@sensitive_variables("token")
@require_safe
def activation_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the first step, unused: mail scanners open links."""
    request.session[ACTIVATION_LINK] = token
    return redirect("activation")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def activation(request: HttpRequest) -> HttpResponse:
    access = FirstAccess.find_by_link(request.session.get(ACTIVATION_LINK, ""))
    if access is None:
        return render(request, "accounts/signin/activation_over.html", status=410)
    form = forms.ActivationForm(request.POST or None)
    if form.is_valid():
        with form.counted():
            if actions.prove_identifier(request, access, **form.cleaned_data):
                request.session.flush()
                request.session[OPENED_ACCESS] = access.pk
                return redirect("activation_password")
            form.add_error("identifier", WRONG_LINK)
    return show(request, "accounts/signin/activation.html", form)


# --- Forgotten or changed password (S8) -----------------------------------------------
# The session stores the token: neither the address bar nor a referer shows it.
RESET_TOKEN = "reset_token"  # noqa: S105
CHANGED = "Votre mot de passe est changé. Vos autres sessions sont fermées."
NOT_PRESENT_ONE = (
    "Ce n’est pas votre mot de passe actuel. Vérifiez la touche majuscules, puis "
    "recommencez."
)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Request a link; the same answer for everybody (S7)."""
    form = forms.ForgottenForm(request.POST or None)
    if form.is_valid():
        with form.counted():
            passwords.request_link(request, form.cleaned_data["who"])
            return redirect("password_reset_sent")
    return show(request, "accounts/signin/password_forgotten.html", form)


@login_not_required
@require_safe
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/signin/password_reset_sent.html")


@login_not_required
@sensitive_variables("token")
@require_safe
def password_reset_link(request: HttpRequest, token: str) -> HttpResponse:
    """Move the token out of the address bar, unused."""
    if reset_tokens.account_of(token) is None:
        return void_reset(request)
    request.session[RESET_TOKEN] = token
    return redirect("password_reset")


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    token = request.session.get(RESET_TOKEN, "")
    account = reset_tokens.account_of(token)
    if account is None:
        return void_reset(request)
    form = forms.ChoosePasswordForm(account, request.POST or None)
    if form.is_valid():
        if passwords.choose(request, token, form.cleaned_data["password1"]):
            messages.success(
                request,
                "Votre nouveau mot de passe est enregistré. Donnez votre second "
                "facteur pour entrer.",
            )
            return redirect("login_code")
        return void_reset(request)
    return render(request, "accounts/signin/password_reset.html", {"form": form})


@any_account
@sensitive_post_parameters("old_password", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def password_change(request: AccountRequest) -> HttpResponse:
    form = forms.ChangePasswordForm(request.user, request.POST or None)
    if form.is_valid():
        old, new = form.cleaned_data["old_password"], form.cleaned_data["password1"]
        with form.counted():
            if passwords.change(request, old, new):
                messages.success(request, CHANGED)
                return redirect("profile")
            form.add_error("old_password", NOT_PRESENT_ONE)
    return show(request, "accounts/signin/password_change.html", form)


def void_reset(request: HttpRequest) -> HttpResponse:
    """Return 400: link used or expired, or account changed since."""
    request.session.pop(RESET_TOKEN, None)
    return render(request, "accounts/signin/password_reset_void.html", status=400)


# --- Links that stop a change, without sign-in (S10, S11) -----------------------------
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_safety(request: HttpRequest, token: str) -> HttpResponse:
    """Suspend the account; only by POST: mail readers open links."""
    template = "accounts/signin/account_safety.html"
    try:
        event = SecurityEvent.of_token(token)
    except LinkExpired:
        return render(request, template, {"event": None}, status=410)
    except SecurityEvent.DoesNotExist as error:
        raise Http404 from error
    if request.method == "POST":
        safety.put_in_safety(event)
        event.refresh_from_db()
    context = {"event": event, "checker": account_texts.checker_of(event.account)}
    return render(request, template, context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def factor_reset_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the reset; only by POST: mail readers open links."""
    try:
        reset = FactorReset.of_token(token)
    except FactorReset.DoesNotExist as error:
        raise Http404 from error
    if request.method == "POST" and not reset.is_over:
        factors.stop(reset, by=None)
    return render(
        request, "accounts/signin/factor_recovery_stop.html", {"reset": reset}
    )


# --- One's own account: page, charter, sessions (art. 5.1, S15, A7) -------------------
@any_account
@require_safe
def profile(request: MemberRequest) -> HttpResponse:
    user = request.user
    in_office = Nomination.objects.in_office().filter(convention=request.convention)
    context = {
        "rgc": in_office.select_related("person").first(),
        "factors": user.factors,
        "backup": user.backup_codes,
        "to_helper": account_texts.to(account_texts.helper_of(user)),
        "acceptance": user.charters.order_by("accepted_at").last(),
    }
    return render(request, "accounts/signin/profile.html", context)


@any_account
@require_safe
def session_list(request: AccountRequest) -> HttpResponse:
    idle, whole = sessions.limits_of_session(request.user)
    left = sessions.left(request.session, request.user)
    context = {
        "here": sessions.row_of(request.session).first(),
        "others": live_elsewhere(request),
        "ends_at": timezone.now() + dt.timedelta(seconds=left.whole),
        "idle_minutes": int(idle.total_seconds() // 60),
        "whole_hours": int(whole.total_seconds() // 3600),
        "at_once": sessions.SESSIONS_AT_ONCE,
    }
    return render(request, "accounts/signin/sessions.html", context)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def session_close(request: AccountRequest, pk: str) -> HttpResponse:
    row = get_object_or_404(live_elsewhere(request), pk=pk)
    if request.method == "POST":
        sessions.close(request.user, live_elsewhere(request).filter(pk=pk))
        messages.success(request, "La session est fermée.")
        return redirect("sessions")
    return render(request, "accounts/signin/session_close.html", {"row": row})


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def sessions_close(request: AccountRequest) -> HttpResponse:
    others = live_elsewhere(request)
    if request.method == "POST":
        count = sessions.close(request.user, others)
        none = "Aucune autre session n’était ouverte."
        done = "Vos autres sessions sont fermées." if count else none
        messages.success(request, done)
        return redirect("sessions")
    return render(request, "accounts/signin/sessions_close.html", {"others": others})


@any_account
@open_elsewhere
@passive
@require_safe
def session_state(request: AccountRequest) -> JsonResponse:
    """Return the time left, without prolonging it (A7)."""
    return session_json(request)


@any_account
@open_elsewhere
@passive
@require_POST
def session_extend(request: AccountRequest) -> JsonResponse:
    """« Rester connecté »: restart the idle delay only (S13)."""
    sessions.touch(request.session, at_once=True)
    return session_json(request)


def session_json(request: AccountRequest) -> JsonResponse:
    left = sessions.left(request.session, request.user)
    token = get_token(request)
    return JsonResponse({"idle": left.idle, "whole": left.whole, "token": token})


def live_elsewhere(request: AccountRequest) -> QuerySet[OpenSession]:
    here = sessions.row_of(request.session).values("pk")
    return OpenSession.objects.live_of(request.user).exclude(pk__in=here)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def charter(request: AccountRequest) -> HttpResponse:
    version = settings.CHARTER_VERSION
    acceptances = list(request.user.charters.order_by("-accepted_at"))
    acceptance = next((one for one in acceptances if one.version == version), None)
    typed = Typed.at_gate(request)
    if acceptance and typed:
        return go_on(request)  # A second click, or accepted in another tab.
    form = forms.CharterForm(None if is_stopped(request) else request.POST or None)
    if acceptance is None and form.is_valid():
        actions.accept_charter(request.user)
        messages.success(request, "Merci. Votre engagement est enregistré.")
        return go_on(request)
    context = {
        "form": form,
        "acceptance": acceptance,
        "acceptances": acceptances,
        "next": wanted(request),
        "typed": typed,
        "version": version,
        "text": charter_text(version),
    }
    return render(request, "accounts/signin/charter.html", context)


@login_not_required
@require_safe
def charter_version(request: HttpRequest, version: str) -> HttpResponse:
    """Show one version as accepted, else raise Http404."""
    try:
        get_template(charter_text(version))
    except (TemplateDoesNotExist, OSError) as error:  # OSError: a name too long.
        raise Http404 from error
    context = {
        "version": version,
        "text": charter_text(version),
        "is_current": version == settings.CHARTER_VERSION,
    }
    return render(request, "accounts/signin/charter_version.html", context)


def charter_text(version: str) -> str:
    return f"accounts/signin/charters/{version}.html"
