"""Buttons, queues and lines of a renewal (art. 13)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.agreements import renewals
from accounts.agreements.admin.of_convention import for_admins
from accounts.agreements.enums import FOLLOWING_STATES, ConventionState
from accounts.agreements.forms import RenewForm
from accounts.agreements.models.conventions import Convention
from opus.lib.dates import date_format
from opus.lib.model_admin.admin_actions import AdminAction, confirming, leads_to

RENEW = "renouveler"
BUTTONS = (
    AdminAction(
        slug="abandonner",
        label="Abandonner le projet",
        question="Ce projet ne sera pas signé. Il reste dans l’historique, et son "
        "numéro reste pris. La convention qu’il renouvelle, s’il y en a une, peut "
        "l’être par un autre projet.",
        done="Le projet est abandonné.",
        form=confirming(renewals.abandon),
        is_open=for_admins(leads_to(ConventionState.ABANDONED)),
        is_grave=True,
    ),
    AdminAction(
        slug=RENEW,
        label="Renouveler",
        question="La convention suivante se prépare à partir de celle-ci, avec ses "
        "services, son nombre de comptes et ses correspondants à son dernier jour, "
        "avenants compris. Vous la relirez avant sa signature (art. 13).",
        done="La convention suivante est préparée : relisez-la, puis enregistrez "
        "sa signature.",
        form=RenewForm,
        is_open=lambda convention, user: renewals.is_renewable(convention),
        why_not=lambda convention, user: renewals.why_not_renew(convention),
    ),
)


@admin.action(description="Rappeler le renouvellement au RGC")
def remind_all(pages: Any, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
    """Write to the RGC of each; show what was done, line by line."""
    if not pages.may_act(request):
        raise PermissionDenied
    by: Any = request.user
    context = {
        **pages.admin_site.each_context(request),
        "title": "Rappels de renouvellement",
        "opts": pages.opts,
        "list_url": pages.list_url(suite="a_preparer"),
        "lines": [
            (convention, pages.record_url(convention), sentence)
            for convention, sentence in renewals.remind(chosen, by=by)
        ],
    }
    template = "accounts/agreements/admin/reminders.html"
    return TemplateResponse(request, template, context)


def is_prepared(convention: Convention) -> bool:
    return convention.renewal is not None


def lines_of(convention: Convention) -> list[tuple[Convention, str, str]]:
    """Return what it renews and what renews it."""
    return [
        (row, f"{words} la {row}", row.get_state_display())
        for words, row in (
            ("Renouvelle", convention.renews),
            ("Renouvelée par", convention.renewal),
        )
        if row
    ]


def gap_said(convention: Convention) -> str:
    """Return the days without access after the convention before, in French."""
    if convention.state not in FOLLOWING_STATES or convention.gap is None:
        return ""
    first, last = convention.gap
    return (
        f"Entre les deux conventions, du {date_format(first)} au {date_format(last)}, "
        "Opus est fermé à cette structure."
    )
