"""From the first-access slip to a chosen password (S9)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.signin import actions, rate_limits
from accounts.signin.forms import ChoosePasswordForm, FirstAccessForm
from accounts.signin.http import too_many_tries
from accounts.users.models.first_access import FirstAccess, FirstAccessQuerySet

OPENED = "first_access"
# One sentence for every cause: a stranger learns nothing (S7).
WRONG = (
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
        try:
            access = actions.find_first_access(request, **form.cleaned_data)
        except rate_limits.TooManyTries as error:
            return too_many_tries(
                request, "accounts/signin/first_access.html", form, error
            )
        if access:
            request.session.flush()
            request.session[OPENED] = access.pk
            return redirect("first_access_password")
        form.add_error(None, WRONG)
    return render(request, "accounts/signin/first_access.html", {"form": form})


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def first_access_password(request: HttpRequest) -> HttpResponse:
    return choose_first_password(request, FirstAccess.objects.usable(), "first_access")


def choose_first_password(
    request: HttpRequest, accesses: FirstAccessQuerySet, start: str
) -> HttpResponse:
    """Set the password of the access that was opened."""
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
