"""The register of requests of article 10 and its buttons (V12)."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import lazy

from accounts.signin.access import step_up
from accounts.structures.filters import TerritoryFilter
from accounts.users.enums import Role
from accounts.users.territory import agencies_of, sees, within
from opus.lib.audit.journal import Action, record
from opus.lib.background_files import LIVE, FileState
from opus.lib.dates import date_format, moment
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import bullets, link_to, part, reader_of
from opus.lib.model_admin.forms import AdminAction, AdminActionForm, confirming
from opus.lib.model_admin.staff_admin import StaffAdmin
from opus.lib.privacy.models import corrections_of
from opus.lib.templatetags.components import pdf_link
from opus.lib.web import pdf_file
from opus.support.data_rights import actions
from opus.support.data_rights.forms import (
    MOST_FACTS,
    AttachForm,
    CorrectForm,
    NothingForm,
    RectifyForm,
    RequestForm,
    asking,
    checks,
    chosen,
    copied,
    erased,
    no_fields,
    offer_parts,
    partly,
    prepare,
    stopped,
)
from opus.support.data_rights.models import (
    FOUND_IN,
    Delay,
    GestureKind,
    RequestState,
    Right,
    RightsRequest,
    Route,
)

DOWNLOAD = "telecharger-la-copie"
# These need the second factor again (S17).
SEALED = {
    *("preparer-la-copie", DOWNLOAD, "rectifier", "effacer"),
    *("geler", "lever", "arreter", "transmettre"),
}


def answers(rights_request: RightsRequest, user: Any) -> bool:
    """Return whether this user answers: national staff, for the DPO."""
    if rights_request.route == Route.DPO:
        return user.role == Role.FT_ADMIN and agencies_of(user) is None
    return sees(user, rights_request.agency_id)


def has_ready_file(rights_request: RightsRequest) -> bool:
    rows = rights_request.files.kept().filter(state=FileState.READY)
    return rights_request.state != RequestState.REFUSED and rows.exists()


def is_spent(rights_request: RightsRequest) -> bool:
    is_live = rights_request.files.filter(state__in=LIVE).exists()
    return not is_live and rights_request.files.filter(taken_at__isnull=False).exists()


def may_prepare(rights_request: RightsRequest) -> bool:
    has_one = rights_request.files.filter(state__in=LIVE).exists()
    is_access = rights_request.right == Right.ACCESS
    return is_access and rights_request.may_have_file and not has_one


def shows_person(rights_request: RightsRequest, user: Any) -> bool:
    return answers(rights_request, user) and bool(rights_request.person)


# The question of each button, as the part of its slug.
QUESTIONS = "support/data_rights/admin/questions.html"
question_of = lazy(lambda slug: render_to_string(f"{QUESTIONS}#{slug}"), str)
# The person who recorded a request does not do these alone.
BY_ANOTHER: dict[str, Any] = {"why_not": RightsRequest.why_not_alone}
MOVED: dict[str, Any] = {"action": Action.RIGHTS_MOVED}


def button(
    slug: str,
    label: str,
    done: str,
    form: type[AdminActionForm],
    when: Callable[[Any], Any],
    who: Callable[[Any, Any], bool] = answers,
    **options: Any,
) -> AdminAction:
    """Return a button, open to ``who`` when the request allows it."""
    return AdminAction(
        *(slug, label, question_of(slug), done, form),
        is_open=lambda one, user: who(one, user) and bool(when(one)),
        **options,
    )


def gesture(
    kind: GestureKind,
    slug: str,
    label: str,
    done: str,
    form: Any = partly,
    **options: Any,
) -> AdminAction:
    """Return the button of what is done about the data; ``form``: or its fields."""
    if not isinstance(form, type):
        form = asking(partial(actions.act, kind=kind), form)

    def when(rights_request: RightsRequest) -> bool:
        return not actions.why_not_now(rights_request, kind)

    return button(slug, label, done, form, when, **BY_ANOTHER, **options)


ACTIONS = (
    button(
        "reorienter",
        "Réorienter la demande",
        "La demande est réorientée.",
        confirming(actions.redirect),
        lambda one: one.is_open and one.is_misrouted,
        who=lambda one, user: True,
    ),
    button(
        "corriger",
        "Corriger ou transmettre",
        "La demande est corrigée. Si elle passe à d’autres, ils en sont avertis.",
        CorrectForm,
        lambda one: one.can_be_corrected,
        who=lambda one, user: answers(one, user) or one.recorded_by_id == user.pk,
    ),
    button(
        "verifier-identite",
        "Enregistrer la vérification d’identité",
        "L’identité est vérifiée.",
        asking(lambda one, check_done, by: one.verify(by=by, check=check_done), checks),
        lambda one: not one.is_misrouted and one.can_move_to(RequestState.VERIFIED),
        **BY_ANOTHER,
        **MOVED,
    ),
    button(
        "trouver",
        "Trouver la personne dans Opus",
        "La demande est rattachée à cette personne : vérifiez que c’est bien elle.",
        AttachForm,
        lambda one: one.state in FOUND_IN and not one.is_own and not one.person,
        why_not=lambda one, user: actions.ATTACHED if one.person else "",
    ),
    button(
        "detacher",
        "Détacher la personne",
        "La personne est détachée : cherchez celle qui a fait la demande.",
        confirming(actions.detach),
        lambda one: one.can_be_detached,
    ),
    button(
        "prendre-en-charge",
        "Prendre en charge",
        "La demande est en cours.",
        asking(RightsRequest.take_up),
        lambda one: one.can_move_to(RequestState.UNDER_WAY),
        **MOVED,
    ),
    button(
        "preparer-la-copie",
        "Préparer la copie des données",
        "La copie se prépare\xa0: rechargez la fiche dans un instant.",
        asking(prepare, copied),
        may_prepare,
        **BY_ANOTHER,
    ),
    button(
        DOWNLOAD,
        "Télécharger la copie",
        "La copie est téléchargée, et supprimée d’Opus.",
        asking(actions.download_file, partly),
        has_ready_file,
        **BY_ANOTHER,
    ),
    gesture(
        GestureKind.RECTIFICATION,
        "rectifier",
        "Rectifier les données",
        "Les données sont rectifiées : la lettre de réponse est prête sur la fiche.",
        RectifyForm,
    ),
    gesture(
        GestureKind.ERASURE,
        "effacer",
        "Effacer les données",
        "Les données sont effacées : la lettre de réponse est prête sur la fiche.",
        erased,
        is_grave=True,
    ),
    gesture(
        GestureKind.RESTRICTION,
        "geler",
        "Geler les données",
        "Les données sont gelées : la lettre de réponse est prête sur la fiche.",
    ),
    gesture(
        GestureKind.LIFTING,
        "lever",
        "Lever la limitation",
        "La limitation est levée : envoyez la lettre à la personne.",
        no_fields,
    ),
    gesture(
        GestureKind.OBJECTION,
        "arreter",
        "Arrêter un traitement",
        "C’est arrêté : la lettre de réponse est prête sur la fiche.",
        stopped,
    ),
    gesture(
        GestureKind.PASSED_ON,
        "transmettre",
        "Transmettre à l’émetteur des offres",
        "La demande est transmise : la lettre de réponse est prête sur la fiche.",
        offer_parts,
    ),
    gesture(
        GestureKind.NOTHING,
        "rien-trouve",
        "Constater qu’Opus ne garde rien",
        "C’est noté : la lettre de réponse est prête sur la fiche.",
        NothingForm,
    ),
    button(
        "prolonger",
        "Prolonger de deux mois",
        "Le délai est prolongé\xa0: dites-le à la personne.",
        asking(actions.put_off, lambda one: chosen(Delay.choices)),
        lambda one: one.can_be_put_off,
        **MOVED,
    ),
    button(
        "repondre",
        "Enregistrer la réponse",
        "La demande est répondue.",
        asking(actions.answer),
        lambda one: one.can_move_to(RequestState.ANSWERED),
        why_not=lambda one, user: one.why_not_done,
        **MOVED,
    ),
    button(
        "refuser",
        "Refuser la demande",
        "La demande est refusée.",
        asking(actions.refuse, lambda one: chosen(one.refusal_choices)),
        lambda one: one.can_move_to(RequestState.REFUSED) and not one.is_done,
        is_grave=True,
        **MOVED,
    ),
)


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
        """Require the second factor again (S17); 410 for a copy already taken (V13)."""
        view = super().action_view
        response = (step_up(view) if slug in SEALED else view)(request, object_id, slug)
        if slug != DOWNLOAD or not isinstance(response, TemplateResponse):
            return response
        context: Any = response.context_data
        rights_request = context["original"]
        if is_spent(rights_request):
            taken = rights_request.files.aggregate(last=Max("taken_at"))
            context["title"] = "Copie déjà téléchargée"
            context["taken_at"] = taken["last"]
            context["can_prepare"] = may_prepare(rights_request) and answers(
                rights_request, request.user
            )
            response.template_name = "support/data_rights/admin/copy_gone.html"
            response.status_code = 410
        return response

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
        reader, rows = reader_of(rights_request), []
        for rank, one in enumerate(rights_request.known):
            # A link to the account or the offer; a candidate has no page here.
            model: Any = apps.get_model(one.key.partition(" ")[0])
            shown = model._default_manager.filter(pk=one.pk).first()
            is_linked = shown and rank < MOST_FACTS
            name = link_to(shown, reader, one.name) if is_linked else one.name
            rows.append((name, "\xa0; ".join(one.facts)))
        return bullets("<strong>{}</strong>\xa0: {}", rows)

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
        context = {"asked": rights_request, "dpo": settings.CONTACT["dpo"]}
        return render_to_string("support/data_rights/admin/message.html", context)

    @admin.display(description="articles")
    def laws(self, rights_request: RightsRequest) -> str:
        return render_to_string("support/data_rights/admin/laws.html")
