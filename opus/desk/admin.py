"""A structure's page: where the partner stands, and all that belongs to it."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import (
    Case,
    DateField,
    Expression,
    F,
    Model,
    Q,
    QuerySet,
    TextChoices,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Greatest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import (
    IN_FORCE_STATES,
    Convention,
    ConventionState,
)
from accounts.agreements.models.letters import Letter
from accounts.agreements.models.terminations import Breach, Ending
from accounts.meetings.models import ReviewMeeting
from accounts.nominations.enums import OPEN_STATES, NominationState
from accounts.nominations.models import Nomination
from accounts.security.models import Alert
from accounts.structures.admin import StructureAdmin
from accounts.structures.models import Agency, Structure
from accounts.team.models import TeamReview
from accounts.users.models import User
from opus.desk.queues import LETTER_NUMBER, label_of, words
from opus.desk.work import Due, Task, piles_of
from opus.lib.audit.models import AuditEntry
from opus.lib.database.queries import union_of
from opus.lib.dates import date_format
from opus.lib.forms.base import as_number
from opus.lib.model_admin.formatting import admin_url, link_to, pages_of
from opus.support.tickets.models import Ticket

SHOWN = 5
ACCOUNTS_SHOWN = 15
PAST_SHOWN = 12
# The journal of a partner reads the lines of its latest objects of each kind.
MOST_OF_A_KIND = 100
TEXT = TextField()


class Hub:
    """What one reader may see of a structure; each row has its page."""

    def __init__(self, request: HttpRequest, structure: Structure) -> None:
        self.request = request
        self.structure = structure

    # --- What the reader may open -----------------------------------------------------

    def may_open(self, model: type[Model]) -> bool:
        return bool(pages_of(model).has_view_permission(self.request))

    def rows(self, model: type[Model]) -> Any:
        """Return the structure's rows in the reader's territory."""
        rows = of_structure(model, self.structure.pk)
        if not self.may_open(model):
            return rows.none()
        return pages_of(model).within(rows, self.request.user)

    def list_url(self, model: type[Model]) -> str:
        """Return where its rows are listed, for who may open them."""
        if not self.may_open(model):
            return ""
        return str(pages_of(model).list_url(structure=self.structure.pk))

    @cached_property
    def lists(self) -> dict[str, str]:
        """Return where its rows are listed, by the kinds that the page leads to."""
        kinds = (User, Letter, Ticket, Alert, Agency, AuditEntry)
        return {str(one._meta.model_name): self.list_url(one) for one in kinds}

    def add_url(self, model: type[Model], **given: Any) -> str:
        """Return where a row is added, for who may add one."""
        if not pages_of(model).has_add_permission(self.request):
            return ""
        return f"{admin_url(model, 'add')}?{urlencode(given)}"

    # --- Its conventions --------------------------------------------------------------

    @cached_property
    def conventions(self) -> list[Convention]:
        rows = self.rows(Convention).select_related("parent")
        return list(rows.with_terms().order_by("-starts_on", "-pk"))

    @cached_property
    def convention(self) -> Convention | None:
        """Return the one in force, else the next, a draft, or the last."""
        today = timezone.localdate()
        signed = [one for one in self.conventions if one.state in IN_FORCE_STATES]
        present = [one for one in signed if one.is_in_force()]
        to_come = [one for one in reversed(signed) if one.starts_on > today]
        drafts = [one for one in self.conventions if one.state == ConventionState.DRAFT]
        return next(iter([*present, *to_come, *drafts, *self.conventions]), None)

    @property
    def period(self) -> str:
        if self.convention is None:
            return ""
        first, last = self.convention.starts_on, self.convention.ends_on
        return f"du {date_format(first)} au {date_format(last)}"

    @property
    def other_conventions(self) -> list[Convention]:
        return [one for one in self.conventions if one != self.convention]

    @cached_property
    def buttons(self) -> list[tuple[str, str, str]]:
        """Return slug, label and address of the gestures of the convention's page."""
        if self.convention is None:
            return []
        found = pages_of(Convention).open_actions(self.request, self.convention)
        page = (Convention, "action", self.convention.pk)
        return [(one.slug, one.label, admin_url(*page, one.slug)) for one in found]

    @property
    def partnership(self) -> str:
        """Return its number, linked if the reader may open it."""
        parent = self.convention.parent if self.convention else None
        return link_to(parent, self.request.user, parent.number) if parent else ""

    # --- Its people -------------------------------------------------------------------

    @cached_property
    def nominations(self) -> list[Nomination]:
        """Return who is or becomes RGC."""
        rows = self.rows(Nomination).filter(state__in=OPEN_STATES)
        return list(rows.select_related("person", "convention").order_by("pk"))

    @cached_property
    def accounts(self) -> list[User]:
        """Return the other accounts, for who may read them."""
        shown = [one.person_id for one in self.nominations if one.person_id]
        rows = self.rows(User).exclude(pk__in=shown)
        return list(rows.order_by("role", "state", "last_name", "pk")[:ACCOUNTS_SHOWN])

    @cached_property
    def seats(self) -> int:
        """Return how many accounts count in annexe 2."""
        return User.objects.counted().filter(structure=self.structure).count()

    # --- What was written and said ----------------------------------------------------

    @cached_property
    def letters(self) -> list[tuple[Letter, str]]:
        """Return the last letters, each with its state in words."""
        rows = self.rows(Letter).select_related("convention")
        rows = rows.defer("html", "content").order_by("-created_at", "-pk")
        return [(letter, letter.status) for letter in rows[:SHOWN]]

    @cached_property
    def meetings(self) -> list[ReviewMeeting]:
        rows = self.rows(ReviewMeeting).select_related("convention")
        return list(rows.defer("minutes_file").order_by("-held_on", "pk")[:SHOWN])

    @property
    def add_meeting_url(self) -> str:
        convention = self.convention
        if convention is None or not convention.is_in_force():
            return ""
        return self.add_url(ReviewMeeting, convention=convention.pk)

    @cached_property
    def tickets(self) -> list[Ticket]:
        return list(self.rows(Ticket).order_by("-created_at", "-number")[:SHOWN])

    @cached_property
    def alerts(self) -> list[Alert]:
        rows = self.rows(Alert).unsettled()
        return list(rows.order_by("-last_at", "pk")[:SHOWN])

    @cached_property
    def past(self) -> list["Past"]:
        """Return the latest lines that the reader may open, by one statement."""
        queries = (
            self.rows(model)
            .filter(among)
            .annotate(
                past_on=Cast(on, DateField()),
                past_rank=Value(rank),
                past_pk=Cast("pk", TEXT),
                past_label=Cast(label, TEXT),
            )
            .filter(past_on__isnull=False)
            .order_by("-past_on", "pk")
            .values_list("past_on", "past_rank", "past_pk", "past_label")[:PAST_SHOWN]
            for rank, (model, on, label, among) in enumerate(EVENTS)
        )
        lines: Any = union_of(queries, "-past_on", "past_rank", "past_pk")
        return [
            Past(on, label, admin_url(EVENTS[rank][0], "change", pk))
            for on, rank, pk, label in lines[:PAST_SHOWN]
        ]

    # --- Where it stands --------------------------------------------------------------

    @cached_property
    def tasks(self) -> list[Task]:
        return [
            task
            for pile in piles_of(self.request, self.structure)
            for task in pile.tasks
            if task.is_mine or not pile.queue.is_optional
        ]

    @cached_property
    def steps(self) -> list["Step"]:
        """Return them in order: what comes later last, the late one first to do."""
        steps = sorted(all_steps(self), key=lambda step: step.state == NEXT)
        doable = [rank for rank, step in enumerate(steps) if step.verb_url]
        late = [rank for rank in doable if steps[rank].state == LATE]
        for rank in (late or doable)[:1]:
            steps[rank] = dataclasses.replace(steps[rank], is_first=True)
        return steps


