import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, Q, Value
from django.db.models.functions import Concat, JSONArray
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.enums import Service
from accounts.signin.access import MemberRequest, partner_only, requires, wanted
from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.enums import OfferState
from offers.reference.trades import Plain
from offers.search.results import similar_offers
from opus.lib.audit.journal import Action
from opus.lib.database.name_order import ByName
from opus.lib.database.states import MoveRefused
from opus.lib.forms.base import Form, as_uuid
from opus.lib.french import plain
from opus.lib.web import paginate
from referrals.acts.act_context import facts_of, posts_after
from referrals.acts.act_rights import ActKind
from referrals.acts.models import KINDS, Act, ActQuerySet, usual_channel
from referrals.acts.next_step import OF_THE_OFFER, OFFER_CHANGED, NextStep, task_of
from referrals.acts.outcomes import OutcomeCode
from referrals.acts.paper_facts import join
from referrals.acts.states import LIVE_STATES, PLACEMENTS
from referrals.acts.timeline import timeline_of
from referrals.candidate_emails.emails import why_no_email
from referrals.candidate_emails.models import with_emails
from referrals.candidates import access_log
from referrals.documents.actions import why_not_renewed
from referrals.follow_up.forms import CancelForm, GestureForm, HandOverForm

# The value in the URL → its label and its condition.
Choices = Mapping[str, tuple[str, Q]]


@dataclasses.dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: int
    is_chosen: bool


class ActFilter:
    """The filter in force; an unknown value means all."""

    def __init__(self, acts: Any, value: str, choices: Choices) -> None:
        self.value = value if value in choices else ""
        self.acts = acts.filter(choices[self.value][1])
        counts: dict[str, int] = acts.aggregate(
            **{
                f"n{rank}": Count("pk", filter=kept) if kept else Count("pk")
                for rank, (_, kept) in enumerate(choices.values())
            }
        )
        self.choices = [
            Choice(value, label, counts[f"n{rank}"], value == self.value)
            for rank, (value, (label, _)) in enumerate(choices.items())
        ]
        self.count = next(one.count for one in self.choices if one.is_chosen)


# The value in the URL → its label and its order.
Orders = Mapping[str, tuple[str, Sequence[Any]]]
BY_PERSON = (ByName("candidate__last_name"), ByName("candidate__first_name"), "pk")
NEWEST_FIRST = ("-created_at", "pk")
# Above this, a name is too short to choose anybody.
MOST_PEOPLE = 20
# The list of each kind, on its tab.
LISTS = {
    ActKind.REFERRAL: "Sans présélection",
    ActKind.SCREENED_REFERRAL: "Avec présélection",
    ActKind.CV_REQUEST: "Demandes de CV",
    ActKind.APPOINTMENT: "Convocations",
}


