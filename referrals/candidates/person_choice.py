"""Choose among one's own candidates, while typing or not (S24)."""

import dataclasses
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from accounts.signin.http import MemberRequest, with_delay
from opus.lib.audit.journal import Action
from opus.lib.forms.base import as_uuid
from opus.lib.french import plain
from referrals.candidates import access_log
from referrals.candidates.actions import Found
from referrals.candidates.forms import CandidateForm, LookUpForm
from referrals.candidates.models.candidates import Candidate, CandidateQuerySet

RECENT = 8
# Letters before the list follows what is typed.
LEAST = 2
MOST_TICKED = 50
# An address has no more persons than that: the page says which are too many.
MOST_CARRIED = 100


@dataclasses.dataclass(frozen=True)
class Choice:
    look_up: LookUpForm
    people: list[Candidate]
    has_more: bool
    found: Found | None
    # What is typed, while it is; the persons ticked stay first.
    typed: str = ""
    ticked: Sequence[Candidate] = ()

    @property
    def title(self) -> str:
        if self.found:
            return "Votre recherche"
        if self.typed:
            return "Vos candidats qui correspondent"
        return "Vos candidats récents" if self.has_more else "Vos candidats"


def answer_look_up(
    response: HttpResponse, *forms: LookUpForm | CandidateForm
) -> HttpResponse:
    """Return the page; status 429 if look-ups are stopped (S39)."""
    for form in forms:
        if form.stopped:
            return with_delay(response, form.stopped)
    return response


def is_choosing(request: MemberRequest) -> bool:
    """Return whether the box of persons was posted, by its button or while typing."""
    return request.method == "POST" and bool({"who", "look_up"} & request.POST.keys())


def is_typing(request: MemberRequest) -> bool:
    """Return whether only the list below the box is wanted."""
    return "who" in request.POST and "HX-Request" in request.headers


def typed_in(request: MemberRequest) -> str:
    """Return what is being typed, from the least number of letters on."""
    if not is_typing(request):
        return ""
    typed = request.POST["who"]
    return typed if len(plain(typed)) >= LEAST else ""


def choose(request: MemberRequest, *, others: Iterable[Candidate] = ()) -> Choice:
    """Return the choice of people, counted and logged with ``others``."""
    is_look_up = "look_up" in request.POST
    look_up = LookUpForm(request.POST if is_look_up else None)
    if look_up.is_valid() and (found := look_up.find(by=request.user)):
        return Choice(look_up, found.candidates, has_more=False, found=found)
    mine = Candidate.objects.visible_to(request.user).select_related("adviser")
    mine = mine.with_job_sought().latest_used_first()
    ticked = ticked_in(request, mine)
    typed = typed_in(request)
    fitting = mine.matching(typed) if typed else mine
    rest = list(fitting.exclude(pk__in=[one.pk for one in ticked])[: RECENT + 1])
    people = [*ticked, *rest[:RECENT]]
    # One's own list, which comes by itself under what is typed.
    is_unasked = not is_look_up and not others
    shown = [*people, *others]
    access_log.show(request.user, Action.PERSONS_LISTED, shown, unasked=is_unasked)
    return Choice(look_up, people, len(rest) > RECENT, None, typed, ticked)


def ticked_in(request: MemberRequest, mine: CandidateQuerySet) -> list[Candidate]:
    """Return one's own persons ticked while typing, or of the address."""
    sent = request.POST if is_typing(request) else request.GET
    numbers = list(filter(None, map(as_uuid, sent.getlist("personne"))))
    return list(mine.filter(pk__in=numbers[:MOST_CARRIED])) if numbers else []
