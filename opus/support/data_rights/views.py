"""``/donnees-personnelles/demandes/``: one's own data rights."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.signin.access import MemberRequest, any_account
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format
from opus.lib.privacy.models import corrections_of
from opus.lib.privacy.personal_data import Person
from opus.support.data_rights import actions
from opus.support.data_rights.forms import OwnRequestForm
from opus.support.data_rights.models import RightsRequest


@require_http_methods(["GET", "HEAD", "POST"])
@any_account
def own_requests(request: MemberRequest) -> HttpResponse:
    """Show one's requests and corrections; add a request (art. 10)."""
    form = OwnRequestForm(request.POST or None)
    if form.is_valid():
        try:
            found = actions.request_for_oneself(by=request.user, **form.cleaned_data)
        except MoveRefused as error:
            form.add_error("right", str(error))
        else:
            messages.success(
                request,
                f"Votre demande n° {found.number} est enregistrée\xa0: réponse "
                f"au plus tard le {date_format(found.due_on)}.",
            )
            return redirect("own_rights")
    rows = RightsRequest.objects.filter(account=request.user).order_by("-pk")
    rows = rows.prefetch_related("gestures")
    context = {
        "form": form,
        "requests": rows,
        "corrections": corrections_of(Person(accounts=frozenset({request.user.pk}))),
    }
    return render(request, "support/data_rights/own_requests.html", context)