# --- The steps: what is done, what comes next -----------------------------------------


class StepState(TextChoices):
    DONE = "done", "Fait"
    LATE = "late", "En retard"
    NOW = "now", "À faire"
    # Somebody else does it.
    WAITING = "waiting", "En attente"
    NEXT = "next", "Ensuite"


DONE, LATE, NOW, WAITING, NEXT = StepState


@dataclass(frozen=True)
class Step:
    state: StepState
    title: str
    note: str = ""
    url: str = ""
    verb: str = ""
    # Empty if this reader may not do it.
    verb_url: str = ""
    # The first that this reader can do: the one full button.
    is_first: bool = False


def all_steps(hub: Hub) -> Iterator[Step]:
    """Yield the summary of each part, and the tasks of its queues; the others last."""
    left = hub.tasks
    for slugs, summary in (
        (
            ("a-renouveler", "a-signer", "avenants", "fins", "manquements"),
            of_convention,
        ),
        (("sans-rgc", "a-venir-sans-rgc", "rgc-"), of_rgc),
        (("confirmations", "seconds-facteurs", "suivis"), of_accounts),
        (("lettres",), None),
        (("sans-reunion",), of_meetings),
    ):
        tasks = [task for task in left if is_among(task, slugs)]
        left = [task for task in left if task not in tasks]
        if summary:
            yield from summary(hub, tasks)
        yield from map(task_step, tasks)
    yield from map(task_step, left)


