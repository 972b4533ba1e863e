"""Amendments and early ends: read, confirmed by a second person, abandoned (S28)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from accounts import agreements
from accounts.admin.letters import links_to
from accounts.models import Amendment, Ending, ProposalState, User
from accounts.scope import within
from opus.lib.sorting import ByName
from opus.lib.staff import Queue, ReadOnlyAdmin, Verb, VerbForm


class ConfirmAmendmentForm(VerbForm):
    def save(self, *, by: User) -> None:
        agreements.confirm_amendment(self.instance, by=by)


class AbandonAmendmentForm(VerbForm):
    def save(self, *, by: User) -> None:
        agreements.abandon_amendment(self.instance, by=by)


class ConfirmEndingForm(VerbForm):
    def save(self, *, by: User) -> None:
        agreements.confirm_ending(self.instance, by=by)


class AbandonEndingForm(VerbForm):
    def save(self, *, by: User) -> None:
        agreements.abandon_ending(self.instance, by=by)


class ProposalAdmin(ReadOnlyAdmin):
    """What the two registers of proposals share."""

    list_filter = ("state",)
    list_select_related = ("convention__structure", "proposed_by")
    search_fields = (
        "convention__number",
        "convention__structure__name",
        "=convention__agency__safir",
    )
    search_help_text = "Convention, structure ou code SAFIR."

    def may_act(self, request: HttpRequest) -> bool:
        """Agents take their own proposals back; administrators decide."""
        may_propose = f"accounts.add_{self.opts.model_name}"
        return super().may_act(request) or request.user.has_perm(may_propose)

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(
            queryset, user, "convention__agency", "convention__structure__agency"
        )

    def waiting(self, request: HttpRequest, rank: int, label: str) -> Queue:
        rows = self.within(self.model._default_manager.all(), request.user)
        count = rows.filter(state=ProposalState.PROPOSED).count()
        return Queue(
            rank=rank,
            label=label,
            value=str(count),
            url=self.list_url(state__exact=ProposalState.PROPOSED),
            hint="attendent une seconde personne",
            is_waiting=count > 0,
        )

    @admin.display(
        description="structure", ordering=ByName("convention__structure__name")
    )
    def structure(self, proposal: Any) -> str:
        return str(proposal.convention.structure)

    @admin.display(description="confirmation")
    def confirmation(self, proposal: Any) -> str:
        """By whom, or who still must."""
        if proposal.confirmed_by:
            return f"par {proposal.confirmed_by}"
        if not proposal.is_waiting:
            return "—"
        if proposal.is_an_agents:
            return f"attendue d’un administrateur, proposé par {proposal.proposed_by}"
        return f"attendue d’une autre personne que {proposal.proposed_by}"


@admin.register(Amendment)
class AmendmentAdmin(ProposalAdmin):
    """A dated change of a signed convention (art. 5.2)."""

    list_display = ("effective_on", "convention", "structure", "reference", "state")
    fieldsets = (
        (None, {"fields": ("convention", "structure", "state", "preview")}),
        ("Notification", {"fields": ("reference", "noticed_on", "effective_on")}),
        ("Ce qui change", {"fields": ("table",)}),
        (
            "Suivi",
            {"fields": ("proposed_by", "confirmation", "letters", "timeline")},
        ),
    )
    verbs = (
        Verb(
            slug="confirmer",
            label="Confirmer l’avenant",
            question="Vous confirmez ce qu’un collègue a enregistré. L’avenant "
            "s’applique de lui-même à sa date d’effet, aujourd’hui si elle est passée.",
            done="L’avenant est confirmé ; sa lettre est prête à poster.",
            form=ConfirmAmendmentForm,
            is_open=lambda amendment, user: amendment.may_be_confirmed_by(user),
            action=None,
        ),
        Verb(
            slug="abandonner",
            label="Abandonner l’avenant",
            question="L’avenant ne s’appliquera pas. Il reste dans l’historique.",
            done="L’avenant est abandonné.",
            form=AbandonAmendmentForm,
            is_open=lambda amendment, user: amendment.may_be_abandoned_by(user),
            action=None,
            is_grave=True,
        ),
    )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        yield self.waiting(request, 15, "Avenants à confirmer")

    @admin.display(description="avant et après")
    def table(self, amendment: Amendment) -> str:
        return amendments_table([amendment])

    @admin.display(description="lettres")
    def letters(self, amendment: Amendment) -> str:
        return links_to(amendment.letters.all())

    @admin.display(description="aperçu")
    def preview(self, amendment: Amendment) -> str:
        return preview_link(amendment.convention_id, amendment=amendment.pk)


@admin.register(Ending)
class EndingAdmin(ProposalAdmin):
    """A convention that is to end before its term (art. 12)."""

    list_display = ("ends_on", "convention", "structure", "origin", "state")
    fieldsets = (
        (None, {"fields": ("convention", "structure", "state")}),
        ("Fin", {"fields": ("origin", "breach", "told_on", "ends_on", "at_once")}),
        ("Suivi", {"fields": ("proposed_by", "confirmation", "timeline")}),
    )
    verbs = (
        Verb(
            slug="confirmer",
            label="Confirmer la fin anticipée",
            question="La convention prend fin le jour indiqué, ou dès maintenant si la "
            "fermeture immédiate est demandée. Tous ses comptes sont prévenus par "
            "courriel. Cela ne se reprend pas : il faudrait une nouvelle convention.",
            done="La fin anticipée est confirmée ; sa lettre est prête à poster.",
            form=ConfirmEndingForm,
            is_open=lambda ending, user: ending.may_be_confirmed_by(user),
            action=None,
            is_grave=True,
        ),
        Verb(
            slug="abandonner",
            label="Abandonner",
            question="La convention garde sa date de fin. La proposition reste dans "
            "l’historique.",
            done="La fin anticipée est abandonnée.",
            form=AbandonEndingForm,
            is_open=lambda ending, user: ending.may_be_abandoned_by(user),
            action=None,
        ),
    )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        yield self.waiting(request, 16, "Fins anticipées à confirmer")


def amendments_table(amendments: Iterable[Amendment]) -> str:
    """What changed, before and after, the latest first."""
    rows = [
        {"amendment": amendment, "lines": amendment.lines()} for amendment in amendments
    ]
    return render_to_string("admin/amendments.html", {"rows": rows})


def preview_link(convention: int, **query: int) -> str:
    """To the dry run of the upper app, by its address alone."""
    suffix = "&".join(f"{name}={value}" for name, value in query.items())
    return format_html(
        '<a href="{}{}">Ce que verrait cette structure</a>',
        reverse("admin:convention_preview", args=[convention]),
        f"?{suffix}" if suffix else "",
    )
