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
from accounts.new_partner.forms import StepForm, pages_of, structure_of
from accounts.new_partner.steps import (
    CHECK,
    FIRST,
    STEPS,
    Draft,
    Step,
    in_the_making,
    missing_places,
    with_next_step,
)
from accounts.structures.communes import official
from accounts.structures.models import Agency, Structure
from opus.lib.database.states import MoveRefused
from opus.lib.forms.edit_forms import digest, last_change, value_of
from opus.lib.model_admin.staff_admin import explain

SHOWN_DRAFTS = 10


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
        "may_add_agency": pages_of(Agency).has_add_permission(request),
        "begun": with_next_step(reachable(request).order_by("-pk")[:SHOWN_DRAFTS]),
    }
    context["is_ready"] = context["has_communes"] and context["has_agencies"]
    return show_form(request, FIRST, Draft(), context)


def reachable(request: HttpRequest) -> Any:
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
) -> tuple[StepForm, HttpResponse | None]:
    """Save what was typed; the answer is None where it is refused."""
    if draft.structure:
        # Two tabs that begin one step: the second edits what the first saved.
        Structure.objects.select_for_update(no_key=True).get(pk=draft.structure.pk)
        draft = Draft(draft.structure)
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
    if already := saved_before(request, form):
        return form, after(request, step, already)
    if refusal and not form.form.errors:
        form.form.add_error(None, refusal)
    form.forget_parent()
    return form, None


def saved_before(request: HttpRequest, form: StepForm) -> Structure | None:
    """Return the structure if a first press saved the very same answers."""
    saved = form.saved
    if form.step is FIRST:
        same = reachable(request).filter(siret=form.instance.siret).first()
        saved = None if saved else same
    if saved is None:
        return None
    # As stored: the form wrote what was typed on its own copy, refused or not.
    saved = type(saved)._base_manager.get(pk=saved.pk)
    for name in form.step.fields:
        # What no longer changes is not of the form.
        sent = form.form.cleaned_data.get(name, request.POST.get(name, ""))
        if name != "siret" and digest(sent) != digest(value_of(saved, name)):
            return None
    return structure_of(saved)


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
    draft, towards = Draft(structure), -1 if then == "precedente" else 1
    rank = STEPS.index(step) + towards
    # A step that the directors' decision closed is passed over.
    while STEPS[rank] is not CHECK and not may_save(
        request, STEPS[rank], draft.saved(STEPS[rank])
    ):
        rank += towards
    return redirect(url_of(STEPS[rank], structure))


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
    urls = {
        one: url_of(one, draft.structure)
        for one in STEPS
        if draft.structure
        and draft.is_open(one)
        # No link to what would be a 404.
        and (one is CHECK or may_save(request, one, draft.saved(one)))
    }
    rank = STEPS.index(step)
    return {
        **admin.site.each_context(request),
        "title": "Nouveau partenaire",
        "step": step,
        "number": rank + 1,
        "following": STEPS[rank + 1] if step is not CHECK else None,
        "previous_url": urls.get(STEPS[rank - 1], "") if rank else "",
        "draft": draft,
        "kept": last_change(row, reader=request.user) if row else "",
        "steps": [
            {
                "step": one,
                "is_present": one is step,
                "is_done": draft.saved(one) is not None and one is not step,
                "url": urls.get(one, ""),
            }
            for one in STEPS
        ],
    }
