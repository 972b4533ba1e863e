"""``/suivi/propositions/``: what a structure proposes to change in Opus (art. 11)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts import meetings
from accounts.access import partner_only
from accounts.http import MemberRequest
from accounts.meeting_forms import SuggestionForm
from accounts.models import Suggestion
from opus.lib.pagination import paginate
from opus.lib.states import MoveRefused


@require_safe
@partner_only
def suggestions(request: MemberRequest) -> HttpResponse:
    """All of the structure's, the latest first."""
    mine = Suggestion.objects.visible_to(request.user).select_related("author")
    context = {"page": paginate(request, mine), "section": "suivi"}
    return render(request, "accounts/suggestions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def suggestion_add(request: MemberRequest) -> HttpResponse:
    """Deposit another."""
    form = SuggestionForm(
        request.POST or None, instance=Suggestion(structure=request.structure)
    )
    if form.is_valid() and (suggestion := form.save(by=request.user)):
        messages.success(
            request,
            "Votre proposition est déposée. Un courriel vous préviendra quand France "
            "Travail y répondra.",
        )
        return redirect(suggestion)
    context = {"form": form, "section": "suivi"}
    return render(request, "accounts/suggestion_add.html", context)


@require_safe
@partner_only
def suggestion(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One: its words, its history, what France Travail answered."""
    found = suggestion_of(request, pk)
    context = {
        "suggestion": found,
        "entries": history_of(found),
        "may_withdraw": found.may_be_withdrawn_by(request.user),
        "section": "suivi",
    }
    return render(request, "accounts/suggestion.html", context)


@require_POST
@partner_only
def suggestion_withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take it back, while France Travail said nothing."""
    found = suggestion_of(request, pk)
    try:
        meetings.withdraw(found, by=request.user)
    except MoveRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "La proposition est retirée.")
    return redirect(found)


def suggestion_of(request: MemberRequest, pk: UUID) -> Suggestion:
    """One of the structure's own.

    Raises:
        Http404: it is another's, or nobody's.
    """
    mine = Suggestion.objects.visible_to(request.user)
    return get_object_or_404(mine.select_related("author", "meeting"), pk=pk)


def history_of(suggestion: Suggestion) -> list[dict[str, object]]:
    """Each step with what France Travail said; its staff speaks as France Travail."""
    labels = dict(suggestion._meta.get_field("state").flatchoices)
    answers = {answer.state: answer.text for answer in suggestion.answers.all()}
    return [
        {
            "at": step.at,
            "label": str(labels[step.target]).capitalize(),
            "by": "France Travail" if step.by and step.by.is_staff else step.by,
            "detail": answers.get(step.target, ""),
        }
        for step in suggestion.steps.select_related("by")
    ]
