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

from accounts.signin.access import step_up
from accounts.structures.filters import TerritoryFilter
from accounts.users.enums import Role
from accounts.users.territory import agencies_of, sees, within
from opus.lib.audit.journal import Action, record
from opus.lib.background_files import LIVE, FileState
from opus.lib.dates import date_format, moment
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import bullets, link_to, part, reader_of
from opus.lib.model_admin.forms import AdminAction, confirming
from opus.lib.model_admin.staff_admin import StaffAdmin
from opus.lib.privacy.models import corrections_of
from opus.lib.templatetags.components import pdf_link
from opus.lib.web import pdf_file
from opus.support.data_rights import actions
from opus.support.data_rights.documents import LAWS
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

# These need the second factor again (S17).
DOWNLOAD = "telecharger-la-copie"
SEALED = {
    *("preparer-la-copie", DOWNLOAD, "rectifier", "effacer"),
    *("geler", "lever", "arreter", "transmettre"),
}


def answers(rights_request: RightsRequest, user: Any) -> bool:
    """Return whether this user answers: national staff, for the DPO."""
    if rights_request.route == Route.DPO:
        return user.role == Role.FT_ADMIN and agencies_of(user) is None
    return sees(user, rights_request.agency_id)


def answering(is_open: Callable[[Any], bool]) -> Callable[[Any, Any], bool]:
    """Return the condition of a button for those who answer."""
    return lambda one, user: answers(one, user) and is_open(one)


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


# The person who recorded a request does not do these alone.
by_another = partial(AdminAction, why_not=RightsRequest.why_not_alone)


def gesture(kind: GestureKind, fields: Any = partly, **words: Any) -> AdminAction:
    """Return the button of what is done about the data."""
    form = asking(partial(actions.act, kind=kind), fields)
    is_open = answering(lambda one: not actions.why_not_now(one, kind))
    return by_another(**{"form": form, "is_open": is_open, **words})


