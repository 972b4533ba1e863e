"""Amendments and early ends: a second person confirms (S28)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from accounts.agreements import actions, renewals
from accounts.agreements.admin import filters
from accounts.agreements.admin.of_convention import OfConvention, links_to
from accounts.agreements.forms import ConfirmEndForm
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.four_eyes import ProposalState
from accounts.agreements.models.letters import END_LETTERS
from accounts.agreements.models.terminations import Ending, EndingOrigin
from opus.lib.model_admin.admin_actions import AdminAction, confirming
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.permissions import ReadOnlyAdmin


class WaitingFilter(ChoiceFilter):
    title = "file"
    parameter_name = "file"
    options = {"a-confirmer": ("à confirmer", filters.to_confirm)}


class ProposalAdmin(OfConvention, ReadOnlyAdmin):
    list_filter = (WaitingFilter, "state", *OfConvention.list_filter)
    list_select_related = ("convention__structure", "proposed_by")

    def may_act(self, request: HttpRequest) -> bool:
        """Return whether the user decides, or withdraws an own proposal."""
        may_propose = f"accounts.add_{self.opts.model_name}"
        return super().may_act(request) or request.user.has_perm(may_propose)

    @admin.display(description="confirmation")
    def confirmation(self, proposal: Any) -> str:
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
    journal_name = "reference"
    fieldsets = (
        part(None, "convention", "structure", "state", "preview"),
        part("Notification", "reference", "noticed_on", "effective_on"),
        part("Ce qui change", "table"),
        part("Suivi", "proposed_by", "confirmation", "letters", "timeline"),
    )
    admin_actions = (
        AdminAction(
            slug="confirmer",
            label="Confirmer l’avenant",
            question="Vous confirmez ce qu’un collègue a enregistré. L’avenant "
            "s’applique de lui-même à sa date d’effet, aujourd’hui si elle est passée.",
            done="L’avenant est confirmé ; sa lettre est prête à poster.",
            form=confirming(actions.confirm_amendment),
            is_open=lambda amendment, user: amendment.may_be_confirmed_by(user),
        ),
        AdminAction(
            slug="abandonner",
            label="Abandonner l’avenant",
            question="L’avenant ne s’appliquera pas. Il reste dans l’historique.",
            done="L’avenant est abandonné.",
            form=confirming(actions.abandon_amendment),
            is_open=lambda amendment, user: amendment.may_be_abandoned_by(user),
            is_grave=True,
        ),
    )

    @admin.display(description="avant et après")
    def table(self, amendment: Amendment) -> str:
        return amendments_table([amendment])

    @admin.display(description="aperçu")
    def preview(self, amendment: Amendment) -> str:
        return preview_link(amendment.convention_id, amendment=amendment.pk)


AGREED = (
    part("Fin", "origin", "ends_on"),
    part(
        "Accord des deux parties",
        "structure_signatory",
        "signed_by_structure_on",
        "ft_signatory",
        "signed_by_ft_on",
    ),
)


@admin.register(Ending)
class EndingAdmin(ProposalAdmin):
    """A convention that ends before its term (art. 12)."""

    list_display = ("ends_on", "convention", "structure", "origin", "state")
    fieldsets = (
        part(None, "convention", "structure", "state"),
        part("Fin", "origin", "motive", "breach", "told_on", "ends_on", "at_once"),
        part("Suivi", "proposed_by", "confirmation", "letters", "timeline"),
    )
    admin_actions = (
        AdminAction(
            slug="confirmer",
            label="Confirmer la fin anticipée",
            question="Tous les comptes de la structure en sont prévenus par courriel. "
            "Cela ne se reprend pas : il faudrait une nouvelle convention.",
            done="La fin anticipée est confirmée ; sa lettre est prête à poster.",
            form=ConfirmEndForm,
            is_open=lambda ending, user: ending.may_be_confirmed_by(user),
            is_grave=True,
        ),
        AdminAction(
            slug="abandonner",
            label="Abandonner",
            question="La convention garde sa date de fin. La proposition reste dans "
            "l’historique.",
            done="La fin anticipée est abandonnée.",
            form=confirming(actions.abandon_ending),
            is_open=lambda ending, user: ending.may_be_abandoned_by(user),
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show who signed, where both parties agreed: no reason, no breach."""
        if obj is None or obj.origin != EndingOrigin.AGREEMENT:
            return self.fieldsets
        first, _, *others = self.fieldsets
        return (first, *AGREED, *others)

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        """Say what becomes of the renewal (art. 13)."""
        fate = renewals.fate_of_renewal(instance.convention)
        if instance.state == ProposalState.CONFIRMED and fate:
            self.message_user(request, fate, messages.WARNING)
        return super().respond(request, instance, result)

    @admin.display(description="lettres")
    def letters(self, ending: Ending) -> str:
        rows = ending.convention.letters.filter(kind__in=END_LETTERS)
        if ending.confirmed_at is None:
            rows = rows.none()
        return links_to(rows.select_related("convention").defer("html", "content"))


def amendments_table(amendments: Iterable[Amendment]) -> str:
    rows = [
        {"amendment": amendment, "lines": amendment.lines()} for amendment in amendments
    ]
    return render_to_string("accounts/agreements/admin/amendments.html", {"rows": rows})


def preview_link(convention: int, **query: int) -> str:
    suffix = "&".join(f"{name}={value}" for name, value in query.items())
    return format_html(
        '<a href="{}{}">Ce que verrait cette structure</a>',
        reverse("admin:convention_preview", args=[convention]),
        f"?{suffix}" if suffix else "",
    )
