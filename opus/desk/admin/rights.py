"""The register of requests of article 10, for those who answer them (V12)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import linebreaks
from django.utils.safestring import mark_safe

from accounts.access import step_up
from accounts.models import Role, User
from accounts.scope import agencies_of, within
from opus.desk.models import (
    FOUND_IN,
    Check,
    Delay,
    PersonFile,
    PersonKind,
    Refusal,
    RequestState,
    RightsRequest,
    Route,
)
from opus.desk.rights import files as files  # The web process names its files too.
from opus.desk.rights import register
from opus.desk.rights.words import LAWS, message_for, put_off_message
from opus.lib.audit import Action, record
from opus.lib.corrections import corrections_of
from opus.lib.dates import date_format, moment
from opus.lib.files.background_files import LIVE, FileState
from opus.lib.files.tasks import wake
from opus.lib.mentions import Mention
from opus.lib.staff import (
    ChoiceFilter,
    Queue,
    SheetForm,
    StaffAdmin,
    Verb,
    VerbForm,
    bullets,
    confirming,
    part,
)

# Whoever opens these gives the second factor again (S17).
DOWNLOAD = "telecharger-la-copie"
SEALED = {"preparer-la-copie", DOWNLOAD}
NO_EMPLOYER = (
    "Un employeur n’a ni compte ni fiche dans Opus : ce que ses offres disent de lui "
    "vient du système de France Travail, qui le rectifie. Répondez-lui par écrit."
)


class RequestForm(SheetForm):
    """The facts of a new request, without its text (V1)."""

    mention = Mention.RIGHTS

    def clean_received_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["received_on"]
        if on > timezone.localdate():
            raise ValidationError("Une demande ne peut pas être reçue dans l’avenir.")
        return on


def answers(asked: RightsRequest, user: Any) -> bool:
    """Return whether this user answers it: national staff answer the DPO's."""
    agencies = agencies_of(user)
    if asked.route == Route.DPO:
        return user.role == Role.FT_ADMIN and agencies is None
    return agencies is None or agencies.filter(pk=asked.agency_id).exists()


class StepForm(VerbForm):
    """An action of the register; its journal entry names the person by key."""

    def told(self) -> dict[str, Any]:
        return {"about": self.instance.about, **self.cleaned_data}


class VerifyForm(StepForm):
    """A coded check; a copy of a document is read and destroyed."""

    check_done = forms.ChoiceField(
        label="Vérification faite",
        choices=[one for one in Check.choices if one[0] != Check.SIGNED_IN],
    )

    def save(self, *, by: User) -> None:
        self.instance.verify(by=by, check=self.cleaned_data["check_done"])

    def told(self) -> dict[str, Any]:
        return {"about": self.instance.about, "check": self.cleaned_data["check_done"]}