def is_among(task: Task, slugs: tuple[str, ...]) -> bool:
    """Return whether a queue is named; « rgc- » names all that begin so."""
    slug = task.queue.slug
    return slug in slugs or "rgc-" in slugs and slug.startswith("rgc-")


def task_step(task: Task) -> Step:
    verb_url = task.verb_url if task.is_mine else ""
    note = " · ".join(filter(None, [task.what, task.when]))
    state = NOW if task.is_mine else WAITING
    state = LATE if task.due == Due.LATE else state
    return Step(state, task.title, note, task.page_url, task.queue.verb, verb_url)


def of_convention(hub: Hub, tasks: list[Task]) -> Iterator[Step]:
    convention = hub.convention
    if convention is None:
        url = hub.add_url(Convention, structure=hub.structure.pk)
        yield Step(NOW, "Convention à préparer", "", "", "Préparer", url)
        return
    url = admin_url(Convention, "change", convention.pk)
    if convention.state == ConventionState.DRAFT:
        if not tasks:
            verb_url = url if hub.add_url(Convention) else ""
            note = f"{hub.period}{before_signing(convention)}"
            yield Step(NOW, "Convention à signer", note, url, "Relire", verb_url)
    elif convention.state in IN_FORCE_STATES:
        yield Step(DONE, "Convention signée", hub.period, url)
    else:
        renew = [url for slug, _, url in hub.buttons if slug == "renouveler"]
        verb_url = renew[0] if renew else ""
        yield Step(NOW, "Convention finie", hub.period, url, "Renouveler", verb_url)


def before_signing(convention: Convention) -> str:
    """Return what the signature still lacks, and whether Opus prints the paper."""
    said = ""
    if lacking := convention.missing_to_sign():
        said = f" · il manque, pour signer\xa0: {', '.join(lacking)}"
    if not convention.text_to_sign():
        said += (
            " · aucun texte modèle n’est publié\xa0: la convention se signe hors "
            "d’Opus, et son exemplaire signé s’y joint"
        )
    return said


def of_rgc(hub: Hub, tasks: list[Task]) -> Iterator[Step]:
    in_office = [
        one
        for one in hub.nominations
        if one.state == NominationState.IN_OFFICE and not one.is_past_its_end
    ]
    for one in in_office[:1]:
        since = date_format(one.office_on) if one.office_on else "—"
        note = f"{one.full_name}, depuis le {since}"
        url = admin_url(Nomination, "change", one.pk)
        yield Step(DONE, "RGC en fonction", note, url)
    if in_office or tasks:
        return
    convention = hub.convention
    if convention is None:
        yield Step(NEXT, "RGC à proposer", "quand la convention est préparée")
        return
    # A renewal carries the RGC of the convention before (art. 13).
    is_first = convention.state == ConventionState.DRAFT and not convention.renews_id
    if convention.state not in IN_FORCE_STATES and not is_first:
        yield Step(NEXT, "RGC à proposer", "après la signature de la convention")
        return
    url = hub.add_url(Nomination, convention=convention.pk)
    yield Step(NOW, "RGC à proposer", "", "", "Proposer", url)


def of_accounts(hub: Hub, tasks: list[Task]) -> Iterator[Step]:
    if not hub.seats:
        yield Step(NEXT, "Comptes à ouvrir", "par le RGC, une fois en fonction")
        return
    quota = hub.convention.quota if hub.convention else 0
    title = f"Comptes\xa0: {hub.seats} sur {quota}"
    yield Step(DONE, title, "annexe 2", hub.list_url(User))


