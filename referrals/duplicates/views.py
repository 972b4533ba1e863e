from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.signin.access import MemberRequest, partner_only
from opus.lib.audit.journal import Action
from opus.lib.forms.base import as_uuid
from referrals.candidates import access_log
from referrals.candidates.models import Candidate
from referrals.candidates.views import get_candidate
from referrals.duplicates.actions import MergeRefused, likely_doubles, losses, merge


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def candidate_merge(request: MemberRequest, pk: UUID) -> HttpResponse:
    """List likely duplicates; then compare two and merge."""
    candidate = get_candidate(request, pk)
    number = request.POST.get("avec") or request.GET.get("avec")
    other = get_candidate(request, as_uuid(number)) if number else None
    if other == candidate:
        raise Http404
    reason = ""
    if request.method == "POST" and other:
        try:
            merge(candidate, other, by=request.user)
        except MergeRefused as refusal:
            reason = str(refusal)
        except Candidate.DoesNotExist as error:
            raise Http404 from error
        else:
            messages.success(request, "Les deux fiches n’en font plus qu’une.")
            return redirect(candidate)
    doubles = [] if other else list(likely_doubles(candidate, by=request.user))
    persons = [candidate, *doubles, *([other] if other else [])]
    access_log.show(request.user, Action.PERSONS_LISTED, persons, target=candidate)
    context = {
        "candidate": candidate,
        "other": other,
        "doubles": doubles,
        "reason": reason,
        "losses": losses(candidate, other) if other else [],
        "section": "candidats",
    }
    status = 409 if reason else 200
    return render(request, "referrals/duplicates/merge.html", context, status=status)
