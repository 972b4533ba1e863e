"""Amendments and early ends: a second person confirms (S28)."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.agreements import actions
from accounts.agreements.admin import filters
from accounts.agreements.admin.filters import (
    ROWS,
    OfConvention,
    as_listed,
    button,
    in_days,
    rendered,
)
from accounts.agreements.forms import ConfirmEndForm, SignatoryForm
from accounts.agreements.models.amendments import (
    Amendment,
    ProposalState,
    why_not_second,
)
from accounts.agreements.models.letters import END_LETTERS
from accounts.agreements.models.terminations import (
    UNSENT_BREACHES,
    Breach,
    BreachState,
    Ending,
    EndingOrigin,
)
from opus.lib.dates import add_months
from opus.lib.forms.base import day_field
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.forms import AdminActionForm, confirming, leads_to
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin
from opus.lib.uploads.received import PdfField
from opus.lib.web import pdf_file

BUTTONS = "accounts/agreements/admin/buttons"
breach_button = partial(button, f"{BUTTONS}/breach.html")
amendment_button = partial(button, f"{BUTTONS}/amendment.html")
ending_button = partial(button, f"{BUTTONS}/ending.html")


class ObserveForm(AdminActionForm):
    act = actions.receive_observations

    on = day_field("Observations reçues le")
    reference = forms.CharField(
        label="Référence des observations",
        max_length=60,
        help_text="Numéro d’enregistrement du courrier, ou référence de la structure.",
    )
    file = PdfField(
        label="Observations (PDF)",
        help_text="La lettre de la structure, numérisée. 2 Mo au plus.",
    )


class UpholdForm(SignatoryForm):
    on = day_field("Décision du")
    ends_on = day_field(
        "Dernier jour d’accès proposé",
        lambda: add_months(timezone.localdate()),
        help_text="Dans le mois qui suit la décision (art. 12). Une autre personne "
        "confirme la fin.",
    )
    field_order = ("on", "ends_on", "signatory")


class LiftForm(SignatoryForm):
    act = actions.lift_breach

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.state in UNSENT_BREACHES:
            # Nothing was notified: no letter leaves.
            del self.fields["signatory"]


class DeadlineFilter(ChoiceFilter):
    title = "échéance"
    parameter_name = "echeance"
    options = {"proche": (filters.NEAR, filters.near_deadline)}


@admin.register(Breach)
class BreachAdmin(OfConvention, ReadOnlyAdmin):
    list_display = ("convention", "structure", "state", "deadline", "notified_on")
    list_filter = ("state", DeadlineFilter, *OfConvention.list_filter)
    own_pages: ClassVar = {
        "observations": ("<path:object_id>/observations/pdf/", "observations_view")
    }
    fieldsets = (
        part(None, "convention", "structure", "state", "deadline"),
        part("Motifs notifiés", "motives", "facts", "opened_by", "signed_by"),
        part("Dates", "notified_on", "presented_on", "upheld_on"),
        part(
            "Observations de la structure",
            "observed_on",
            "observations_reference",
            "observations",
        ),
        part("Suivi", "letters", "ends", "timeline"),
    )
    admin_actions = (
        breach_button(
            "signer",
            "Signer la notification",
            confirming(actions.sign_breach, SignatoryForm),
            lambda breach, user: (
                breach.state == BreachState.PROPOSED
                and not why_not_second(user, breach.opened_by_id)
            ),
            is_grave=True,
        ),
        breach_button(
            "observations",
            "Enregistrer les observations",
            ObserveForm,
            leads_to(BreachState.OBSERVED),
        ),
        breach_button(
            "maintenir",
            "Maintenir la décision",
            confirming(actions.uphold_breach, UpholdForm),
            lambda breach, user: breach.may_be_upheld,
            is_grave=True,
            why_not=lambda breach, user: (
                breach.why_too_early(timezone.localdate())
                if breach.can_move_to(BreachState.UPHELD)
                else ""
            ),
        ),
        breach_button(
            "maintenir-de-nouveau",
            "Proposer de nouveau la fin",
            confirming(partial(actions.uphold_breach, is_again=True), UpholdForm),
            lambda breach, user: breach.may_be_upheld_again,
            is_grave=True,
        ),
        breach_button(
            "abandonner",
            "Abandonner la procédure",
            LiftForm,
            lambda breach, user: (
                breach.can_move_to(BreachState.LIFTED)
                and not breach.endings.filter(confirmed_at__isnull=False).exists()
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("observations_file")

    def observations_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        breach = self.found(request, object_id)
        if breach.observations_file is None:
            raise Http404
        name = f"observations-{breach.observed_on}.pdf"
        return pdf_file(breach.observations_file, name, "attachment")

    observations = rendered("observations", "lettre de la structure")
    motives = rendered("motives", "motifs")

    deadline = rendered(
        "deadline", "échéance", in_days=lambda breach: in_days(breach.next_deadline)
    )

    @admin.display(description="fin de la convention")
    def ends(self, breach: Breach) -> str:
        rows = breach.endings.all()
        ends = [f"{ending} : {ending.get_state_display()}" for ending in rows]
        return ", ".join(ends) or "—"


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

    confirmation = rendered("confirmation", "confirmation")


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
        amendment_button(
            "confirmer",
            "Confirmer l’avenant",
            confirming(actions.confirm_amendment),
            lambda amendment, user: amendment.may_be_confirmed_by(user),
        ),
        amendment_button(
            "abandonner",
            "Abandonner l’avenant",
            confirming(actions.abandon),
            lambda amendment, user: amendment.may_be_abandoned_by(user),
            is_grave=True,
        ),
    )

    table = rendered("amendments", "avant et après", amendments=lambda row: [row])
    preview = rendered("preview_of_amendment", "aperçu")


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
        ending_button(
            "confirmer",
            "Confirmer la fin anticipée",
            ConfirmEndForm,
            lambda ending, user: ending.may_be_confirmed_by(user),
            is_grave=True,
        ),
        ending_button(
            "abandonner",
            "Abandonner",
            confirming(actions.abandon),
            lambda ending, user: ending.may_be_abandoned_by(user),
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
        convention = instance.convention
        renewal = convention.renewals.order_by("pk").last()
        facts = {"renewal": renewal, "convention": convention}
        fate = render_to_string(f"{ROWS}#fate_of_renewal", facts)
        if instance.state == ProposalState.CONFIRMED and fate:
            self.message_user(request, fate, messages.WARNING)
        return super().respond(request, instance, result)

    letters = rendered(
        "letters",
        "lettres",
        letters=lambda ending: (
            as_listed(ending.convention.letters).filter(kind__in=END_LETTERS)
            if ending.confirmed_at
            else ()
        ),
    )