def of_meetings(hub: Hub, tasks: list[Task]) -> Iterator[Step]:
    today = timezone.localdate()
    to_come = [one for one in hub.meetings if one.held_on >= today]
    held = [one for one in hub.meetings if one.attended]
    if to_come:
        state, one, note = NEXT, to_come[-1], "prévue"
    elif held and not tasks:
        state, one, note = DONE, held[0], "tenue"
    else:
        return
    note = f"{note} le {date_format(one.held_on)}"
    url = admin_url(ReviewMeeting, "change", one.pk)
    yield Step(state, "Réunion de suivi", note, url)


# --- Its past, and what belongs to it -------------------------------------------------

BELONGINGS: tuple[type[Model], ...] = (
    *(Structure, Convention, Nomination, Amendment, Ending, Breach, Letter),
    *(ReviewMeeting, TeamReview, User, Ticket, Alert),
)


def of_structure(model: type[Model], key: int) -> QuerySet[Any]:
    path = "pk" if model is Structure else pages_of(model).structure_path
    return model._default_manager.filter(**{path: key})


def text(sentence: str) -> Expression:
    return Value(sentence, TEXT)


CONFIRMED = Q(confirmed_at__isnull=False)
NUMBER = words(text("Convention n°\xa0"), "number")
AMENDMENT = words(text("Avenant n°\xa0"), "reference")
MAIL = words(text("Lettre n°\xa0"), LETTER_NUMBER)
DECISION = Case(
    When(refusal_reason="", then=text("Accord sur le RGC proposé")),
    default=text("Refus du RGC proposé"),
)
# A dated fact of a kind of object: its day, its words, and which of them have it.
EVENTS: tuple[tuple[type[Model], Any, Expression, Q], ...] = (
    (
        Convention,
        Greatest("signed_by_ft_on", "signed_by_structure_on"),
        words(NUMBER, text(", signée")),
        Q(),
    ),
    (Nomination, F("proposed_on"), text("RGC proposé par la structure"), Q()),
    (Nomination, F("decided_on"), DECISION, Q()),
    (Nomination, F("notified_on"), text("Accord sur le RGC notifié"), Q()),
    (Nomination, F("office_on"), text("RGC en fonction"), Q()),
    (Nomination, F("ended_on"), text("Fin de fonction du RGC"), Q()),
    (Amendment, F("effective_on"), AMENDMENT, CONFIRMED),
    (Ending, F("ends_on"), text("Fin anticipée"), CONFIRMED),
    (Breach, F("notified_on"), text("Manquements notifiés"), Q()),
    (
        Letter,
        F("posted_on"),
        words(MAIL, text(", postée\xa0: "), label_of(Letter, "kind")),
        Q(),
    ),
    (Letter, F("received_on"), words(MAIL, text(", présentée")), Q()),
    (ReviewMeeting, F("held_on"), text("Réunion de suivi tenue"), ~Q(attended=[])),
)


@dataclass(frozen=True)
class Past:
    """A dated line of the history."""

    on: dt.date
    label: str
    url: str


admin.site.unregister(Structure)


@admin.register(Structure)
class StructureHubAdmin(StructureAdmin):
    change_form_template = "desk/structure.html"

    def belongings(self, key: str) -> Iterable[tuple[str, list[str]]]:
        """Return the keys of each kind of object of a structure, by one statement."""
        found: dict[str, list[str]] = {}
        if (number := as_number(key)) is not None:
            queries = (
                of_structure(model, number)
                .annotate(
                    past_model=Value(model._meta.label_lower, TEXT),
                    past_pk=Cast("pk", TEXT),
                )
                .order_by("-pk")
                .values_list("past_model", "past_pk")[:MOST_OF_A_KIND]
                for model in BELONGINGS
            )
            for label, pk in union_of(queries, "past_model", "past_pk"):
                found.setdefault(label, []).append(pk)
        return found.items()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        structure = kwargs.get("obj")
        context["hub"] = Hub(request, structure) if structure else None
        return super().render_change_form(request, context, *args, **kwargs)
