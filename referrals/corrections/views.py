from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.signin.access import MemberRequest, partner_only
from opus.lib.audit.journal import Action
from referrals.candidates import access_log
from referrals.candidates.person_choice import answer_look_up
from referrals.candidates.views import get_candidate
from referrals.corrections.forms import CandidateEditForm


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def candidate_edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Correct the record (art. 10), not its documents."""
    candidate = get_candidate(request, pk)
    form = CandidateEditForm(request.POST or None, instance=candidate, by=request.user)
    with transaction.atomic():
        is_saved = form.is_valid() and form.save()
    if is_saved:
        messages.success(request, "La fiche est enregistrée.")
        return redirect(candidate)
    form.count_colleague()
    known = {candidate, *form.homonyms}
    access_log.show(request.user, Action.PERSON_READ, known, target=candidate)
    context = {"form": form, "candidate": candidate, "section": "candidats"}
    return answer_look_up(
        render(request, "referrals/candidates/form.html", context), form
    )
