"""The pages of the path: France Travail's staff, each in its territory."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.agreements.articles.models import ModelText
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.partnerships import Partnership
from accounts.new_partner.steps import (
    CHECK,
    FIRST,
    HELP,
    PARTNERSHIP,
    STEPS,
    Draft,
    Step,
    in_the_making,
    missing_places,
)
from accounts.structures.communes import official
from accounts.structures.models import Agency, Structure
from opus.lib.database.states import MoveRefused
from opus.lib.forms.edit_forms import (
    Shown,
    digest,
    in_words,
    label_of,
    last_change,
    value_of,
)
from opus.lib.model_admin.staff_admin import StaffAdmin, explain

SHOWN_DRAFTS = 10
NEW_PARENT = "cp"


def pages_of(model: Any) -> StaffAdmin:
    pages: Any = admin.site.get_model_admin(model)
    return pages


def may_save(request: HttpRequest, step: Step, saved: Any) -> bool:
    pages = pages_of(step.model)
    if saved is None:
        return pages.has_add_permission(request)
    return pages.has_change_permission(request, saved)


def url_of(step: Step, structure: Structure) -> str:
    return reverse("admin:new_partner_step", args=[structure.pk, step.slug])


# --- The first page -------------------------------------------------------------------


def begin(request: HttpRequest) -> HttpResponse:
    """Show the empty first step, what to resume, or what lacks."""
    if not may_save(request, FIRST, None):
        raise Http404
    agencies = pages_of(Agency).get_queryset(request)
    context = {
        "missing": missing_places(Agency.objects.all()),
        "has_communes": official().exists(),
        "has_agencies": agencies.exists(),
        "begun": [
            (one, Draft(one).next_step)
            for one in reachable(request).order_by("-pk")[:SHOWN_DRAFTS]
        ],
    }
    context["is_ready"] = context["has_communes"] and context["has_agencies"]
    return show_form(request, FIRST, Draft(), context)


def reachable(request: HttpRequest) -> Any:
    """Return what is in the making in this territory."""
    return pages_of(Structure).within(in_the_making(), request.user)


# --- A step ---------------------------------------------------------------------------


def resume(request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:
    """Show a step of a partner in the making; without one, the next to do."""
    structure = reachable(request).select_related("agency").filter(pk=pk).first()
    step = next((one for one in STEPS if one.slug == slug), None)
    if structure is None or not request.user.has_perm("accounts.view_structure"):
        raise Http404
    draft = Draft(structure)
    if not slug or step and not draft.is_open(step):
        return redirect(url_of(draft.next_step, structure))
    if step is None:
        raise Http404
    return check(request, draft) if step is CHECK else show_form(request, step, draft)


def show_form(
    request: HttpRequest,
    step: Step,
    draft: Draft,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    if not may_save(request, step, draft.saved(step)):
        raise Http404
    if request.method != "POST":
        return page(request, step, draft, StepForm(request, step, draft), more)
    try:
        form, done = save(request, step, draft)
    except IntegrityError as error:
        # Somebody was quicker: the second look finds what he wrote.
        draft = Draft(draft.structure)
        form, done = save(request, step, draft, refusal=explain(error, step.model))
    return done or page(request, step, draft, form, more)


@transaction.atomic
def save(
    request: HttpRequest, step: Step, draft: Draft, refusal: str = ""
) -> tuple["StepForm", HttpResponse | None]:
    """Save what was typed; the answer is None where it is refused."""
    if draft.structure:
        # Two tabs that begin one step: the second edits what the first saved.
        Structure.objects.select_for_update(no_key=True).get(pk=draft.structure.pk)
        draft = Draft(draft.structure)
    if already := repeated(request, step, draft):
        return StepForm(request, step, draft), after(request, step, already)
    form = StepForm(request, step, draft, is_sent=True)
    if form.is_untouched and request.POST.get("puis"):
        return form, after(request, step, draft.structure)
    with transaction.atomic():
        try:
            if form.is_valid() and not refusal:
                structure = form.save()
                return form, after(request, step, structure)
        except MoveRefused as error:
            refusal = str(error)
        transaction.set_rollback(True)
    if refusal and not form.form.errors:
        form.form.add_error(None, refusal)
    return form, None


def repeated(request: HttpRequest, step: Step, draft: Draft) -> Structure | None:
    """Return the structure if a first press saved the very same answers."""
    saved = draft.saved(step)
    if step is FIRST and saved is None:
        digits = "".join(request.POST.get("siret", "").split())
        saved = reachable(request).filter(siret=digits).first()
    if saved is None:
        return None
    sent = request.POST.dict()
    if step.model is Convention and not sent.get("parent"):
        if sent.get(f"{NEW_PARENT}-number") != saved.parent.number:
            return None
        sent["parent"] = str(saved.parent_id)
    names = [name for name in step.fields if name not in ("siret", "commune_code")]
    if any(digest(sent.get(one, "")) != digest(value_of(saved, one)) for one in names):
        return None
    return saved if step is FIRST else draft.structure


def after(
    request: HttpRequest, step: Step, structure: Structure | None
) -> HttpResponse:
    """Lead to the step that the button named: next, previous, or later."""
    then = request.POST.get("puis")
    if structure is None:
        return redirect("admin:index")
    if then == "plus-tard":
        messages.success(
            request,
            f"Nouveau partenaire {structure} : vous le reprendrez à l’étape "
            f"« {Draft(structure).next_step.title} ».",
        )
        return redirect("admin:new_partner")
    moved = STEPS.index(step) + (-1 if then == "precedente" else 1)
    return redirect(url_of(STEPS[max(moved, 0)], structure))


class StepForm:
    """The form of one step: that of the object's own page, with fewer fields."""

    def __init__(
        self, request: HttpRequest, step: Step, draft: Draft, *, is_sent: bool = False
    ) -> None:
        self.request, self.step = request, step
        self.pages = pages_of(step.model)
        self.saved = draft.saved(step)
        self.data: Any = request.POST.copy() if is_sent else None
        self.partnership = self.partnership_form(draft) if self.may_add_parent else None
        self.instance = self.saved or draft.begin(step)
        self.form_class = self.pages.get_form(
            request, self.saved, change=self.saved is not None, fields=step.fields
        )
        self.initial = {} if self.saved else draft.proposed(step, request.user)
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

    def partnership_form(self, draft: Draft) -> Any:
        form_class = pages_of(Partnership).get_form(self.request, fields=PARTNERSHIP)
        return form_class(
            self.data,
            prefix=NEW_PARENT,
            initial={"partner": str(draft.structure)},
            use_required_attribute=False,
        )

    @property
    def adds_parent(self) -> bool:
        """Return whether the person typed a partnership agreement."""
        if self.partnership is None or self.data is None or self.data.get("parent"):
            return False
        return self.partnership.has_changed()

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


