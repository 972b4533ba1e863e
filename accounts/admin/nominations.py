"""The RGC: proposed by the structure, decided by the director (art. 4.1 to 4.3)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import (
    ConventionState,
    Nomination,
    NominationState,
    Role,
    User,
    UserState,
)
from accounts.scope import within
from opus.lib.audit import Action
from opus.lib.forms import DateInput
from opus.lib.staff import Queue, SheetForm, StaffAdmin, Verb, VerbForm, leads_to


class PersonField(forms.ModelChoiceField):
    """An RGC's open account, named with its structure."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.identifier}), {obj.structure}"


class ConventionField(forms.ModelChoiceField):
    """A convention that is not over, named with its structure."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number}, {obj.structure}"


class NominationForm(SheetForm):
    """Who is proposed, for which convention."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        person, convention = cleaned.get("person"), cleaned.get("convention")
        if person and convention and person.structure_id != convention.structure_id:
            raise ValidationError(
                {
                    "person": f"{person} n’appartient pas à la structure de cette "
                    f"convention ({convention.structure})."
                }
            )
        return cleaned


class DecisionForm(VerbForm):
    """The director's written decision."""

    decided_on = forms.DateField(
        label="Date de la décision écrite",
        initial=timezone.localdate,
        widget=DateInput,
    )
    decision_by = forms.CharField(
        label="Décision prise par",
        max_length=120,
        help_text="Nom et fonction du directeur.",
    )
    verb = ""

    def clean_decided_on(self) -> dt.date:
        decided_on: dt.date = self.cleaned_data["decided_on"]
        if decided_on > timezone.localdate():
            raise ValidationError("Cette date est à venir.")
        if decided_on < self.instance.proposed_on:
            raise ValidationError(
                "La décision ne peut pas précéder la proposition, faite le "
                f"{self.instance.proposed_on:%d/%m/%Y}."
            )
        return decided_on

    def save(self, *, by: User) -> None:
        nomination = self.instance
        nomination.decided_on = self.cleaned_data["decided_on"]
        nomination.decision_by = self.cleaned_data["decision_by"]
        nomination.save(update_fields=["decided_on", "decision_by"])
        getattr(nomination, self.verb)(by=by)

    def told(self) -> dict[str, Any]:
        return {"decided_on": self.cleaned_data["decided_on"].isoformat()}


class AcceptForm(DecisionForm):
    verb = "accept"


class RefuseForm(DecisionForm):
    verb = "refuse"


class WithdrawForm(DecisionForm):
    verb = "withdraw"


class TakeOfficeForm(VerbForm):
    def save(self, *, by: User) -> None:
        self.instance.take_office(by=by)


class LeaveForm(VerbForm):
    """Why the post is vacant (art. 4.3)."""

    reason = forms.ChoiceField(
        label="Motif",
        choices=[
            ("depart", "départ de la structure ou changement de fonction"),
            ("absence", "absence de plus de trois mois"),
        ],
    )

    def save(self, *, by: User) -> None:
        self.instance.leave(by=by)

    def told(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


@admin.register(Nomination)
class NominationAdmin(StaffAdmin):
    """From the structure's proposal to the end of the office."""

    form = NominationForm
    list_display = (
        "person",
        "structure",
        "convention",
        "state",
        "proposed_on",
        "decided_on",
        "decision_by",
    )
    list_filter = ("state",)
    list_select_related = ("person", "convention__structure")
    search_fields = (
        "person__last_name",
        "person__identifier",
        "convention__number",
        "convention__structure__name",
        "=convention__agency__safir",
    )
    search_help_text = "Nom, identifiant, convention, structure ou code SAFIR."
    tells_reads = True
    verbs = (
        Verb(
            slug="accepter",
            label="Enregistrer l’accord",
            question="Le directeur territorial a donné son accord écrit (art. 4.1).",
            done="L’accord est enregistré.",
            form=AcceptForm,
            is_open=leads_to(NominationState.ACCEPTED),
            action=Action.NOMINATION_CHANGED,
        ),
        Verb(
            slug="refuser",
            label="Enregistrer le refus",
            question="Le directeur territorial refuse cette personne (art. 4.1). La "
            "structure devra en proposer une autre.",
            done="Le refus est enregistré.",
            form=RefuseForm,
            is_open=leads_to(NominationState.REFUSED),
            action=Action.NOMINATION_CHANGED,
            is_grave=True,
        ),
        Verb(
            slug="entrer-en-fonction",
            label="Mettre en fonction",
            question="Cette personne administrera dès maintenant les comptes de sa "
            "structure.",
            done="Le RGC est en fonction.",
            form=TakeOfficeForm,
            is_open=leads_to(NominationState.IN_OFFICE),
            action=Action.NOMINATION_CHANGED,
        ),
        Verb(
            slug="retirer",
            label="Retirer l’agrément",
            question="Le directeur régional retire l’agrément, après l’avis du "
            "directeur territorial, par lettre recommandée (art. 4.3). La personne "
            "n’administre plus les comptes.",
            done="L’agrément est retiré : le poste de RGC est vacant.",
            form=WithdrawForm,
            is_open=leads_to(NominationState.WITHDRAWN),
            action=Action.NOMINATION_CHANGED,
            is_grave=True,
        ),
        Verb(
            slug="partir",
            label="Enregistrer le départ",
            question="Le poste de RGC devient vacant : les comptes des conseillers "
            "restent ouverts, personne ne peut en créer (art. 4.3).",
            done="Le départ est enregistré : le poste de RGC est vacant.",
            form=LeaveForm,
            is_open=leads_to(NominationState.LEFT),
            action=Action.NOMINATION_CHANGED,
            is_grave=True,
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(
            queryset, user, "convention__agency", "convention__structure__agency"
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        proposal = ("convention", "person", "function", "proposed_on")
        if not obj:
            return proposal
        return (*proposal, "state", "decided_on", "decision_by", "timeline")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not obj:
            return ()
        return tuple(
            name for name in self.get_fields(request, obj) if name != "function"
        )

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """One proposes an RGC's open account, for a convention that is not over."""
        rows = self.within_reach(db_field.related_model, request)
        match db_field.name:
            case "person":
                kwargs["form_class"] = PersonField
                kwargs["queryset"] = (
                    rows.filter(role=Role.RGC)
                    .exclude(state=UserState.CLOSED)
                    .select_related("structure")
                )
                kwargs["help_text"] = (
                    "Si la personne n’est pas dans la liste, créez d’abord son "
                    "compte, avec le rôle de RGC."
                )
            case "convention":
                over = [ConventionState.TERMINATED, ConventionState.EXPIRED]
                kwargs["form_class"] = ConventionField
                kwargs["queryset"] = rows.exclude(state__in=over).select_related(
                    "structure"
                )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "proposed_on": timezone.localdate(),
            **super().get_changeform_initial_data(request),
        }

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        nominations = self.within(Nomination.objects.all(), request.user)
        proposed = nominations.filter(state=NominationState.PROPOSED).count()
        yield Queue(
            rank=20,
            label="Nominations à valider",
            value=str(proposed),
            url=self.list_url(state__exact=NominationState.PROPOSED),
            hint="RGC proposés, sans décision",
            is_waiting=proposed > 0,
        )

    @admin.display(description="structure", ordering="convention__structure__name")
    def structure(self, nomination: Nomination) -> str:
        return str(nomination.convention.structure)
