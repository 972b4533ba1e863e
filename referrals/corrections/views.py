from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.signin.access import MemberRequest, partner_only
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from referrals.candidates import access_log
from referrals.candidates.forms import CandidateForm
from referrals.candidates.models import Candidate
from referrals.candidates.views import answer_look_up, get_candidate
from referrals.corrections.actions import change_candidate


class CandidateEditForm(CandidateForm):
    def write(self) -> Candidate | None:
        # Read the row: ``_post_clean`` changed the object, and the action compares
        # with the stored values.
        candidate = Candidate.objects.get(pk=self.instance.pk)
        try:
            change_candidate(candidate, by=self.by, **self.cleaned_data)
        except MoveRefused as error:
            self.add_error(None, str(error))
            return None
        return candidate


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