# --- The pages ------------------------------------------------------------------------


def page(
    request: HttpRequest,
    step: Step,
    draft: Draft,
    form: StepForm,
    more: Mapping[str, Any] | None,
) -> HttpResponse:
    if form.saved is not None:
        form.pages.record_read(request, form.saved)
    taken = None
    if step is FIRST and "siret" in form.form.errors:
        siret = form.instance.siret
        taken = pages_of(Structure).get_queryset(request).filter(siret=siret).first()
    context = {
        **context_of(request, step, draft),
        "form": form.form,
        "step_form": form,
        "taken": taken,
        "taken_is_begun": taken and reachable(request).filter(pk=taken.pk).exists(),
        **(more or {}),
    }
    return TemplateResponse(request, "accounts/new_partner/step.html", context)


def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show all that was saved, and the button that ends the path."""
    convention = draft.convention
    if draft.nomination:
        pages_of(type(draft.nomination)).record_read(request, draft.nomination)
    context = {
        **context_of(request, CHECK, draft),
        "has_text": bool(convention and convention.text_to_sign()),
        "may_add_text": pages_of(ModelText).has_add_permission(request),
        "may_prepare": pages_of(Convention).may_act(request)
        and request.user.has_perm("accounts.change_convention"),
        "lacking": convention.missing_to_sign() if convention else [],
    }
    return TemplateResponse(request, "accounts/new_partner/check.html", context)


def context_of(request: HttpRequest, step: Step, draft: Draft) -> dict[str, Any]:
    row = draft.nomination or draft.convention or draft.structure
    return {
        **admin.site.each_context(request),
        "title": "Nouveau partenaire",
        "step": step,
        "number": STEPS.index(step) + 1,
        "following": STEPS[STEPS.index(step) + 1] if step is not CHECK else None,
        "draft": draft,
        "kept": last_change(row, reader=request.user) if row else "",
        "steps": [
            {
                "step": one,
                "is_present": one is step,
                "is_done": draft.saved(one) is not None and one is not step,
                "url": url_of(one, draft.structure)
                if draft.structure and draft.is_open(one)
                else "",
            }
            for one in STEPS
        ],
    }