class AttachForm(VerbForm):
    """An exact identifier, never a name (S24)."""

    who = forms.CharField(
        label="Identifiant exact",
        max_length=254,
        help_text="Identifiant France Travail, numéro d’un document remis, identifiant "
        "d’un compte, ou adresse électronique entière. Un nom ne suffit pas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def save(self, *, by: User) -> None:
        register.attach(self.instance, self.cleaned_data["who"], by=by)


class TakeUpForm(StepForm):
    act = RightsRequest.take_up


class PutOffForm(StepForm):
    act = RightsRequest.put_off

    because = forms.ChoiceField(label="Motif, à dire à la personne", choices=Delay)


class AnswerForm(StepForm):
    act = RightsRequest.answer


class RefuseForm(StepForm):
    act = RightsRequest.refuse

    because = forms.ChoiceField(label="Motif, à dire à la personne", choices=Refusal)


class PrepareForm(VerbForm):
    """Confirms whose copy it is."""

    is_this_person = forms.BooleanField(
        error_messages={"required": "Dites que c’est bien cette personne."}
    )
    about = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.known
        names = ", ".join(dict.fromkeys(one.name for one in known))
        facts = dict.fromkeys(fact for one in known for fact in one.facts)
        box = self.fields["is_this_person"]
        box.label = f"La copie est bien celle de {names}"
        box.help_text = (
            f"Nom donné dans la demande : {self.instance.name}. Dans Opus : "
            f"{' ; '.join(facts)}."
        )
        self.fields["about"].initial = ",".join(self.instance.about)

    def save(self, *, by: User) -> None:
        about = self.cleaned_data["about"].split(",")
        file = register.prepare_file(self.instance, by=by, about=about)
        wake(file)


class TakeForm(VerbForm):
    def save(self, *, by: User) -> tuple[PersonFile, bytes]:
        file = self.instance.files.filter(state=FileState.READY).first()
        return file, register.take_file(self.instance, by=by)


def why_not_found(asked: RightsRequest) -> str:
    if asked.kind == PersonKind.EMPLOYER:
        return NO_EMPLOYER
    return register.ATTACHED if asked.person else ""


def has_ready_file(asked: RightsRequest) -> bool:
    rows = PersonFile.objects.kept().filter(request=asked)
    return rows.filter(state=FileState.READY).exists()


def is_spent(asked: RightsRequest) -> bool:
    """Return whether a copy was downloaded and no other one made since."""
    is_live = asked.files.filter(state__in=LIVE).exists()
    return not is_live and asked.files.filter(taken_at__isnull=False).exists()


def may_prepare(asked: RightsRequest) -> bool:
    has_one = asked.files.filter(state__in=LIVE).exists()
    return asked.may_have_file and not has_one


def shows_person(asked: RightsRequest, user: Any) -> bool:
    return answers(asked, user) and bool(asked.person)


def in_days(number: int) -> str:
    return f"{number} jour{'s' if number > 1 else ''}"


class PersonFilter(admin.ChoicesFieldListFilter):
    """The field's own name is no noun (« la personne est »)."""

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


# Whose data these are, and what was put right: for those who answer, once found.
CONCERNED: Any = part("Personne rattachée", "concerned")
CORRECTIONS: Any = part("Rectifications déjà faites", "corrections")


@admin.register(RightsRequest)
class RightsRequestAdmin(StaffAdmin):
    form = RequestForm
    list_display = ("number", "state", "kind", "right", "way", "deadline_words")
    list_filter = ("state", ("kind", PersonFilter), "right", DeadlineFilter)
    list_select_related = ("agency",)
    search_fields = ("=number", "name", "=agency__safir")
    search_help_text = "Numéro, nom ou code SAFIR."
    typed = (
        "received_on",
        "kind",
        "right",
        "addressed_to",
        "agency",
        "name",
        "reply_to",
    )
    fieldsets = (
        part(None, "state", "deadline_words", "right", "kind", "way"),
        part("La personne", "name", "reply_to", "agency", "is_found"),
        CONCERNED,
        part(
            "Réception",
            "received_on",
            "addressed_to",
            "redirected_on",
            "recorded_by",
        ),
        part("Identité", "check_done", "checked_on", "checked_by"),
        part(
            "Réponse",
            "extended_to",
            "extended_because",
            "ended_on",
            "refused_because",
            "copies",
        ),
        CORRECTIONS,
        part("Message prêt à envoyer", "message"),
        part("La loi, hier et aujourd’hui", "laws"),
        part("Suivi", "timeline"),
    )
    verbs = (
        Verb(
            slug="reorienter",
            label="Réorienter la demande",
            question="La personne n’a pas écrit où la convention le dit (art. 10). La "
            "demande passe à qui doit y répondre, qui en est averti ; son délai court "
            "toujours depuis sa réception. Envoyez aussi à la personne le message prêt "
            "de la fiche.",
            done="La demande est réorientée.",
            form=confirming(register.redirect),
            is_open=lambda asked, user: asked.is_open and asked.is_misrouted,
        ),
        Verb(
            slug="verifier-identite",
            label="Enregistrer la vérification d’identité",
            question="Aucune donnée ne se donne ni ne se change avant que l’identité "
            "soit vérifiée. Ne gardez aucune copie de pièce d’identité.",
            done="L’identité est vérifiée.",
            form=VerifyForm,
            is_open=lambda asked, user: (
                answers(asked, user)
                and not asked.is_misrouted
                and asked.can_move_to(RequestState.VERIFIED)
            ),
            action=Action.RIGHTS_MOVED,
            why_not=RightsRequest.why_not_alone,
        ),
        Verb(
            slug="trouver",
            label="Trouver la personne dans Opus",
            question="La demande est rattachée au compte, ou aux fiches, de la seule "
            "personne qui porte exactement cet identifiant. Sa fiche dit ensuite qui "
            "c’est : relisez-la avant de préparer la copie.",
            done="La demande est rattachée à cette personne : vérifiez que c’est bien "
            "elle.",
            form=AttachForm,
            is_open=lambda asked, user: (
                answers(asked, user) and asked.state in FOUND_IN and not asked.is_own
            ),
            why_not=lambda asked, user: why_not_found(asked),
        ),
        Verb(
            slug="detacher",
            label="Détacher la personne",
            question="La demande ne porte plus sur personne. Une copie préparée et pas "
            "encore téléchargée est supprimée.",
            done="La personne est détachée : cherchez celle qui a fait la demande.",
            form=confirming(register.detach),
            is_open=lambda asked, user: answers(asked, user) and asked.can_be_detached,
        ),
        Verb(
            slug="prendre-en-charge",
            label="Prendre en charge",
            question="Quelqu’un s’occupe de cette demande.",
            done="La demande est en cours.",
            form=TakeUpForm,
            is_open=lambda asked, user: (
                answers(asked, user) and asked.can_move_to(RequestState.UNDER_WAY)
            ),
            action=Action.RIGHTS_MOVED,
        ),
        Verb(
            slug="preparer-la-copie",
            label="Préparer la copie des données",
            question="Opus rassemble tout ce qu’il garde sur la personne, masque les "
            "autres, et scelle la copie. Elle se télécharge une seule fois, dans les "
            "sept jours.",
            done="La copie se prépare : rechargez la fiche dans un instant.",
            form=PrepareForm,
            is_open=lambda asked, user: answers(asked, user) and may_prepare(asked),
            why_not=RightsRequest.why_not_alone,
        ),
        Verb(
            slug=DOWNLOAD,
            label="Télécharger la copie",
            question="La copie se télécharge une seule fois : elle est aussitôt "
            "supprimée d’Opus. Remettez-la à la personne par un moyen sûr, puis "
            "supprimez-la de votre poste.",
            done="La copie est téléchargée, et supprimée d’Opus.",
            form=TakeForm,
            is_open=lambda asked, user: answers(asked, user) and has_ready_file(asked),
            why_not=RightsRequest.why_not_alone,
        ),
        Verb(
            slug="prolonger",
            label="Prolonger de deux mois",
            question="La réponse viendra dans les trois mois de la réception (RGPD, "
            "art. 12.3). La personne doit l’apprendre, avec le motif, dans le premier "
            "mois : le message est prêt sur la fiche.",
            done="Le délai est prolongé : dites-le à la personne.",
            form=PutOffForm,
            is_open=lambda asked, user: answers(asked, user) and asked.can_be_put_off,
            action=Action.RIGHTS_MOVED,
        ),
        Verb(
            slug="repondre",
            label="Enregistrer la réponse",
            question="La réponse est partie, par écrit, à la personne.",
            done="La demande est répondue.",
            form=AnswerForm,
            is_open=lambda asked, user: (
                answers(asked, user) and asked.can_move_to(RequestState.ANSWERED)
            ),
            action=Action.RIGHTS_MOVED,
        ),
        Verb(
            slug="refuser",
            label="Refuser la demande",
            question="Le motif se dit à la personne par écrit, avec son droit de "
            "saisir la CNIL et le juge.",
            done="La demande est refusée.",
            form=RefuseForm,
            is_open=lambda asked, user: (
                answers(asked, user) and asked.can_move_to(RequestState.REFUSED)
            ),
            action=Action.RIGHTS_MOVED,
            is_grave=True,
        ),
    )

    # --- Who sees what --------------------------------------------------------------

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Filter those of one's agencies, and one's own entries for another route."""
        seen = within(RightsRequest.objects.all(), user, "agency").values("pk")
        return queryset.filter(Q(pk__in=seen) | Q(recorded_by=user.pk))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A received request is not edited."""
        return False

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        near = self.within(RightsRequest.objects.near(), request.user).count()
        hint = "en retard, ou dues sous une semaine (RGPD, art. 12.3)"
        yield self.tile(
            18, "Droits des personnes : réponses dues", near, hint, echeance="proche"
        )

    def open_verbs(self, request: HttpRequest, instance: Any) -> list[Verb]:
        """Hide *Trouver* while a person is attached: *Détacher* is shown."""
        verbs = super().open_verbs(request, instance)
        is_shown = not instance.person
        return [verb for verb in verbs if is_shown or verb.slug != "trouver"]

    # --- Writing one down -----------------------------------------------------------

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
        register.register(obj, by=request.user)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The action has already written the audit entry."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        self.message_user(
            request,
            f"La demande {obj.number} est enregistrée : réponse due le "
            f"{date_format(obj.due_on)}.",
            messages.SUCCESS,
        )
        return redirect(self.sheet_url(obj))

    def verb_view(self, request: Any, object_id: str, slug: str) -> HttpResponse:
        """The copy of a person's data needs the second factor again (S17)."""
        view = self.download_view if slug == DOWNLOAD else super().verb_view
        if slug in SEALED:
            view = step_up(view)
        return view(request, object_id, slug)

    def download_view(self, request: Any, object_id: str, slug: str) -> HttpResponse:
        """Return the copy once (V13), by POST only, so no HEAD spends it."""
        asked = self.get_object(request, unquote(object_id))
        is_question = request.method != "POST" and self.may_act(request)
        if is_question and asked and is_spent(asked):
            return self.gone(request, asked)
        return super().verb_view(request, object_id, slug)

    def refuse(
        self, request: HttpRequest, instance: Any, verb: Verb, *args: Any
    ) -> HttpResponse | None:
        if verb.slug == DOWNLOAD and is_spent(instance):
            return self.gone(request, instance)
        return super().refuse(request, instance, verb, *args)

    def gone(self, request: HttpRequest, asked: RightsRequest) -> HttpResponse:
        """Return 410: it was downloaded, and what to do now."""
        context = {
            **self.context_about(request, asked),
            "title": "Copie déjà téléchargée",
            "taken_at": asked.files.aggregate(last=Max("taken_at"))["last"],
            "can_prepare": answers(asked, request.user) and may_prepare(asked),
            "prepare_url": reverse(
                "admin:desk_rightsrequest_verb", args=[asked.pk, "preparer-la-copie"]
            ),
        }
        template = "admin/copy_gone.html"
        return TemplateResponse(request, template, context, status=410)

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        if not result:
            return super().respond(request, instance, result)
        file, content = cast(tuple[PersonFile, bytes], result)
        return HttpResponse(
            content,
            content_type=file.content_type,
            headers={
                "Content-Disposition": f'attachment; filename="{file.file_name}"',
                "Cache-Control": "no-store",
            },
        )

    def tell_read(self, request: HttpRequest, instance: Any) -> None:
        """Record that the person's identity was shown (S38)."""
        shown = shows_person(instance, request.user)
        record(
            Action.ADMIN_READ,
            by=request.user,
            target=instance,
            persons=instance.person.candidates if shown else (),
            details={"about": instance.about} if shown else None,
        )

    # --- What a sheet shows ---------------------------------------------------------

    @admin.display(description="voie")
    def way(self, asked: RightsRequest) -> str:
        told = asked.route.label
        return f"{told} (à réorienter)" if asked.is_misrouted else told

    @admin.display(description="échéance", ordering="due_on")
    def deadline_words(self, asked: RightsRequest) -> str:
        day = date_format(asked.deadline)
        if not asked.is_open:
            return day
        if asked.is_late:
            return f"{day} : en retard de {in_days(-asked.days_left)}"
        return (
            f"{day} : dans {in_days(asked.days_left)}"
            if asked.days_left
            else f"{day} : ce jour"
        )

    @admin.display(description="trouvée dans Opus")
    def is_found(self, asked: RightsRequest) -> str:
        return "oui" if asked.person else "pas encore"

    @admin.display(description="à relire avant toute copie")
    def concerned(self, asked: RightsRequest) -> str:
        rows = ((one.name, "\xa0; ".join(one.facts)) for one in asked.known)
        return bullets("<strong>{}</strong>\xa0: {}", rows)

    @admin.display(description="copies des données")
    def copies(self, asked: RightsRequest) -> str:
        rows = asked.files.defer("content").select_related("taken_by")
        told = [f"{moment(row.created_at)} : {row.standing}" for row in rows]
        return " ; ".join(told) or self.get_empty_value_display()

    @admin.display(description="de la plus ancienne à la plus récente")
    def corrections(self, asked: RightsRequest) -> str:
        rows = corrections_of(asked.person)
        return render_to_string("components/corrections.html", {"rows": rows})

    @admin.display(description="à la personne")
    def message(self, asked: RightsRequest) -> str:
        if not asked.is_open:
            return self.get_empty_value_display()
        is_told = asked.extended_to and not asked.is_late
        text = put_off_message(asked) if is_told else message_for(asked)
        return mark_safe(linebreaks(text, autoescape=True))  # noqa: S308 - escaped

    @admin.display(description="articles")
    def laws(self, asked: RightsRequest) -> str:
        rows = ((law.right, law.now, law.then) for law in LAWS)
        return bullets("{} : {} ; dans la convention : {}", rows)
