"""Requests for assistance for staff, by deadline (U15, R18)."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime

from accounts.structures.filters import StructureFilter, TerritoryFilter
from accounts.users.enums import COUNTED_STATES, Role
from accounts.users.models import User
from accounts.users.territory import sees, within
from opus.lib.dates import date_format
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.forms import (
    AdminAction,
    AdminActionForm,
    confirming,
    leads_to,
)
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin
from opus.lib.text_guard.fields import RULE, NoteFormField
from opus.support.tickets import actions
from opus.support.tickets.models import (
    MESSAGE_MAX,
    OF_THE_WRITER,
    REASON_MAX,
    Closing,
    Due,
    Ticket,
    TicketState,
    Topic,
)

PRESSING = {Due.LATE, Due.MISSED}
AUTHORS_MOVES = (TicketState.OPEN, TicketState.REOPENED)


class AssignForm(AdminActionForm):
    """To an administrator whose territory has this request."""

    act = actions.assign

    to = forms.ModelChoiceField(User.objects.none(), label="Confier à")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        structure = self.instance.structure
        agency = structure.agency_id if structure else None
        admins = User.objects.administrators().select_related("agency")
        near = [person.pk for person in admins if sees(person, agency)]
        to.queryset = User.objects.filter(pk__in=near)


def text_field(
    place: str, label: str = "Texte", *, required: bool = True
) -> NoteFormField:
    return NoteFormField(
        place=place,
        label=label,
        required=required,
        max_length=MESSAGE_MAX,
        widget=forms.Textarea(attrs={"rows": 10, "cols": 80}),
        help_text=f"{RULE} 2 000 caractères au plus, sans donnée personnelle d’un "
        "candidat.",
    )


class WordsForm(AdminActionForm):
    """A text by the rules of the request's subject."""

    @property
    def is_of_writer(self) -> bool:
        """Return whether the text may mention the author's own health."""
        return self.instance.topic in OF_THE_WRITER


class TextForm(WordsForm):
    text = text_field("support.message.text")


class StudyForm(WordsForm):
    text = text_field("support.message.text", "Réponse à la structure", required=False)


class PlanForm(WordsForm):
    text = text_field("support.message.text", "Pour quand, et sous quelle forme")


class DeclineForm(WordsForm):
    """The reason is required: the structure reads it."""

    reason = NoteFormField(
        place="support.ticket.declined_because",
        label="Pourquoi elle est déclinée",
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"{RULE} La structure le lit. {REASON_MAX} caractères au plus.",
        error_messages={
            "required": "Dites à la structure pourquoi sa suggestion est déclinée."
        },
    )


class NoteForm(WordsForm):
    act = actions.note

    text = text_field("support.note.text")


class CloseForm(AdminActionForm):
    act = actions.close

    closing = forms.ChoiceField(label="Motif")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_answered = self.instance.state == TicketState.ANSWERED
        choices = [("", "---------"), *Closing.choices]
        closing: Any = self.fields["closing"]
        closing.choices = [
            one for one in choices if (one[0] == Closing.SETTLED) <= is_answered
        ]


def status_action(
    target: TicketState,
    slug: str,
    label: str,
    question: str,
    form: type[AdminActionForm],
    *,
    is_grave: bool = False,
) -> AdminAction:
    """Return the button that gives a proposal this status."""
    return AdminAction(
        slug=slug,
        label=label,
        question=question,
        done=f"La suggestion est {target.label} : la structure est prévenue.",
        form=confirming(partial(actions.follow_up, target=target), form),
        is_open=lambda ticket, user: (
            ticket.is_proposal
            and (ticket.state == TicketState.OPEN or ticket.can_move_to(target))
        ),
        is_grave=is_grave,
    )


class DueFilter(ChoiceFilter):
    title = "échéance"
    parameter_name = "echeance"
    options = {
        "retard": ("en retard", lambda rows: rows.late()),
        "aujourdhui": ("à répondre aujourd’hui", lambda rows: rows.due_today()),
        "ensuite": ("à répondre plus tard", lambda rows: rows.due_later()),
        "a-repondre": ("toutes celles à répondre", lambda rows: rows.owed()),
    }