ACTIONS = (
    AdminAction(
        slug="reorienter",
        label="Réorienter la demande",
        question="La personne n’a pas écrit où la convention le dit (art. 10). La "
        "demande passe à qui doit y répondre, qui en est averti ; son délai court "
        "toujours depuis sa réception. Envoyez aussi à la personne le message prêt "
        "de la fiche.",
        done="La demande est réorientée.",
        form=confirming(actions.redirect),
        is_open=lambda one, user: one.is_open and one.is_misrouted,
    ),
    AdminAction(
        slug="corriger",
        label="Corriger ou transmettre",
        question="La demande a été enregistrée sous une autre catégorie, une autre "
        "agence, ou sans un identifiant que la personne donne. Qui doit y répondre "
        "désormais en est averti ; son délai court toujours depuis sa réception.",
        done="La demande est corrigée. Si elle passe à d’autres, ils en sont avertis.",
        form=CorrectForm,
        is_open=lambda one, user: (
            one.can_be_corrected
            and (answers(one, user) or one.recorded_by_id == user.pk)
        ),
    ),
    by_another(
        slug="verifier-identite",
        label="Enregistrer la vérification d’identité",
        question="Aucune donnée ne se donne ni ne se change avant que l’identité "
        "soit vérifiée. Ne gardez aucune copie de pièce d’identité.",
        done="L’identité est vérifiée.",
        form=asking(
            lambda one, check_done, by: one.verify(by=by, check=check_done), checks
        ),
        is_open=answering(
            lambda one: not one.is_misrouted and one.can_move_to(RequestState.VERIFIED)
        ),
        action=Action.RIGHTS_MOVED,
    ),
    AdminAction(
        slug="trouver",
        label="Trouver la personne dans Opus",
        question="La demande est rattachée au compte, ou aux fiches, de la seule "
        "personne qui porte exactement cet identifiant. Sa fiche dit ensuite qui "
        "c’est : relisez-la avant de préparer la copie.",
        done="La demande est rattachée à cette personne : vérifiez que c’est bien "
        "elle.",
        form=AttachForm,
        is_open=answering(
            lambda one: one.state in FOUND_IN and not one.is_own and not one.person
        ),
        why_not=lambda one, user: actions.ATTACHED if one.person else "",
    ),
    AdminAction(
        slug="detacher",
        label="Détacher la personne",
        question="La demande ne porte plus sur personne. Une copie préparée et pas "
        "encore téléchargée est supprimée.",
        done="La personne est détachée : cherchez celle qui a fait la demande.",
        form=confirming(actions.detach),
        is_open=answering(lambda one: one.can_be_detached),
    ),
    AdminAction(
        slug="prendre-en-charge",
        label="Prendre en charge",
        question="Quelqu’un s’occupe de cette demande.",
        done="La demande est en cours.",
        form=asking(RightsRequest.take_up),
        is_open=answering(lambda one: one.can_move_to(RequestState.UNDER_WAY)),
        action=Action.RIGHTS_MOVED,
    ),
    by_another(
        slug="preparer-la-copie",
        label="Préparer la copie des données",
        question="Opus rassemble tout ce qu’il garde sur la personne, masque les "
        "autres, et scelle la copie. Elle se télécharge une seule fois, dans les "
        "sept jours.",
        done="La copie se prépare : rechargez la fiche dans un instant.",
        form=asking(prepare, copied),
        is_open=answering(may_prepare),
    ),
    by_another(
        slug=DOWNLOAD,
        label="Télécharger la copie",
        question="La copie se télécharge une seule fois : elle est aussitôt "
        "supprimée d’Opus. Remettez-la à la personne par un moyen sûr, puis "
        "supprimez-la de votre poste.",
        done="La copie est téléchargée, et supprimée d’Opus.",
        form=asking(actions.download_file, partly),
        is_open=answering(has_ready_file),
    ),
    gesture(
        GestureKind.RECTIFICATION,
        slug="rectifier",
        label="Rectifier les données",
        question="Ce qui était écrit reste dans l’historique. Ceux qui ont reçu ces "
        "données en sont avertis. Un document déjà remis garde ce qu’il disait.",
        done="Les données sont rectifiées : la lettre de réponse est prête sur la "
        "fiche.",
        form=RectifyForm,
    ),
    gesture(
        GestureKind.ERASURE,
        erased,
        slug="effacer",
        label="Effacer les données",
        question="La fiche, les propositions, les documents et les CV sont supprimés ; "
        "un compte fermé perd son nom et ses coordonnées. Ceux qui ont reçu ces "
        "données en sont avertis. La loi garde le journal, par numéros, et cette "
        "demande : la lettre le dit à la personne.",
        done="Les données sont effacées : la lettre de réponse est prête sur la fiche.",
        is_grave=True,
    ),
    gesture(
        GestureKind.RESTRICTION,
        slug="geler",
        label="Geler les données",
        question="Les données sont gardées et ne servent plus : aucune proposition, "
        "aucune modification, aucun courriel, et les agences ne les voient plus. Le "
        "conseiller en est averti. Un compte est suspendu. Cela dure jusqu’à ce que "
        "vous leviez la limitation.",
        done="Les données sont gelées : la lettre de réponse est prête sur la fiche.",
    ),
    gesture(
        GestureKind.LIFTING,
        no_fields,
        slug="lever",
        label="Lever la limitation",
        question="Les données servent de nouveau comme avant. La personne doit "
        "l’apprendre d’abord (RGPD, art. 18.3) : la lettre est prête ensuite sur la "
        "fiche, envoyez-la ce jour.",
        done="La limitation est levée : envoyez la lettre à la personne.",
    ),
    gesture(
        GestureKind.OBJECTION,
        stopped,
        slug="arreter",
        label="Arrêter un traitement",
        question="La personne s’oppose à un usage de ses données (RGPD, art. 21). Le "
        "journal et la détection des usages anormaux ne s’arrêtent pas : la sécurité "
        "du service l’emporte, refusez-les avec ce motif.",
        done="C’est arrêté : la lettre de réponse est prête sur la fiche.",
    ),
    gesture(
        GestureKind.PASSED_ON,
        offer_parts,
        slug="transmettre",
        label="Transmettre à l’émetteur des offres",
        question="Opus montre les offres sans les modifier. La demande part au "
        "service de France Travail qui les gère, avec leurs numéros et sans aucun "
        "nom ; ce qu’il corrige ou efface l’est ensuite dans Opus.",
        done="La demande est transmise : la lettre de réponse est prête sur la fiche.",
    ),
    gesture(
        GestureKind.NOTHING,
        slug="rien-trouve",
        label="Constater qu’Opus ne garde rien",
        question="Opus cherche la personne par tout ce que dit la demande, dans tous "
        "ses registres et dans toute la France, quelle que soit la catégorie "
        "enregistrée. La lettre lui dira qu’il ne garde rien.",
        done="C’est noté : la lettre de réponse est prête sur la fiche.",
        form=NothingForm,
    ),
    AdminAction(
        slug="prolonger",
        label="Prolonger de deux mois",
        question="La réponse viendra dans les trois mois de la réception (RGPD, "
        "art. 12.3). La personne doit l’apprendre, avec le motif, dans le premier "
        "mois : la lettre est prête ensuite sur la fiche.",
        done="Le délai est prolongé : dites-le à la personne.",
        form=asking(actions.put_off, lambda one: chosen(Delay.choices)),
        is_open=answering(lambda one: one.can_be_put_off),
        action=Action.RIGHTS_MOVED,
    ),
    AdminAction(
        slug="repondre",
        label="Enregistrer la réponse",
        question="La réponse est partie, par écrit, à la personne.",
        done="La demande est répondue.",
        form=asking(actions.answer),
        is_open=answering(lambda one: one.can_move_to(RequestState.ANSWERED)),
        action=Action.RIGHTS_MOVED,
        why_not=lambda one, user: one.why_not_done,
    ),
    AdminAction(
        slug="refuser",
        label="Refuser la demande",
        question="Le motif se dit à la personne par écrit, avec son droit de "
        "saisir la CNIL et le juge.",
        done="La demande est refusée.",
        form=asking(actions.refuse, lambda one: chosen(one.refusal_choices)),
        is_open=answering(
            lambda one: one.can_move_to(RequestState.REFUSED) and not one.is_done
        ),
        action=Action.RIGHTS_MOVED,
        is_grave=True,
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

    def do(
        self, request: HttpRequest, instance: Any, button: AdminAction, form: Any
    ) -> HttpResponse | None:
        done = super().do(request, instance, button, form)
        if done is None and button.slug == DOWNLOAD and is_spent(instance):
            return self.gone(request, instance)
        return done

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
        rows = ((right, now, then) for right, then, now in LAWS)
        return bullets("{} : {} ; dans la convention : {}", rows)
