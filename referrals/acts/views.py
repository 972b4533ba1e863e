"""The act matrix of article 3.2, before it is agreed.

A dry run with the real function (``act_rights.acts_on``); it writes nothing.
"""

import dataclasses
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.agreements.models.conventions import Convention
from accounts.enums import Service
from accounts.users.enums import Role, UserState
from accounts.users.territory import within
from offers.catalogue.models import Offer
from offers.enums import Mode, OfferState
from opus.lib.forms.base import Form, as_number
from referrals.acts.act_rights import ActKind, Permission, Situation, acts_on


class PreviewForm(Form):
    """The services and the reading of article 3.2 to try."""

    all_optional = True

    consultation = forms.BooleanField(label="Consultation des offres", required=False)
    referrals = forms.BooleanField(
        label="Délégation de la mise en relation", required=False
    )
    reading = forms.ChoiceField(
        label="Lecture de l’article 3.2",
        choices=[
            ("A", "A : chaque proposition sur les offres que son mode lui réserve"),
            ("B", "B : les trois propositions sur toutes les offres avec présélection"),
        ],
        widget=forms.RadioSelect,
    )


@dataclasses.dataclass(frozen=True)
class Column:
    """One kind of offers: their number, and each act's answer."""

    mode: Mode
    count: int
    unpublished: int
    answers: dict[ActKind, Permission]


@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an adviser's rights under these terms, in the territory."""
    user: Any = request.user
    if not user.has_perm("accounts.view_convention"):
        raise Http404
    rows = Convention.objects.with_terms().select_related("structure")
    mine = within(rows, user, "agency", "structure__agency")
    convention = get_object_or_404(mine, pk=pk)
    form = PreviewForm(tested_values(request, convention), label_suffix="")
    form.is_valid()
    services = {
        Service.CONSULTATION: form.cleaned_data["consultation"],
        Service.REFERRALS: form.cleaned_data["referrals"],
    }
    granted = frozenset(name for name, is_granted in services.items() if is_granted)
    reading = form.cleaned_data.get("reading") or settings.ACTS_READING
    columns = columns_for(granted, reading)
    may_read = Service.CONSULTATION in granted
    context = {
        **admin.site.each_context(request),
        "title": "Ce que verrait cette structure",
        "convention": convention,
        "record_url": reverse("admin:accounts_convention_change", args=[convention.pk]),
        "list_url": reverse("admin:accounts_convention_changelist"),
        "form": form,
        "is_as_agreed": granted == frozenset(convention.services)
        and reading == settings.ACTS_READING,
        "is_in_force": convention.is_in_force(),
        "columns": columns,
        "may_read": may_read,
        "readable": sum(column.count for column in columns) if may_read else 0,
        "unpublished": sum(column.unpublished for column in columns) if may_read else 0,
        "acts": [
            (kind.label, [column.answers[kind] for column in columns])
            for kind in ActKind
        ],
    }
    return TemplateResponse(request, "admin/preview.html", context)


def tested_values(request: HttpRequest, convention: Convention) -> dict[str, Any]:
    """Return the tested values: typed, else an amendment's, else today's."""
    if "reading" in request.GET:
        return request.GET.dict()
    terms = convention.terms
    number = as_number(request.GET.get("amendment", ""))
    rows = convention.amendments
    amendment = rows.filter(pk=number).first() if number is not None else None
    changes = amendment.changes if amendment else {}
    return {
        "consultation": changes.get("consultation", terms.consultation),
        "referrals": changes.get("referrals", terms.referrals),
        "reading": settings.ACTS_READING,
    }


def columns_for(services: frozenset[str], reading: str) -> list[Column]:
    """Return each mode of offers with its counts and answers."""
    hidden = Count("pk", filter=Q(published=False))
    active = Offer.objects.filter(state=OfferState.ACTIVE)
    rows = active.order_by().values_list("preselection", "delegated")
    counts: dict[str, tuple[int, int]] = dict.fromkeys(Mode, (0, 0))
    for preselection, delegated, count, unpublished in rows.annotate(
        count=Count("pk"), unpublished=hidden
    ):
        mode = Offer(preselection=preselection, delegated=delegated).mode
        before = counts[mode]
        counts[mode] = (before[0] + count, before[1] + unpublished)
    return [
        Column(
            mode=mode,
            count=counts[mode][0],
            unpublished=counts[mode][1],
            answers=acts_on(
                Situation(
                    role=Role.ADVISER,
                    account_state=UserState.ACTIVE,
                    convention_in_force=True,
                    services=services,
                    mode=mode,
                    offer_state=OfferState.ACTIVE,
                    reading=reading,
                )
            ),
        )
        for mode in Mode
    ]
