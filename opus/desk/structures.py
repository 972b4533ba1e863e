"""A structure's page: where the partner stands, and all that belongs to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst

from accounts.agreements.admin.of_convention import status_of
from accounts.agreements.enums import IN_FORCE_STATES, ConventionState
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.letters import Letter
from accounts.meetings.models import ReviewMeeting
from accounts.nominations.enums import OPEN_STATES
from accounts.nominations.models import Nomination
from accounts.security.models import Alert
from accounts.structures.models import Structure
from accounts.users.models.users import User
from opus.desk.past import Past, past_of
from opus.desk.structure_steps import Step, period_of, steps_of
from opus.desk.work import Task, piles_of
from opus.lib.audit.models import AuditEntry
from opus.lib.dates import date_format
from opus.lib.model_admin.admin_actions import AdminAction
from opus.lib.model_admin.formatting import admin_url, link_to
from opus.support.tickets.models import Ticket

LETTERS_SHOWN = MEETINGS_SHOWN = TICKETS_SHOWN = ALERTS_SHOWN = 5
ACCOUNTS_SHOWN = 15


@dataclass(frozen=True)
class Row:
    """One line of a card, with its page."""

    url: str
    label: str
    detail: str


@dataclass(frozen=True)
class Button:
    action: AdminAction
    url: str


class Hub:
    """What one reader may see of a structure; each row has its page."""

    def __init__(self, request: HttpRequest, structure: Structure) -> None:
        self.request = request
        self.structure = structure

    # --- What the reader may open -----------------------------------------------------

    def pages(self, model: type[Model]) -> Any:
        return admin.site.get_model_admin(model)

    def may_open(self, model: type[Model]) -> bool:
        return bool(self.pages(model).has_view_permission(self.request))

    def rows(self, model: type[Model], path: str) -> QuerySet[Any]:
        """Return the structure's rows in the reader's territory."""
        rows = model._default_manager.filter(**{path: self.structure})
        if not self.may_open(model):
            return rows.none()
        return self.pages(model).within(rows, self.request.user)

    def of_conventions(self, model: type[Model]) -> QuerySet[Any]:
        rows = self.rows(model, "convention__structure")
        return rows.select_related("convention")

    def url(self, row: Model) -> str:
        return admin_url(type(row), "change", row.pk)

    def list_url(self, model: type[Model]) -> str:
        """Return where its rows are listed, for who may open them."""
        if not self.may_open(model):
            return ""
        return str(self.pages(model).list_url(structure=self.structure.pk))

    def add_url(self, model: type[Model], **given: Any) -> str:
        """Return where a row is added, for who may add one."""
        if not self.pages(model).has_add_permission(self.request):
            return ""
        return f"{admin_url(model, 'add')}?{urlencode(given)}"

    # --- Its conventions --------------------------------------------------------------

    @cached_property
    def conventions(self) -> list[Convention]:
        rows: Any = self.rows(Convention, "structure").select_related("parent")
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
    def convention_url(self) -> str:
        return self.url(self.convention) if self.convention else ""

    @property
    def period(self) -> str:
        return period_of(self.convention) if self.convention else ""

    @property
    def other_rows(self) -> list[Row]:
        return [
            Row(self.url(one), one.number, one.get_state_display())
            for one in self.conventions
            if one != self.convention
        ]

    @cached_property
    def buttons(self) -> list[Button]:
        """Return the gestures of the convention's page."""
        convention = self.convention
        if convention is None:
            return []
        open_ones = self.pages(Convention).open_actions(self.request, convention)
        return [
            Button(one, admin_url(Convention, "action", convention.pk, one.slug))
            for one in open_ones
        ]

    @property
    def partnership_end(self) -> str:
        return date_format(self.convention.parent.ends_on) if self.convention else ""

    @property
    def partnership(self) -> str:
        """Return its number, linked if the reader may open it."""
        parent = self.convention.parent if self.convention else None
        return link_to(parent, self.request.user, parent.number) if parent else ""

    @property
    def agency_url(self) -> str:
        """Return the agency's page: it lies in the reader's territory too."""
        agency = self.structure.agency
        return self.url(agency) if self.may_open(type(agency)) else ""

    # --- Its people -------------------------------------------------------------------

    @cached_property
    def nominations(self) -> list[Nomination]:
        rows = self.of_conventions(Nomination).filter(state__in=OPEN_STATES)
        return list(rows.select_related("person", "convention").order_by("pk"))

    @property
    def people(self) -> Iterator[Row]:
        """Yield who is or becomes RGC, then the accounts for who may read them."""
        for one in self.nominations:
            detail = f"RGC, {one.get_state_display()}"
            yield Row(self.url(one), one.full_name, detail)
        shown = [one.person_id for one in self.nominations if one.person_id]
        accounts = self.rows(User, "structure").exclude(pk__in=shown)
        accounts = accounts.order_by("role", "state", "last_name", "pk")
        for account in accounts[:ACCOUNTS_SHOWN]:
            seen = account.last_login
            words = [
                account.get_role_display(),
                account.get_state_display(),
                f"vu le {date_format(timezone.localdate(seen))}" if seen else "",
            ]
            label = account.get_full_name()
            yield Row(self.url(account), label, ", ".join(filter(None, words)))

    @cached_property
    def seats(self) -> int:
        """Return how many accounts count in annexe 2."""
        return User.objects.counted().filter(structure=self.structure).count()

    @property
    def accounts_url(self) -> str:
        return self.list_url(User)

    # --- What was written and said ----------------------------------------------------

    @cached_property
    def letter_rows(self) -> list[Row]:
        rows = self.of_conventions(Letter).defer("html", "content")
        return [
            Row(
                self.url(letter),
                letter.number,
                f"{letter.get_kind_display()}\xa0: {status_of(letter)}",
            )
            for letter in rows.order_by("-created_at", "-pk")[:LETTERS_SHOWN]
        ]

    @property
    def letters_url(self) -> str:
        return self.list_url(Letter)

    @cached_property
    def meetings(self) -> list[ReviewMeeting]:
        rows = self.of_conventions(ReviewMeeting).defer("minutes_file")
        return list(rows.order_by("-held_on", "pk")[:MEETINGS_SHOWN])

    @property
    def meeting_rows(self) -> list[Row]:
        return [
            Row(self.url(one), capfirst(str(one)), one.status) for one in self.meetings
        ]

    @property
    def add_meeting_url(self) -> str:
        convention = self.convention
        if convention is None or not convention.is_in_force():
            return ""
        return self.add_url(ReviewMeeting, convention=convention.pk)

    @property
    def activity_url(self) -> str:
        return f"{reverse('activity')}?vue={self.structure.pk}"

    @property
    def tickets_url(self) -> str:
        return self.list_url(Ticket)

    @property
    def alerts_url(self) -> str:
        return self.list_url(Alert)

    @property
    def help_rows(self) -> Iterator[Row]:
        """Yield the last requests for help, then the alerts that are open."""
        tickets = self.rows(Ticket, "structure").order_by("-created_at", "-number")
        for ticket in tickets[:TICKETS_SHOWN]:
            detail = f"{ticket.get_topic_display()}, {ticket.get_state_display()}"
            yield Row(self.url(ticket), ticket.number, detail)
        alerts: Any = self.rows(Alert, "structure")
        for alert in alerts.unsettled().order_by("-last_at", "pk")[:ALERTS_SHOWN]:
            at = date_format(timezone.localdate(alert.last_at))
            yield Row(self.url(alert), capfirst(str(alert)), at)

    # --- Its past ---------------------------------------------------------------------

    @cached_property
    def past(self) -> list[Past]:
        return past_of(self.rows)

    @property
    def journal_url(self) -> str:
        """Return its journal for who may read it: the journal has no territory."""
        may_read = self.may_open(AuditEntry)
        return admin_url(Structure, "history", self.structure.pk) if may_read else ""

    # --- Where it stands --------------------------------------------------------------

    @cached_property
    def tasks(self) -> list[Task]:
        piles = piles_of(self.request, self.structure)
        return [
            task
            for pile in piles
            for task in pile.tasks
            if pile.queue.task and (task.is_mine or not pile.queue.is_optional)
        ]

    @cached_property
    def steps(self) -> list[Step]:
        return steps_of(self)
