from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from opus.lib.audit import Action, record
from opus.lib.edit_forms import last_step
from opus.lib.staff.admin_actions import Verb, VerbForm
from opus.lib.staff.records import RecordAdmin
from opus.lib.states import MoveRefused


def explain(error: IntegrityError, model: type[models.Model]) -> str:
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return str(constraint.get_violation_error_message())
    # Our triggers' messages are sentences, without a table.
    if diagnosis and diagnosis.message_primary and diagnosis.table_name is None:
        return str(diagnosis.message_primary)
    return (
        "Quelqu’un a modifié ces données entre-temps : rien n’a été enregistré. "
        "Rechargez la page et recommencez."
    )


class ActionAdmin(RecordAdmin):
    """The buttons of a page: each shows a form, acts and records."""

    verbs: ClassVar[tuple[Verb, ...]] = ()

    def open_verbs(self, request: HttpRequest, instance: Any) -> list[Verb]:
        if not self.may_act(request):
            return []
        return [verb for verb in self.verbs if verb.is_open(instance, request.user)]

    def get_urls(self) -> list[URLPattern]:
        verb = path(
            "<path:object_id>/faire/<slug:slug>/",
            self.admin_site.admin_view(self.verb_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_verb",
        )
        return [verb, *super().get_urls()]

    def verb_view(
        self, request: HttpRequest, object_id: str, slug: str
    ) -> HttpResponse:
        """Handle one button: form, action, journal, redirect.

        Raises Http404 for an unknown object or button, PermissionDenied for a reader.
        """
        instance = self.get_object(request, unquote(object_id))
        verb = next((verb for verb in self.verbs if verb.slug == slug), None)
        if instance is None or verb is None:
            raise Http404
        if not self.may_act(request):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        files = request.FILES if request.method == "POST" else None
        form = verb.form(data, files, instance=instance)
        status = 200
        # One transaction: an edit form's row stays locked until it is saved.
        with transaction.atomic():
            if request.method == "POST" and form.is_valid():
                if done := self.do(request, instance, verb, form):
                    return done
                status = 409
        self.tell_read(request, instance)
        context = {
            **self.context_about(request, instance),
            "title": verb.label,
            "original": instance,
            "verb": verb,
            "form": form,
            "is_open": verb.is_open(instance, request.user),
            "why_not": verb.why_not(instance, request.user),
            "last_step": last_step(instance, reader=request.user),
            "typed": [
                (field.label, field.value())
                for field in form.visible_fields()
                if form.is_bound and field.value()
            ],
        }
        return TemplateResponse(request, "admin/verb.html", context, status=status)

    def do(
        self, request: HttpRequest, instance: Any, verb: Verb, form: VerbForm
    ) -> HttpResponse | None:
        """Run the action; return None if refused: the form shows why."""
        try:
            with transaction.atomic():
                if not verb.is_open(instance, request.user):
                    raise MoveRefused(
                        "Cela ne se peut plus, ou vous n’en avez pas le droit. "
                        f"{last_step(instance, reader=request.user)}."
                    )
                if sentence := verb.why_not(instance, request.user):
                    raise MoveRefused(sentence)
                result = form.save(by=request.user)
                if verb.action:
                    record(
                        verb.action,
                        by=request.user,
                        target=instance,
                        details={"verb": verb.slug, **form.told()},
                    )
        except MoveRefused as error:
            refusal = str(error)
        except ValidationError as error:
            refusal = " ".join(error.messages)
        except IntegrityError as error:
            refusal = explain(error, self.model)
        else:
            self.message_user(request, verb.done, messages.SUCCESS)
            return self.respond(request, instance, result)
        # What was undone in the database stands no longer in the object: its page would
        # take it for closed, and give nothing back.
        instance.refresh_from_db()
        record(
            verb.action or Action.ADMIN_CHANGED,
            by=request.user,
            target=instance,
            # The sentence may name persons: the journal names the button.
            refused=f"refusé : {verb.label}"[:200],
            details={"verb": verb.slug},
        )
        return self.refuse(request, instance, verb, form, refusal)

    def refuse(
        self,
        request: HttpRequest,
        instance: Any,
        verb: Verb,
        form: VerbForm,
        refusal: str,
    ) -> HttpResponse | None:
        form.add_error(None, refusal)
        return None

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        return redirect(self.sheet_url(instance))
