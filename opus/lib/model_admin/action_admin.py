from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from opus.lib.audit.journal import Action, record
from opus.lib.database.states import MoveRefused
from opus.lib.forms.edit_forms import last_step
from opus.lib.model_admin.admin_actions import AdminAction, AdminActionForm
from opus.lib.model_admin.records import RecordAdmin


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

    admin_actions: ClassVar[tuple[AdminAction, ...]] = ()

    def open_actions(self, request: HttpRequest, instance: Any) -> list[AdminAction]:
        if not self.may_act(request):
            return []
        return [
            button
            for button in self.admin_actions
            if button.is_open(instance, request.user)
        ]

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "<path:object_id>/faire/<slug:slug>/",
            self.admin_site.admin_view(self.action_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_action",
        )
        return [page, *super().get_urls()]

    def action_view(
        self, request: HttpRequest, object_id: str, slug: str
    ) -> HttpResponse:
        """Handle one button: form, action, journal, redirect.

        Raises Http404 for an unknown object or button, PermissionDenied for a reader.
        """
        instance = self.get_object(request, unquote(object_id))
        button = next(
            (button for button in self.admin_actions if button.slug == slug), None
        )
        if instance is None or button is None:
            raise Http404
        if not self.may_act(request):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        files = request.FILES if request.method == "POST" else None
        form = button.form(data, files, instance=instance)
        status = 200
        # One transaction: an edit form's row stays locked until it is saved.
        with transaction.atomic():
            if request.method == "POST" and form.is_valid():
                if done := self.do(request, instance, button, form):
                    return done
                status = 409
        self.record_read(request, instance)
        context = {
            **self.context_about(request, instance),
            "title": button.label,
            "original": instance,
            "button": button,
            "form": form,
            "is_open": button.is_open(instance, request.user),
            "why_not": button.why_not(instance, request.user),
            "last_step": last_step(instance, reader=request.user),
            "typed": [
                (field.label, field.value())
                for field in form.visible_fields()
                if form.is_bound and field.value()
            ],
        }
        return TemplateResponse(request, "admin/action.html", context, status=status)

    def do(
        self,
        request: HttpRequest,
        instance: Any,
        button: AdminAction,
        form: AdminActionForm,
    ) -> HttpResponse | None:
        """Run the action; return None if refused: the form shows why."""
        try:
            with transaction.atomic():
                if not button.is_open(instance, request.user):
                    raise MoveRefused(
                        "Cela ne se peut plus, ou vous n’en avez pas le droit. "
                        f"{last_step(instance, reader=request.user)}."
                    )
                if sentence := button.why_not(instance, request.user):
                    raise MoveRefused(sentence)
                result = form.save(by=request.user)
                if button.action:
                    record(
                        button.action,
                        by=request.user,
                        target=instance,
                        details={"verb": button.slug, **form.audit_details()},
                    )
        except MoveRefused as error:
            refusal = str(error)
        except ValidationError as error:
            refusal = " ".join(error.messages)
        except IntegrityError as error:
            refusal = explain(error, self.model)
        else:
            self.message_user(request, button.done, messages.SUCCESS)
            return self.respond(request, instance, result)
        # The rollback did not undo the changes in memory: the page would treat the
        # object as closed and drop the typed values.
        instance.refresh_from_db()
        record(
            button.action or Action.ADMIN_CHANGED,
            by=request.user,
            target=instance,
            # The sentence may name persons: the journal names the button.
            refused=f"refusé : {button.label}"[:200],
            details={"verb": button.slug},
        )
        return self.refuse(request, instance, button, form, refusal)

    def refuse(
        self,
        request: HttpRequest,
        instance: Any,
        button: AdminAction,
        form: AdminActionForm,
        refusal: str,
    ) -> HttpResponse | None:
        form.add_error(None, refusal)
        return None

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        return redirect(self.record_url(instance))
