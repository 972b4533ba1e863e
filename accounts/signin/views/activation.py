"""From a slip or a link to a password (S9).

Only the session has the proof: no later URL does.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signin import actions
from accounts.signin.access import show
from accounts.signin.forms import ActivationForm, ChoosePasswordForm, FirstAccessForm
from accounts.users.models.first_access import FirstAccess, FirstAccessQuerySet

LINK = "activation_link"
WRONG_LINK = (
    "Ce n’est pas l’identifiant de ce lien. Recopiez celui du courriel « votre "
    "identifiant », lettre par lettre."
)
OPENED = "first_access"
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
    form = FirstAccessForm(request.POST or None)
    if form.is_valid():
        with form.counted():
            if access := actions.find_first_access(request, **form.cleaned_data):
                request.session.flush()
                request.session[OPENED] = access.pk
                return redirect("first_access_password")
            form.add_error(None, WRONG_SLIP)
    return show(request, "accounts/signin/first_access.html", form)


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def first_access_password(request: HttpRequest) -> HttpResponse:
    return choose_first_password(request, FirstAccess.objects.usable(), "first_access")


def choose_first_password(
    request: HttpRequest, accesses: FirstAccessQuerySet, start: str
) -> HttpResponse:
    mine = accesses.filter(pk=request.session.get(OPENED, 0))
    access = mine.select_related("account__structure").first()
    if access is None:
        return redirect(start)
    form = ChoosePasswordForm(access.account, request.POST or None)
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
    request.session[LINK] = token
    return redirect("activation")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def activation(request: HttpRequest) -> HttpResponse:
    access = FirstAccess.find_by_link(request.session.get(LINK, ""))
    if access is None:
        return render(request, "accounts/signin/activation_over.html", status=410)
    form = ActivationForm(request.POST or None)
    if form.is_valid():
        with form.counted():
            if actions.prove_identifier(request, access, **form.cleaned_data):
                request.session.flush()
                request.session[OPENED] = access.pk
                return redirect("activation_password")
            form.add_error("identifier", WRONG_LINK)
    return show(request, "accounts/signin/activation.html", form)


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def activation_password(request: HttpRequest) -> HttpResponse:
    links = FirstAccess.objects.links().usable()
    return choose_first_password(request, links, "activation")
