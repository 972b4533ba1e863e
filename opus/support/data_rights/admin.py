"""The register of requests of article 10 (V12)."""

from typing import Any, ClassVar
from uuid import UUID

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import linebreaks
from django.utils.safestring import mark_safe

from accounts.signin.access import step_up
from accounts.structures.territory_filter import TerritoryFilter
from accounts.users.territory import within
from opus.lib.audit.journal import Action, record
from opus.lib.dates import date_format, moment
from opus.lib.model_admin.admin_actions import AdminAction
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import bullets, link_to, part, reader_of
from opus.lib.model_admin.staff_admin import StaffAdmin
from opus.lib.privacy.corrections import corrections_of
from opus.lib.privacy.personal_data import Known
from opus.lib.templatetags.components import pdf_link
from opus.lib.web import pdf_file
from opus.support.data_rights import actions
from opus.support.data_rights.admin_actions import (
    ACTIONS,
    DOWNLOAD,
    SEALED,
    answers,
    is_spent,
    may_prepare,
    shows_person,
)
from opus.support.data_rights.admin_forms import MOST_FACTS, RequestForm
from opus.support.data_rights.legal_texts import LAWS, message_for
from opus.support.data_rights.models import RightsRequest


def page_of(one: Known, reader: Any) -> str:
    """Return a link to the account or the offer; a candidate has no page here."""
    model: Any = apps.get_model(one.key.partition(" ")[0])
    row = model._default_manager.filter(pk=one.pk).first()
    return link_to(row, reader, one.name) if row else one.name


def in_days(number: int) -> str:
    return f"{number} jour{'s' if number > 1 else ''}"


