"""Choose among recent candidates, or by exact look-up (S24)."""

import dataclasses

from django.http import HttpResponse

from accounts.signin.http import MemberRequest, with_delay
from opus.lib.audit.journal import Action
from referrals.candidates import access_log
from referrals.candidates.actions import Found
from referrals.candidates.forms import CandidateForm, LookUpForm
from referrals.candidates.models.candidates import Candidate

RECENT = 8


@dataclasses.dataclass(frozen=True)
class Choice:
    look_up: LookUpForm
    people: list[Candidate]
    has_more: bool
    found: Found | None

    @property
    def title(self) -> str:
        if self.found:
            return "Votre recherche"
        return "Vos candidats récents" if self.has_more else "Vos candidats"


def answer_look_up(
    response: HttpResponse, *forms: LookUpForm | CandidateForm
) -> HttpResponse:
    """Return the page; status 429 if look-ups are stopped (S39)."""
    for form in forms:
        if form.stopped:
            return with_delay(response, form.stopped)
    return response


def choose(request: MemberRequest) -> Choice:
    """Return the choice of people, counted and logged."""
    is_look_up = "look_up" in request.POST
    look_up = LookUpForm(request.POST if is_look_up else None)
    if look_up.is_valid() and (found := look_up.find(by=request.user)):
        return Choice(look_up, found.candidates, has_more=False, found=found)
    mine = Candidate.objects.visible_to(request.user).latest_used_first()
    people = list(mine.select_related("adviser")[: RECENT + 1])
    access_log.show(
        request.user, Action.PERSONS_LISTED, people[:RECENT], unasked=not is_look_up
    )
    return Choice(look_up, people[:RECENT], has_more=len(people) > RECENT, found=None)
