"""A second opinion on a refused text, asked from the form that was refused (V5)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import partner_only
from accounts.http import MemberRequest
from opus.desk import measure
from opus.desk.actions import opinions as actions
from opus.desk.models import SecondOpinion
from opus.lib.pagination import paginate
from opus.lib.states import MoveRefused


@require_safe
@partner_only
def opinions(request: MemberRequest) -> HttpResponse:
    """One's own questions with their answers, the latest first; from now on seen."""
    mine = SecondOpinion.objects.visible_to(request.user).defer("sealed")
    page = paginate(request, mine)
    response = render(request, "desk/opinions.html", {"page": page})
    SecondOpinion.objects.visible_to(request.user).see()
    return response


@sensitive_post_parameters()
@require_POST
@partner_only
def ask_opinion(request: MemberRequest) -> HttpResponse:
    """Lend the sentence of the field that the button names; the form comes as a whole
    and nothing else of it is read.

    Raises:
        Http404: the button names no field.
    """
    place, _, name = request.POST.get("avis", "").partition(" ")
    measure.of_account(request.user)
    try:
        sentence = request.POST.get(name, "").strip()
        actions.ask(by=request.user, place=place, sentence=sentence)
    except LookupError as error:
        raise Http404 from error
    except MoveRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            "Votre phrase est transmise. Vous pouvez fermer cet onglet et reprendre "
            "votre saisie.",
        )
    return redirect("opinions")
