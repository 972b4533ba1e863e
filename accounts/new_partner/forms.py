"""The form of one step, made by the page of the object that it saves."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.partnerships import Partnership
from accounts.new_partner.steps import HELP, PARTNERSHIP, Draft, Step
from accounts.structures.models import Structure
from opus.lib.forms.edit_forms import Shown, digest, in_words, label_of, value_of
from opus.lib.model_admin.staff_admin import StaffAdmin

NEW_PARENT = "cp"


def pages_of(model: Any) -> StaffAdmin:
    pages: Any = admin.site.get_model_admin(model)
    return pages


class StepForm:
    """The form of one step: that of the object's own page, with fewer fields."""

    def __init__(
        self, request: HttpRequest, step: Step, draft: Draft, *, is_sent: bool = False
    ) -> None:
        self.request, self.step = request, step
        self.pages = pages_of(step.model)
        self.saved = draft.saved(step)
        self.data: Any = request.POST.copy() if is_sent else None
        if self.data and self.is_parent_recorded:
            self.data["parent"] = str(self.saved.parent_id)
        self.partnership: Any = None
        if self.may_add_parent:
            self.partnership = self.partnership_form(draft)
        self.instance = self.saved or draft.begin(step)
        self.form_class = self.pages.get_form(
            request, self.saved, change=self.saved is not None, fields=step.fields
        )
        user: Any = request.user
        self.initial = {} if self.saved else draft.proposed(step, user)
        self.form: Any = self.make()

    def make(self) -> Any:
        data, instance, initial = self.data, self.instance, self.initial
        form = self.form_class(data, instance=instance, initial=initial)
        for name in form.fields.keys() & HELP.keys():
            form.fields[name].help_text = HELP[name]
        return form

    # --- The partnership agreement, recorded on the way (art. 13) ---------------------

    @property
    def may_add_parent(self) -> bool:
        may_add = pages_of(Partnership).has_add_permission(self.request)
        return self.step.model is Convention and may_add

    @property
    def is_parent_recorded(self) -> bool:
        """Return whether a first press recorded the agreement that is typed."""
        if self.step.model is not Convention or self.saved is None:
            return False
        typed = self.data.get(f"{NEW_PARENT}-number")
        return not self.data.get("parent") and typed == self.saved.parent.number

    def partnership_form(self, draft: Draft) -> Any:
        form_class = pages_of(Partnership).get_form(self.request, fields=PARTNERSHIP)
        more = {
            "prefix": NEW_PARENT,
            "initial": {"partner": str(draft.structure)},
            "use_required_attribute": False,
        }
        form = form_class(self.data, **more)
        # Left as it was, folded: its empty boxes are no faults.
        return form if form.has_changed() else form_class(**more)

    @property
    def adds_parent(self) -> bool:
        if self.partnership is None or not self.partnership.is_bound:
            return False
        return not self.data.get("parent")

    # --- What was typed ---------------------------------------------------------------

    @property
    def is_untouched(self) -> bool:
        return not self.form.has_changed() and not self.adds_parent

    def is_valid(self) -> bool:
        if not self.adds_parent:
            return self.form.is_valid()
        pages = pages_of(Partnership)
        if not self.partnership.is_valid():
            self.form.fields["parent"].required = False
            self.form.is_valid()
            return False
        parent = self.partnership.save()
        pages.log_addition(self.request, parent, None)
        self.data["parent"] = str(parent.pk)
        self.form = self.make()
        return self.form.is_valid()

    def forget_parent(self) -> None:
        """Show what was typed of an agreement again: nothing was recorded."""
        if self.partnership is not None and self.partnership.is_bound:
            self.data["parent"] = self.request.POST.get("parent", "")

    def save(self) -> Structure:
        """Save by the object's own page, and its journal."""
        is_change = self.saved is not None
        row = self.form.save(commit=False)
        if is_change and not self.form.changed_data:
            return structure_of(row)
        self.pages.save_model(self.request, row, self.form, is_change)
        details = self.pages.construct_change_message(
            self.request, self.form, None, add=not is_change
        )
        log = self.pages.log_change if is_change else self.pages.log_addition
        log(self.request, row, details)
        return structure_of(row)

    # --- What the page shows ----------------------------------------------------------

    @property
    def shown(self) -> str:
        """Return what the page showed, so that a second tab overwrites nothing."""
        if self.saved is not None:
            return self.form.shown.write()
        values = {
            name: digest(self.form.get_initial_for_field(field, name))
            for name, field in self.form.fields.items()
        }
        return Shown(0, values).write()

    @property
    def parts(self) -> list[tuple[str, list[Any]]]:
        """Return titles and fields; what no longer changes has none."""
        return [
            (title, [self.form[name] for name in names if name in self.form.fields])
            for title, names in self.step.parts
        ]

    @property
    def settled(self) -> list[tuple[str, Any]]:
        """Return what the step no longer lets one change."""
        if self.saved is None:
            return []
        row = self.saved
        return [
            (label_of(row, name), in_words(row, name, value_of(row, name)))
            for name in self.step.fields
            if name not in self.form.fields
        ]


def structure_of(row: Any) -> Structure:
    if isinstance(row, Structure):
        return row
    convention = row if isinstance(row, Convention) else row.convention
    structure: Structure = convention.structure
    return structure