class PersonFilter(admin.ChoicesFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "personne"


class DeadlineFilter(ChoiceFilter):
    title = "échéance"
    parameter_name = "echeance"
    options = {
        "proche": ("en retard ou sous une semaine", lambda rows: rows.near()),
        "retard": ("en retard", lambda rows: rows.late()),
    }


# The attached person and her past corrections, shown once she is found.
CONCERNED: Any = part("Personne rattachée", "concerned")
CORRECTIONS: Any = part("Rectifications déjà faites", "corrections")


@admin.register(RightsRequest)
class RightsRequestAdmin(StaffAdmin):
    form = RequestForm
    list_display = ("number", "state", "kind", "right", "way", "deadline_words")
    list_filter = (
        *("state", ("kind", PersonFilter), "right", DeadlineFilter),
        TerritoryFilter,
    )
    territory_paths = ("agency",)
    list_select_related = ("agency",)
    search_fields = ("=number", "name", "=agency__safir")
    search_help_text = "Numéro, nom ou code SAFIR."
    typed = (
        *("received_on", "kind", "right", "addressed_to", "agency", "name", "reply_to"),
        *("ft_id", "email", "phone"),
    )
    fieldsets = (
        part(None, "state", "deadline_words", "right", "kind", "way"),
        part(
            *("La personne", "name", "reply_to", "ft_id", "email", "phone"),
            *("agency", "is_found"),
        ),
        CONCERNED,
        part(
            "Réception", "received_on", "addressed_to", "redirected_on", "recorded_by"
        ),
        part("Identité", "check_done", "checked_on", "checked_by"),
        part(
            *("Réponse", "extended_to", "extended_because", "done", "copies"),
            *("letters", "ended_on", "refused_because"),
        ),
        CORRECTIONS,
        part("Message prêt à envoyer", "message"),
        part("La loi, hier et aujourd’hui", "laws"),
        part("Suivi", "timeline"),
    )
    admin_actions = ACTIONS
    own_pages: ClassVar = {
        "reply": ("<path:object_id>/lettres/<uuid:reply>/", "reply_view")
    }

    # --- Visibility -----------------------------------------------------------------

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Filter those of one's agencies, and one's own entries."""
        seen = within(RightsRequest.objects.all(), user, "agency").values("pk")
        return queryset.filter(Q(pk__in=seen) | Q(recorded_by=user.pk))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A received request is not edited."""
        return False

    def open_actions(self, request: HttpRequest, instance: Any) -> list[AdminAction]:
        """Hide *Trouver* while a person is attached: *Détacher* is shown."""
        found = super().open_actions(request, instance)
        return [one for one in found if one.slug != "trouver" or not instance.person]

    # --- Registration ---------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ((None, {"fields": self.typed}),)
        if shows_person(obj, request.user):
            return self.fieldsets
        shut = (CONCERNED, CORRECTIONS)
        return [part for part in self.fieldsets if part not in shut]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not obj:
            return ()
        return [name for _, part in self.fieldsets for name in part["fields"]]

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        actions.register(obj, by=request.user)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The action has already written the audit entry."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        due = date_format(obj.due_on)
        done = f"La demande {obj.number} est enregistrée\xa0: réponse due le {due}."
        self.message_user(request, done, messages.SUCCESS)
        return redirect(self.record_url(obj))

    def action_view(self, request: Any, object_id: str, slug: str) -> HttpResponse:
        """Require the second factor again for a copy (S17)."""
        view = self.download_view if slug == DOWNLOAD else super().action_view
        if slug in SEALED:
            view = step_up(view)
        return view(request, object_id, slug)

    def reply_view(self, request: Any, object_id: str, reply: UUID) -> HttpResponse:
        """Return a letter to the person: its PDF, else its text (202 or 409)."""
        rights_request = self.get_object(request, unquote(object_id))
        if rights_request is None or not answers(rights_request, request.user):
            raise Http404
        letter = get_object_or_404(rights_request.replies, pk=reply)
        self.record_read(request, rights_request)
        if letter.content is not None:
            name = f"{rights_request.number}-{letter.kind}.pdf"
            return pdf_file(letter.content, name)
        context = {
            **self.context_about(request, rights_request),
            "title": "Lettre à la personne",
            "letter": letter,
        }
        template = "support/data_rights/admin/reply.html"
        status = 202 if letter.is_unfinished else 409
        return TemplateResponse(request, template, context, status=status)

    def download_view(self, request: Any, object_id: str, slug: str) -> HttpResponse:
        """Return the copy once (V13), by POST only."""
        rights_request = self.get_object(request, unquote(object_id))
        is_question = request.method != "POST" and self.may_act(request)
        if is_question and rights_request and is_spent(rights_request):
            return self.gone(request, rights_request)
        return super().action_view(request, object_id, slug)

    def refuse(
        self, request: HttpRequest, instance: Any, verb: AdminAction, *args: Any
    ) -> HttpResponse | None:
        if verb.slug == DOWNLOAD and is_spent(instance):
            return self.gone(request, instance)
        return super().refuse(request, instance, verb, *args)

    def gone(self, request: HttpRequest, rights_request: RightsRequest) -> HttpResponse:
        """Return 410 for a downloaded copy; say what to do."""
        may_answer = answers(rights_request, request.user)
        words = [rights_request.pk, "preparer-la-copie"]
        context = {
            **self.context_about(request, rights_request),
            "title": "Copie déjà téléchargée",
            "taken_at": rights_request.files.aggregate(last=Max("taken_at"))["last"],
            "can_prepare": may_answer and may_prepare(rights_request),
            "prepare_url": reverse("admin:support_rightsrequest_action", args=words),
        }
        template = "support/data_rights/admin/copy_gone.html"
        return TemplateResponse(request, template, context, status=410)

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        if not result and self.get_object(request, str(instance.pk)) is None:
            # It was passed on, and belongs to others now.
            return redirect(self.list_url())
        if not result:
            return super().respond(request, instance, result)
        file, content = result
        response = HttpResponse(content, content_type=file.content_type)
        response["Content-Disposition"] = f'attachment; filename="{file.file_name}"'
        response["Cache-Control"] = "no-store"
        return response

    def record_read(self, request: HttpRequest, instance: Any) -> None:
        """Record that the person's identity was shown (S38)."""
        shown = shows_person(instance, request.user)
        record(
            Action.ADMIN_READ,
            by=request.user,
            target=instance,
            persons=instance.person.candidates if shown else (),
            details={"about": instance.about} if shown else None,
        )

    # --- Fields of a page -----------------------------------------------------------

    @admin.display(description="voie")
    def way(self, rights_request: RightsRequest) -> str:
        details = rights_request.route.label
        return f"{details} (à réorienter)" if rights_request.is_misrouted else details

    @admin.display(description="échéance", ordering="due_on")
    def deadline_words(self, rights_request: RightsRequest) -> str:
        day = date_format(rights_request.deadline)
        if not rights_request.is_open:
            return day
        if rights_request.is_late:
            return f"{day} : en retard de {in_days(-rights_request.days_left)}"
        left = rights_request.days_left
        return f"{day}\xa0: dans {in_days(left)}" if left else f"{day}\xa0: ce jour"

    @admin.display(description="trouvée dans Opus")
    def is_found(self, rights_request: RightsRequest) -> str:
        return "oui" if rights_request.person else "pas encore"

    @admin.display(description="à relire avant tout geste")
    def concerned(self, rights_request: RightsRequest) -> str:
        reader = reader_of(rights_request)
        rows = [
            (page_of(one, reader) if rank < MOST_FACTS else one.name, one)
            for rank, one in enumerate(rights_request.known)
        ]
        words = ((name, "\xa0; ".join(one.facts)) for name, one in rows)
        return bullets("<strong>{}</strong>\xa0: {}", words)

    @admin.display(description="copies des données")
    def copies(self, rights_request: RightsRequest) -> str:
        rows = rights_request.files.defer("content").select_related("taken_by")
        details = [f"{moment(row.created_at)} : {row.standing}" for row in rows]
        return " ; ".join(details) or self.get_empty_value_display()

    @admin.display(description="ce qui a été fait")
    def done(self, rights_request: RightsRequest) -> str:
        rows = rights_request.gestures.select_related("by")
        lines = ((moment(row.at), row.words, row.by) for row in rows)
        return bullets("{}\xa0: {} (par {})", lines, self.get_empty_value_display())

    @admin.display(description="lettres à la personne")
    def letters(self, rights_request: RightsRequest) -> str:
        rows = rights_request.replies.defer("html", "content")
        links = (
            (pdf_link(str(reply), reply.get_absolute_url()), moment(reply.created_at))
            for reply in rows
            if answers(rights_request, reader_of(rights_request))
        )
        return bullets("{}, {}", links, "aucune")

    @admin.display(description="de la plus ancienne à la plus récente")
    def corrections(self, rights_request: RightsRequest) -> str:
        rows = corrections_of(rights_request.person)
        return render_to_string("components/corrections.html", {"rows": rows})

    @admin.display(description="à la personne")
    def message(self, rights_request: RightsRequest) -> str:
        if not rights_request.is_open:
            return self.get_empty_value_display()
        text = linebreaks(message_for(rights_request), autoescape=True)
        return mark_safe(text)  # noqa: S308 - escaped

    @admin.display(description="articles")
    def laws(self, rights_request: RightsRequest) -> str:
        rows = ((law.right, law.now, law.then) for law in LAWS)
        return bullets("{} : {} ; dans la convention : {}", rows)