class PersonForm(Form):
    """Find acts by a person's name; posted: no name in URLs."""

    who = forms.CharField(
        label="Nom ou prénom",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, acts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.acts = acts
        self.people: list[UUID] = []

    def clean_who(self) -> str:
        who: str = self.cleaned_data["who"]
        self.people = people_named(who, self.acts)
        if not self.people:
            raise forms.ValidationError(
                "Aucune proposition de cette liste n’est à ce nom\u00a0: vérifiez-le, "
                "ou choisissez un autre type de proposition."
            )
        if len(self.people) > MOST_PEOPLE:
            raise forms.ValidationError(
                "Trop de candidats portent ces lettres\u00a0: écrivez le nom en entier."
            )
        return who


def people_named(text: str, acts: Any) -> list[UUID]:
    """Return the persons whose name has these words, among these acts."""
    whole = Concat(
        "candidate__first_name",
        Value(" "),
        "candidate__last_name",
        output_field=CharField(),
    )
    found = acts.alias(who=Plain(whole))
    words = plain(text).split()
    for word in words:
        found = found.filter(who__contains=word)
    people = found.order_by().values_list("candidate", flat=True).distinct()
    return list(people[: MOST_PEOPLE + 1]) if words else []


class ActSearch:
    """The acts that the list's address wants, in its order."""

    def __init__(self, acts: Any, query: QueryDict, orders: Orders) -> None:
        self.orders = orders
        self.people = list(filter(None, map(as_uuid, query.getlist("personne"))))
        # An employer is named by one of its offers: it may bear a person's name.
        self.employer, self.outcome = query.get("employeur", ""), ""
        self.order = order if (order := query.get("tri", "")) in orders else ""
        if self.people:
            acts = acts.filter(candidate__in=self.people[:MOST_PEOPLE])
        if self.employer:
            same = Offer.objects.filter(pk=self.employer).exclude(company="")
            acts = acts.filter(offer__company__in=same.values("company"))
        if acts.model.KIND in PLACEMENTS and (outcome := query.get("suite", "")):
            self.outcome = outcome
            acts = acts.filter(outcome__code=outcome)
        self.acts = acts

    @property
    def is_narrowed(self) -> bool:
        return bool(self.people or self.employer or self.outcome)

    def sorted(self, acts: Any) -> Any:
        return acts.order_by(*order) if (order := self.orders[self.order][1]) else acts


def facets_of(user: User, kind: ActKind) -> dict[str, Any]:
    """Return the tabs of the lists, and what one's acts may be narrowed to.

    One query: how many acts of each kind are under way; the employers of this kind's
    acts, each with one of its open offers (R1); their outcomes.
    """
    these = Q(kind=kind)
    named = these & Q(offer__state=OfferState.ACTIVE) & ~Q(offer__company="")
    code = "outcome__code__position", "outcome__code", "outcome__code__label"
    found = Act.objects.visible_to(user).aggregate(
        employers=ArrayAgg(
            JSONArray("offer__company", "offer"), filter=named, distinct=True
        ),
        outcomes=ArrayAgg(
            JSONArray(*code), filter=these & Q(outcome__isnull=False), distinct=True
        ),
        **{
            one.name: Count("pk", filter=Q(kind=one, state__in=LIVE_STATES))
            for one in LISTS
        },
    )
    employers = dict(found["employers"] or [])
    return {
        "kinds": [
            {
                "url": reverse(f"{one.name.lower()}s"),
                "label": label,
                "count": found[one.name],
                "is_open": one == kind,
            }
            for one, label in LISTS.items()
        ],
        "employers": sorted(employers.items(), key=lambda one: plain(one[0])),
        "outcomes": [one[1:] for one in sorted(found["outcomes"] or [])],
    }


# Similar offers beside the message of a withdrawal.
ALIKE_SHOWN = 3


def notice_of(act: Act) -> dict[str, Any]:
    """Return what a withdrawal leaves to do: similar offers that have a post left."""
    offers = similar_offers(act.offer, 2 * ALIKE_SHOWN)
    hires = facts_of(offers, []).hires
    left = [one for one in offers if posts_after(one, hires[one.pk]) != 0]
    return {"act": act, "similar_offers": left[:ALIKE_SHOWN]}


# URL of a step → its name, form and new state.
Steps = Mapping[str, tuple[str, type[GestureForm], str]]
# A form, and whether the act's state allows it.
Wanted = Mapping[str, tuple[type[GestureForm], bool]]
# The alert of these says what the offer changed in the paper.
CHANGED = {NextStep.REPLACE, NextStep.RENEW}
PERSONS = ("offer", "candidate__adviser", "adviser", "structure")


class ActPages:
    """List, page and steps of one kind of act: what it has besides any act."""

    kind: ClassVar[ActKind]
    # Templates of the list and of the page.
    templates: ClassVar[tuple[str, str]]
    steps: ClassVar[Steps]
    # The orders of the list; the first is the usual one.
    orders: ClassVar[Orders] = {
        "": ("les plus récentes", NEWEST_FIRST),
        "personne": ("nom du candidat", BY_PERSON),
    }
    # Relations that the page reads.
    related: ClassVar[Sequence[str]] = ()

    def listed(self, user: User) -> ActQuerySet[Any]:
        return KINDS[self.kind].objects.visible_to(user).with_next_step()

    def choices(self) -> Choices:
        """Return the filters of the list; each kind adds its own."""
        return {
            "": ("Toutes", Q()),
            "a-remettre": ("Document à remettre", Q(next_step=NextStep.HAND_OVER)),
            "a-refaire": ("Document à refaire", Q(next_step=NextStep.RENEW)),
            "retirees": (OFFER_CHANGED, Q(next_step__in=OF_THE_OFFER)),
        }

    def forms(self, act: Any, user: User) -> Wanted:
        """Return the forms of the page, each with whether the act allows it."""
        return {
            "hand_over_form": (HandOverForm, act.can_be_handed_over),
            "cancel_form": (CancelForm, act.can_be_cancelled),
        }

    def context(self, act: Any, user: User) -> dict[str, Any]:
        """Return what the page of this kind shows besides."""
        return {}

    def get(self, request: MemberRequest, pk: UUID) -> Any:
        """Return an act of the user's candidate, else 404 (S20)."""
        mine = KINDS[self.kind].objects.visible_to(request.user)
        shown = mine.with_next_step().select_related(*PERSONS, *self.related)
        return get_object_or_404(shown, pk=pk)

    def show(
        self, request: MemberRequest, act: Any, bound: GestureForm | None = None
    ) -> HttpResponse:
        """Render the act's page, with its forms; ``bound``: the one with errors."""
        user = request.user
        access_log.show(user, Action.PERSON_READ, [act.candidate], target=act)
        context: dict[str, Any] = {
            name: bound if type(bound) is form_class else form_class(act=act)
            for name, (form_class, is_open) in self.forms(act, user).items()
            if is_open
        }
        form = context.get("hand_over_form")
        document = form.document if form else act.document
        step = task_of(act)
        changes = document.changes if document and step and step.step in CHANGED else []
        renewals = document.renewals if document else []
        why_not = why_not_renewed(act) if changes or renewals else ""
        context |= {
            "act": act,
            "step": step,
            "document": document,
            "changes": join(changes) if changes else "",
            "why_not_renewed": why_not if changes else "",
            "renewals": join(renewals) if renewals and not why_not else "",
            "why_no_mail": form.why_no_mail if form else why_no_email(act, document),
            "last_mail": document.mails.for_page().first()
            if document and document.was_mailed
            else None,
            "usual_channel": usual_channel(user) if form else None,
            "timeline": timeline_of(act),
            "notice": notice_of(act)
            if step and step.step == NextStep.WITHDRAWN
            else None,
            "has_errors": bool(bound and bound.errors),
            "section": "mises-en-contact",
        }
        if act.KIND in PLACEMENTS:
            can_record = act.can_record_outcome(user)
            codes = OutcomeCode.objects
            usual = codes.usual_and_others()[0] if can_record else []
            # After a hire, the other live acts of the person (5.2).
            others = Act.objects.live().filter(candidate=act.candidate_id)
            is_hire = act.outcome and act.outcome.is_hire
            context |= {
                "can_undo_outcome": act.can_undo_outcome(user),
                "others": list(others.exclude(pk=act.pk).whole()) if is_hire else [],
                "usual_outcomes": usual,
            }
        return render(request, self.templates[1], context | self.context(act, user))


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def act_list(request: MemberRequest, pages: ActPages) -> HttpResponse:
    """List the user's acts of one kind, by pages.

    A name is posted, and leads to the address of its persons.
    """
    mine = pages.listed(request.user)
    form = PersonForm(request.POST or None, acts=mine)
    if form.is_valid():
        query = request.GET.copy()
        query.pop("page", None)
        query.setlist("personne", [str(person) for person in form.people])
        return redirect(f"{request.path}?{query.urlencode()}")
    search = ActSearch(mine, request.GET, pages.orders)
    chosen = ActFilter(search.acts, request.GET.get("etat", ""), pages.choices())
    acts = with_emails(search.sorted(chosen.acts))
    shown = acts.select_related("candidate").whole()
    page = paginate(request, shown, count=chosen.count)
    for act in page.object_list:
        act.task = task_of(act)
    access_log.show(
        request.user,
        Action.PERSONS_LISTED,
        [act.candidate for act in page.object_list],
        unasked=page.number == 1 and not chosen.value and not search.is_narrowed,
    )
    context = {
        "page": page,
        "filter": chosen,
        "search": search,
        "form": form,
        "section": "mises-en-contact",
        **facets_of(request.user, pages.kind),
    }
    return render(request, pages.templates[0], context)


@require_safe
@partner_only
def act_page(request: MemberRequest, pk: UUID, pages: ActPages) -> HttpResponse:
    return pages.show(request, pages.get(request, pk))


@require_POST
@partner_only
def act_step(
    request: MemberRequest,
    pk: UUID,
    pages: ActPages,
    form_class: type[GestureForm],
    target: str,
) -> HttpResponse:
    """Apply one form, then redirect; else show its errors.

    An action sent twice counts as done. It comes from the act's page or the home page.
    """
    act = pages.get(request, pk)
    form = form_class(request.POST, request.FILES, act=act)
    if not form.is_valid():
        return pages.show(request, act, form)
    try:
        form.save(by=request.user)
    except MoveRefused as refusal:
        act.refresh_from_db()
        if act.state != target:
            refusal.typed = form.typed
            raise
    messages.success(request, form.done)
    then = urlsplit(wanted(request))
    if then.path == (home := reverse("home")):
        query = QueryDict(then.query, mutable=True)
        query["suite"] = str(act.pk)
        return redirect(f"{home}?{query.urlencode()}")
    return redirect(act.get_absolute_url())


@require_POST
@requires(Service.REFERRALS)
def decision_emails(request: MemberRequest) -> HttpResponse:
    """Choose whether agencies' decisions come by e-mail; from *Mon compte*."""
    is_wanted = request.POST.get("recevoir") == "oui"
    User.objects.filter(pk=request.user.pk).update(decision_emails=is_wanted)
    messages.success(
        request,
        "Les décisions des agences vous seront dites par courriel."
        if is_wanted
        else "Les décisions des agences s’affichent dans Opus, sans courriel.",
    )
    return redirect(reverse("profile") + "#titre-decisions")
