"""Passkeys: options as JSON, answers as forms, for ``static/js/passkeys.js`` (S2)."""

from collections.abc import Callable
from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.signin import access, actions, factors, second_factor
from accounts.signin.access import AccessLevel, AccountRequest, with_delay
from accounts.signin.forms import NewPasskeyForm, PasskeyForm
from accounts.signin.second_factor import PasskeyRefused
from accounts.signin.views.factors import ask_factor, show_added
from accounts.signin.views.login import show_login, show_proofs

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
    show: Callable[..., HttpResponse] = show_login
    if request.user.is_authenticated:
        if request.user.is_verified():
            return redirect(access.destination(request))
        show = partial(show_proofs, template="accounts/signin/login_code.html")
    # Computed before the sign-in, which begins another session.
    then = partial(redirect, access.destination(request))
    return prove(request, actions.enter_by_passkey, show=show, then=then)


@access.any_account
@access.open_elsewhere
@sensitive_post_parameters("credential")
@require_POST
def passkey_confirm(request: AccountRequest) -> HttpResponse:
    show = partial(show_proofs, template="accounts/signin/step_up.html")
    then = partial(access.go_on, request)
    return prove(request, actions.confirm, show=show, then=then)


def prove(
    request: AccountRequest,
    act: Callable[..., None],
    *,
    show: Callable[..., HttpResponse],
    then: Callable[[], HttpResponse],
) -> HttpResponse:
    form = PasskeyForm(request.POST)
    if form.is_valid():
        try:
            with form.counted():
                actions.prove_passkey(request, form.cleaned_data["credential"], act)
                return then()
        except PasskeyRefused as refusal:
            form.add_error(None, str(refusal))
    return with_delay(show(request, passkey=form), form.refusal)


@access.opens_at(AccessLevel.PASSWORD)
@require_POST
def passkey_new_options(request: AccountRequest) -> HttpResponse:
    user = request.user
    if user.is_verified():
        refusal = "" if access.is_confirmed(request) else TOO_OLD
    else:
        refusal = factors.ALREADY_ONE if user.factors else ""
    if refusal:
        return JsonResponse({"detail": refusal}, status=403)
    return JsonResponse(second_factor.begin_registration(request, user))


@access.opens_at(AccessLevel.PASSWORD)
@require_POST
def enrol_passkey(request: AccountRequest) -> HttpResponse:
    if request.user.is_verified():
        return redirect(access.destination(request))
    if request.user.factors:
        return access.to_gate("login_code", access.wanted(request))
    return add_passkey(request)


@access.any_account
@require_POST
@access.step_up
def factor_add_passkey(request: AccountRequest) -> HttpResponse:
    return add_passkey(request)


def add_passkey(request: AccountRequest) -> HttpResponse:
    form = NewPasskeyForm(request.user, request.POST)
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
