from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.enums import Service
from accounts.signin.access import partner_only, requires, wanted
from accounts.signin.http import MemberRequest
from accounts.users.models.users import User
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.web import paginate
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import KINDS, Act, ActQuerySet
from referrals.acts.models.outcomes import OutcomeCode
from referrals.acts.next_step import NextStep, task_of
from referrals.acts.paper_facts import join
from referrals.acts.timeline import timeline_of
from referrals.acts.usual_channel import usual_channel
from referrals.acts.withdrawals import withdrawal_message_of
from referrals.candidate_emails import sending
from referrals.candidate_emails.models import with_emails
from referrals.candidates import access_log
from referrals.documents.actions import why_not_renewed
from referrals.follow_up.filters import (
    BY_PERSON,
    NEWEST_FIRST,
    ActFilter,
    ActSearch,
    Choices,
    Orders,
    PersonForm,
)
from referrals.follow_up.forms import CancelForm, GestureForm, HandOverForm

# URL of a step → its name, form and new state.
Steps = Mapping[str, tuple[str, type[GestureForm], str]]
# A form, and whether the act's state allows it.
Wanted = Mapping[str, tuple[type[GestureForm], bool]]
# The alert of these says what the offer changed in the paper.
CHANGED = {NextStep.REPLACE, NextStep.RENEW}
PERSONS = ("offer", "candidate__adviser", "adviser", "structure")


class ActPages:
    """List, page and steps of one kind of act."""

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
        raise NotImplementedError

    def forms(self, act: Any, user: User) -> Wanted:
        raise NotImplementedError

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
        wanted = self.forms(act, request.user)
        context = context_of(request, act, bound, wanted)
        context |= self.context(act, request.user)
        return render(request, self.templates[1], context)


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


def context_of(
    request: MemberRequest, act: Act, bound: GestureForm | None, wanted: Wanted
) -> dict[str, Any]:
    """Return the context of an act's page, with its forms."""
    access_log.show(request.user, Action.PERSON_READ, [act.candidate], target=act)
    forms: Wanted = {
        "hand_over_form": (HandOverForm, act.can_be_handed_over),
        "cancel_form": (CancelForm, act.can_be_cancelled),
        **wanted,
    }
    context: dict[str, Any] = {
        name: bound if type(bound) is form_class else form_class(act=act)
        for name, (form_class, is_open) in forms.items()
        if is_open
    }
    form = context.get("hand_over_form")
    document = form.document if form else act.document
    step = task_of(act)
    changes = document.changes if document and step and step.step in CHANGED else []
    return context | {
        "step": step,
        "changes": join(changes) if changes else "",
        "why_not_renewed": why_not_renewed(act) if changes else "",
        "renewals": join(document.renewals)
        if document and document.renewals and not why_not_renewed(act)
        else "",
        "act": act,
        "document": document,
        "why_no_mail": form.why_no_mail
        if form
        else sending.why_no_email(act, document),
        "last_mail": document.mails.for_page().first()
        if document and document.was_mailed
        else None,
        "usual_channel": usual_channel(request.user)
        if "hand_over_form" in context
        else None,
        "timeline": timeline_of(act),
        "notice": withdrawal_message_of(act)
        if step and step.step == NextStep.WITHDRAWN
        else None,
        "has_errors": bool(bound and bound.errors),
        "section": "mises-en-contact",
    }


def outcome_context(act: Act, user: User) -> dict[str, Any]:
    usual: list[OutcomeCode] = []
    if act.can_record_outcome(user):
        usual, _ = OutcomeCode.objects.usual_and_others()
    return {
        "can_undo_outcome": act.can_undo_outcome(user),
        "others": other_acts(act),
        "usual_outcomes": usual,
    }


def other_acts(act: Act) -> list[Act]:
    """After a hire, return the other live acts (5.2)."""
    if not (act.outcome and act.outcome.is_hire):
        return []
    others = Act.objects.live().filter(candidate=act.candidate_id)
    return list(others.exclude(pk=act.pk).whole())
