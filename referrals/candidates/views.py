import dataclasses
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Service
from accounts.signin.access import MemberRequest, partner_only, requires, with_delay
from opus.lib.audit.journal import Action
from opus.lib.forms.base import as_uuid
from opus.lib.french import plain
from opus.lib.web import paginate
from referrals.candidates import access_log
from referrals.candidates.actions import Found
from referrals.candidates.forms import (
    CANDIDATES,
    CandidateForm,
    CandidateListForm,
    LookUpForm,
)
from referrals.candidates.models import Candidate, CandidateQuerySet

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


class Filter(NamedTuple):
    # In the address; the usual one has none.
    code: str
    label: str
    people: CandidateQuerySet
    # What the page says of it.
    meaning: str = ""


# The order in the address → its label; the usual one has none.
SORTS = {"": "Nom", "recents": "Vus récemment", "en-cours": "Propositions en cours"}


def filters_of(mine: CandidateQuerySet) -> list[Filter]:
    return [
        Filter("", "Tous", mine),
        Filter(
            "a-faire",
            "À faire",
            mine.with_a_step_due(),
            "Un document est à remettre, une suite est à noter, ou un CV est en "
            "retard.",
        ),
        Filter("en-cours", "Avec une proposition en cours", mine.with_any_live_act()),
        Filter(
            "sans-solution",
            "Sans solution",
            mine.without_solution(),
            "On leur a proposé quelque chose ces six derniers mois, pour la première "
            "fois il y a plus d’un mois, et aucune embauche n’en est venue.",
        ),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def candidates(request: MemberRequest) -> HttpResponse:
    """List my candidates; look-ups are posted: no name in URLs."""
    typed = typed_in(request)
    form = LookUpForm(None if is_typing(request) else request.POST or None)
    found: Found | None = form.find(by=request.user) if form.is_valid() else None
    mine = Candidate.objects.visible_to(request.user)
    ticked = ticked_in(request, mine)
    filters = filters_of(mine)
    wanted = request.GET.get("filtre", "")
    chosen = next((one for one in filters if one.code == wanted), filters[0])
    order = request.GET.get("tri", "")
    shown = mine.matching(typed) if typed else chosen.people
    listed = shown.with_live_acts().with_job_sought().select_related("adviser")
    if order == "recents":
        listed = listed.latest_used_first()
    elif order == "en-cours":
        listed = listed.busiest_first()
    page = paginate(request, listed)
    counts = mine.aggregate(
        **{
            f"n{rank}": Count("pk", filter=Q(pk__in=one.people.values("pk")))
            for rank, one in enumerate(filters)
        }
    )
    if not found:
        access_log.show(
            request.user,
            Action.PERSONS_LISTED,
            list(page.object_list),
            unasked=page.number == 1,
        )
    context = {
        "page": page,
        "form": form,
        "found": found,
        "typed": typed,
        "filters": list(zip(filters, counts.values(), strict=True)),
        "chosen": chosen,
        "sorts": SORTS,
        "order": order if order in SORTS else "",
        "ticked": ticked,
        # The ticks come along to each other list.
        "ticks": [str(one.pk) for one in ticked],
        "no_query": {},
        "elsewhere": [one for one in ticked if one not in page.object_list],
        "most": MOST_TICKED,
        "everybody": counts["n0"],
        "section": "candidats",
    }
    return answer_look_up(
        render(request, "referrals/candidates/candidates.html", context), form
    )


@require_safe
@partner_only
def candidate(request: MemberRequest, pk: UUID) -> HttpResponse:
    rows = mine_with_adviser(request).with_kept_and_consent()
    candidate = get_object_or_404(rows, pk=pk)
    access_log.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    limits = list(candidate.limits_in_force)
    context = {
        "candidate": candidate,
        "limits": limits,
        "freeze": next((one for one in limits if one.stops_all), None),
        "section": "candidats",
    }
    return render(request, "referrals/candidates/candidate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.REFERRALS)
def candidate_add(request: MemberRequest) -> HttpResponse:
    form = CandidateForm(request.POST or None, by=request.user)
    if form.is_valid() and (added := form.save()):
        messages.success(request, "Le candidat est ajouté.")
        return redirect(added)
    form.count_colleague()
    if form.homonyms:
        access_log.show(request.user, Action.PERSONS_LISTED, form.homonyms)
    context = {"form": form, "section": "candidats"}
    return answer_look_up(
        render(request, "referrals/candidates/form.html", context), form
    )


def get_candidate(request: MemberRequest, pk: UUID | None) -> Candidate:
    """Return the user's own candidate, else 404 (S20)."""
    return get_object_or_404(mine_with_adviser(request), pk=pk)


def mine_with_adviser(request: MemberRequest) -> CandidateQuerySet:
    return Candidate.objects.visible_to(request.user).select_related("adviser")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.REFERRALS)
def candidate_import(request: MemberRequest) -> HttpResponse:
    """Add the persons of the file, once."""
    form = CandidateListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        rows = form.save(by=request.user)
        added = sum(1 for row in rows if row.candidate)
        context = {
            "rows": rows,
            "added": added,
            "refused": len(rows) - added,
            "section": "candidats",
        }
        return render(request, "referrals/candidates/imported.html", context)
    context = {"form": form, "titles": CANDIDATES.titles, "section": "candidats"}
    return render(request, "referrals/candidates/import.html", context)


@require_safe
@requires(Service.REFERRALS)
def candidate_import_model(request: MemberRequest) -> HttpResponse:
    return HttpResponse(
        CANDIDATES.model(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="candidats-opus.csv"'},
    )
