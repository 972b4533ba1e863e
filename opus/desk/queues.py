"""A queue of the desk: rows that wait, each with its day and its verb."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from accounts.structures.models import AgencyKind, Structure
from accounts.users.enums import Role
from accounts.users.models.users import User
from accounts.users.territory import REGIONAL, TERRITORIAL, level_of
from opus.lib.model_admin.staff_admin import StaffAdmin
from referrals.follow_up.admin import QueueAdmin, query_of

# The verb that changes nothing.
VIEW = "Voir"


class Trade(models.TextChoices):
    AGREEMENTS = "conventions", "Conventions et RGC"
    REFERRALS = "candidatures", "Candidatures"
    SUPPORT = "assistance", "Assistance et droits"
    OFFERS = "offres", "Offres"
    OPERATIONS = "exploitation", "Exploitation"


# --- Whose work it is -----------------------------------------------------------------

Doer = Callable[[User], bool]


def anybody(user: User) -> bool:
    return True


def nobody(user: User) -> bool:
    """Return False: its rows are only to look at."""
    return False


def agents(user: User) -> bool:
    return user.role == Role.AGENT


def admins(user: User) -> bool:
    return user.role == Role.FT_ADMIN


def national(user: User) -> bool:
    """Return whether he speaks to the whole country."""
    return admins(user) and level_of(user) == AgencyKind.NATIONAL


def territorial(user: User) -> bool:
    """Return whether he records a territorial director's decision (4.1)."""
    return admins(user) and level_of(user) in TERRITORIAL


def regional(user: User) -> bool:
    """Return whether he records a regional director's decision (4.3)."""
    return admins(user) and level_of(user) in REGIONAL


# --- What a line says -----------------------------------------------------------------


def words(*parts: str | models.Expression) -> models.Expression:
    """Join columns; what is not a field's name is an expression."""
    found = [F(one) if isinstance(one, str) else one for one in parts]
    return Concat(*found, Value(""), output_field=models.TextField())


def label_of(model: type[models.Model], name: str) -> models.Expression:
    """Return the words of a choice."""
    choices = model._meta.get_field(name).flatchoices  # type: ignore[union-attr]
    cases = [
        models.When(**{name: value}, then=Value(str(label))) for value, label in choices
    ]
    return models.Case(*cases, default=Value(""), output_field=models.TextField())


def structure_shown(path: str, user: User) -> models.Expression:
    """Return the structure's number if this reader may open its page."""
    if not path:
        return Value("")
    pages: Any = admin.site.get_model_admin(Structure)
    seen = pages.within(Structure.objects.all(), user)
    number = Cast(F(f"{path}__pk"), models.TextField())
    return models.Case(
        models.When(**{f"{path}__in": seen.order_by()}, then=number),
        default=Value(""),
        output_field=models.TextField(),
    )


def structure_url(pk: str) -> str:
    return reverse("admin:accounts_structure_change", args=[pk]) if pk else ""


@dataclass(frozen=True, kw_only=True)
class Queue:
    slug: str
    trade: Trade
    # In the list of all that waits, then of one line: « Poster une lettre ».
    label: str
    task: str = ""
    verb: str = VIEW
    model: type[models.Model]
    waiting: Callable[[Any], QuerySet[Any]]
    # The filters of the register that show the same rows.
    filters: dict[str, Any] = field(default_factory=dict)
    # Whom a line is about, and what: expressions over the model.
    who: models.Expression | F = Value("")
    what: models.Expression | F = Value("")
    # The last day, or without one the day since when it waits.
    due: models.Expression | F | None = None
    since: models.Expression | models.Subquery | F | None = None
    has_hour: bool = False
    # The button of the row's page where the verb leads, else that page.
    button: str | models.Expression = ""
    # The address where the verb leads, if it is another page.
    opens: Callable[[str], str] | None = None
    doer: Doer = anybody
    # Who sees it at all, among those who may open the register.
    reader: Doer = anybody
    # The column of the person who may not do it: another does.
    not_by: str = ""
    # Rows whose work another queue has already.
    elsewhere: Q | None = None
    # On a structure's page, left out for who has nothing to do about it.
    is_optional: bool = False
    # The path to the structure: lines name it, and its page has them.
    structure: str = ""

    @property
    def pages(self) -> StaffAdmin:
        pages: Any = admin.site.get_model_admin(self.model)
        return pages

    @property
    def list_url(self) -> str:
        return self.pages.list_url(**self.filters)

    def url_of(self, pk: Any, button: str = "") -> str:
        """Return where the verb leads."""
        return self.opens(pk) if self.opens else self.page_of(pk, button)

    def page_of(self, pk: Any, button: str = "") -> str:
        name = f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}"
        if button:
            return reverse(f"{name}_action", args=[pk, button])
        url = reverse(f"{name}_change", args=[pk])
        # An act opens within its queue: once it is decided, the next is there.
        is_of_acts = isinstance(self.pages, QueueAdmin)
        return f"{url}?{query_of(urlencode(self.filters))}" if is_of_acts else url
