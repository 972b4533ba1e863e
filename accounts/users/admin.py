"""Admin of legal holds: account, reason, last day (V11)."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.users.models import AccountHold, User
from opus.lib.audit.journal import Action, record
from opus.lib.forms.base import day_field
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.forms import (
    AdminAction,
    AdminActionForm,
    ChangeForm,
    confirming,
)
from opus.lib.model_admin.staff_admin import NationalViewAdmin
from opus.lib.privacy.models import LegalHold


class LastDayMixin(forms.Form):
    def clean_ends_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["ends_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(
                "Ce jour est passé\xa0: indiquez le dernier jour de la conservation, "
                "aujourd’hui ou plus tard."
            )
        return day


class LegalHoldForm(LastDayMixin, ChangeForm):
    """Place a legal hold; its subject is a number."""


class AccountHoldForm(LegalHoldForm):
    identifier = forms.CharField(label="Identifiant du compte", max_length=40)

    def clean_identifier(self) -> str:
        identifier: str = self.cleaned_data["identifier"].strip()
        account = User.objects.named(identifier).first()
        if account is None:
            raise forms.ValidationError(
                "Aucun compte ne porte cet identifiant : vérifiez-le sur la fiche du "
                "compte."
            )
        if account.erased_at:
            raise forms.ValidationError(
                "Le nom de ce compte a déjà été effacé à son terme : il n’y a plus "
                "rien à conserver."
            )
        self.instance.account = account
        return identifier


class ProlongForm(LastDayMixin, AdminActionForm):
    act = LegalHold.prolong

    ends_on = day_field(
        "Conservé jusqu’au", None, help_text="Dernier jour de la conservation."
    )


class InForceFilter(ChoiceFilter):
    title = "conservation"
    parameter_name = "conservation"
    options = {"en-vigueur": ("en vigueur", lambda rows: rows.in_force())}


class LegalHoldAdmin(NationalViewAdmin):
    """Legal holds are placed, prolonged and lifted, never edited."""

    list_display = ("reference", "reason", "subject", "ends_on", "state_label")
    list_filter = (InForceFilter, "reason")
    search_fields = ("=reference",)
    search_help_text = "Référence du dossier."
    facts = ("subject", "state_label", "placed_at", "placed_by", "lifted_at")
    admin_actions = (
        AdminAction(
            slug="prolonger",
            label="Changer le dernier jour",
            question="Jusqu’à ce jour inclus, rien de ces données n’est effacé.",
            done="Le dernier jour est changé.",
            form=ProlongForm,
            is_open=lambda row, user: row.lifted_at is None,
        ),
        AdminAction(
            slug="lever",
            label="Lever la conservation",
            question="Les durées de conservation courent de nouveau : ce qui est "
            "arrivé à terme sera effacé la nuit prochaine.",
            done="La conservation est levée.",
            form=confirming(lambda row, by: row.lift(by=by)),
            is_open=lambda row, user: row.lifted_at is None,
            is_grave=True,
        ),
    )
    # The form's field that identifies the subject.
    subject_field: str

    def has_add_permission(self, request: HttpRequest) -> bool:
        may_add = super().has_add_permission(request)
        return may_add and self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("reason", "reference", "ends_on")
        return (*fields, *self.facts) if obj else (self.subject_field, *fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.facts if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        obj.placed_by = request.user
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        record(
            Action.HOLD_PLACED,
            by=request.user,
            target=obj,
            details={"reason": obj.reason, "ends_on": obj.ends_on.isoformat()},
        )

    @admin.display(description="état")
    def state_label(self, row: Any) -> str:
        return str(row.status)


@admin.register(AccountHold)
class AccountHoldAdmin(LegalHoldAdmin):
    form = AccountHoldForm
    subject_field = "identifier"
    list_select_related = ("account",)

    @admin.display(description="compte")
    def subject(self, row: AccountHold) -> str:
        return row.account.identifier