class MineFilter(admin.SimpleListFilter):
    title = "en charge"
    parameter_name = "charge"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("moi", "moi"), ("personne", "personne")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "moi":
                return queryset.filter(assignee=request.user)
            case "personne":
                return queryset.filter(assignee=None)
        return queryset


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    list_display = (
        *("number", "due_line", "topic", "subject"),
        *("structure_link", "state", "assignee"),
    )
    list_display_links = ("number",)
    list_filter = (
        DueFilter,
        MineFilter,
        "state",
        "topic",
        StructureFilter,
        TerritoryFilter,
    )
    structure_path = "structure"
    territory_paths = ("structure__agency",)
    list_select_related = ("structure", "assignee")
    search_fields = ("=number", "subject", "structure__name")
    search_help_text = "Numéro, mot de l’objet ou structure."
    ordering = ("answer_due_at",)
    fieldsets = (
        part(None, "topic", "subject", "who", "structure", "state"),
        part(
            *("Délais (art. 6)", "created_at", "registered_at", "acknowledged"),
            *("due_line", "answered_at"),
        ),
        part("Échange", "thread"),
        part("Notes internes", "notes_lines"),
        part("Suivi", "assignee", "closing", "declined_because", "timeline"),
    )
    admin_actions = (
        AdminAction(
            slug="repondre",
            label="Répondre",
            question="La réponse se lit sur la page de la demande ; un courriel "
            "l’annonce, sans son texte. Ne donnez ni accès, ni code, ni donnée d’une "
            "personne : l’identité de qui écrit n’est pas vérifiée ici.",
            done="La réponse est enregistrée et annoncée par courriel.",
            form=confirming(actions.answer, TextForm),
            is_open=lambda ticket, user: ticket.is_owed and not ticket.is_proposal,
        ),
        status_action(
            *(TicketState.STUDIED, "etudier", "Mettre à l’étude"),
            "La structure verra que France Travail étudie sa suggestion.",
            StudyForm,
        ),
        status_action(
            *(TicketState.PLANNED, "prevoir", "Prévoir"),
            "France Travail s’engage à la réaliser. Dites pour quand.",
            PlanForm,
        ),
        status_action(
            *(TicketState.DELIVERED, "livrer", "Dire livrée"),
            "L’évolution est en service.",
            StudyForm,
        ),
        status_action(
            *(TicketState.DECLINED, "decliner", "Décliner"),
            "L’évolution ne se fera pas. La structure lit pourquoi.",
            DeclineForm,
            is_grave=True,
        ),
        AdminAction(
            slug="prendre",
            label="Prendre en charge",
            question="Les autres verront que vous vous en occupez.",
            done="Vous avez pris la demande en charge.",
            form=confirming(actions.take_charge),
            is_open=lambda one, user: one.is_owed and one.assignee_id != user.pk,
        ),
        AdminAction(
            slug="confier",
            label="Confier à un collègue",
            question="La demande passe à une autre personne, qu’un courriel prévient. "
            "L’échéance ne change pas.",
            done="La demande est confiée.",
            form=AssignForm,
            is_open=lambda ticket, user: ticket.is_owed,
        ),
        AdminAction(
            slug="preciser",
            label="Demander une précision",
            question="Un courriel annonce votre question, sans son texte. Le délai de "
            "réponse continue de courir.",
            done="La question est enregistrée et annoncée par courriel.",
            form=confirming(actions.request_details, TextForm),
            is_open=lambda one, user: one.is_owed and one.state != TicketState.WAITING,
        ),
        AdminAction(
            slug="noter",
            label="Ajouter une note interne",
            question="Seuls les agents de France Travail lisent les notes internes.",
            done="La note est enregistrée.",
            form=NoteForm,
            is_open=lambda ticket, user: True,
        ),
        AdminAction(
            slug="clore",
            label="Clore",
            question="Une demande répondue peut être rouverte par son auteur pendant "
            "quinze jours. Une demande sans réponse ne se clôt que pour un doublon ou "
            "un message sans rapport.",
            done="La demande est close.",
            form=CloseForm,
            is_open=leads_to(TicketState.CLOSED),
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Limit agents to the proposals of evolution."""
        here = within(queryset, user, "structure__agency")
        if user.role == Role.AGENT:
            here = here.filter(topic=Topic.EVOLUTION)
        return queryset.filter(Q(pk__in=here.values("pk")) | Q(assignee=user))

    @admin.display(description="échéance", ordering="answer_due_at")
    def due_line(self, ticket: Ticket) -> str:
        """Return a word, never a colour alone, then the day."""
        due = ticket.due
        if due == Due.NONE:
            return due.label
        return format_html(
            '<span class="{}"><strong>{}</strong> ({})</span>',
            "late" if due in PRESSING else "in-time",
            due.label,
            date_format(localtime(ticket.answer_due_at), r"j F, G \h i"),
        )

    @admin.display(description="demandeur")
    def who(self, ticket: Ticket) -> str:
        if ticket.author:
            return f"{ticket.author} ({ticket.author.identifier})"
        return f"{ticket.email} (sans connexion : identité non vérifiée)"

    @admin.display(description="accusé de réception")
    def acknowledged(self, ticket: Ticket) -> str:
        """Return when the e-mail left, beside its deadline."""
        entry = ticket.acknowledgement
        until = date_format(localtime(ticket.receipt_due_at), r"j F Y, G \h i")
        if entry and entry.sent_at:
            at = date_format(localtime(entry.sent_at), r"j F Y, G \h i")
            return f"parti le {at} (dû au plus tard le {until})"
        has_failed = entry and entry.given_up_at
        standing = "n’est pas parti" if has_failed else "va partir"
        return f"le courriel {standing} (accusé dû au plus tard le {until})"

    @admin.display(description="messages")
    def thread(self, ticket: Ticket) -> str:
        lines = ticket.messages.select_related("by")
        return render_to_string("support/tickets/admin/thread.html", {"lines": lines})

    @admin.display(description="notes")
    def notes_lines(self, ticket: Ticket) -> str:
        lines = ticket.notes.select_related("by")
        return render_to_string("support/tickets/admin/notes.html", {"lines": lines})

    @admin.display(description="historique")
    def timeline(self, ticket: Ticket) -> str:
        """Name what its author did, signed in or not."""
        lines = []
        for step in ticket.steps.select_related("by"):
            is_reply = step.origin == TicketState.WAITING
            is_reply = is_reply and step.target == TicketState.TAKEN
            label = "précision reçue" if is_reply else TicketState(step.target).label
            is_authors = is_reply or step.target in AUTHORS_MOVES
            by = step.by or ("le demandeur" if is_authors else None)
            lines.append({"at": step.at, "label": capfirst(label), "by": by})
        return render_to_string("admin/timeline.html", {"lines": lines})
