"""Journal, outbox and jobs for national staff, read-only (S37)."""

import datetime as dt
import re
from collections.abc import Iterator
from operator import methodcaller
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.timezone import localtime

from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.dates import date_format
from opus.lib.forms.base import as_uuid
from opus.lib.jobs import JobRun
from opus.lib.model_admin.filters import ChoiceFilter, DayFilter
from opus.lib.model_admin.formatting import (
    Target,
    bullets,
    link_of,
    link_to,
    model_named,
    object_link,
    openable,
    pages_of,
    reader_of,
)
from opus.lib.model_admin.forms import AdminAction, confirming
from opus.lib.model_admin.staff_admin import NationalReadAdmin, ReadOnlyAdmin
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.lib.privacy import personal_data
from opus.lib.privacy.models import PurgeRun
from opus.lib.privacy.personal_data import Person
from opus.lib.text_guard.fields import place_label
from opus.lib.text_guard.models import TextFinding, TextGuardCount
from opus.lib.text_guard.rules import Category

ACTION_LABELS = dict(Action.choices)
A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
A_TARGET = re.compile(r"([a-z]+\.[a-z]+) (\S+)")
KEYS = {
    "about": "au sujet de",
    "address_is_back": "adresse rétablie",
    "ceiling": "plafond",
    "check_done": "vérification d’identité",
    "conclusion": "conclusion",
    "confirmed": "confirmé",
    "convention": "convention n°",
    "declared_by": "déclarée par",
    "document": "document",
    "door": "entrée",
    "ends_on": "fin",
    "event": "évènement n°",
    "factor": "facteur",
    "format": "format",
    "found": "trouvées",
    "from": "du",
    "given": "donné",
    "gone": "partis",
    "here": "présents",
    "kind": "nature",
    "letters": "lettres",
    "mail": "courriel n°",
    "minutes": "minutes",
    "new_device": "nouvel appareil",
    "offer": "offre",
    "on": "le",
    "opened": "ouverts",
    "outcome": "suite",
    "path": "adresse",
    "reason": "motif",
    "register": "registre",
    "reset": "remise à zéro n°",
    "role": "rôle",
    "rows": "lignes",
    "searches": "recherches",
    "sessions": "sessions",
    "slots": "créneaux",
    "to": "vers",
    "unasked": "montrées par la page",
    "verb": "geste",
    "what": "quoi",
}
VERBS = {
    "abandon": "abandonner",
    "attach": "joindre",
    "confirm": "confirmer",
    "follow": "suivre la convention précédente",
    "lift": "lever",
    "observe": "enregistrer les observations",
    "open": "ouvrir",
    "propose": "proposer",
    "remind": "rappeler le renouvellement",
    "renew": "renouveler",
    "sign": "signer",
    "tidy": "passer à l’état que disent les dates",
    "uphold": "maintenir",
}


def target_words(target_type: str, target_id: str) -> str:
    """Return « Convention n° 12 », without reading it."""
    model = model_named(target_type)
    name = model._meta.verbose_name if model else target_type
    return f"{capfirst(str(name))} n° {target_id}" if target_type else "—"


def target_link(target_type: str, target_id: str, reader: Any) -> str:
    """Return the words as a link if the reader may open it, and it still is."""
    target = (target_type, target_id)
    words = openable(reader, [target]).get(target)
    return link_of(*target, words) if words else target_words(*target)


def details_of(
    details: dict[str, Any], target_type: str, reader: Any
) -> Iterator[tuple[str, str]]:
    """Yield label and text of each detail; a part gives its target and its own."""
    model = model_named(target_type)
    for key, value in details.items():
        match key:
            case "fields" if isinstance(value, dict):
                for name, change in value.items():
                    words = "modifié"
                    if isinstance(change, list) and len(change) == 2:
                        words = " → ".join(words_of(one, model) for one in change)
                    yield field_label(model, name), words
            case "fields":
                names = [field_label(model, name) for name in value or ()]
                yield "Modifiés", ", ".join(names)
            case "parts":
                for part in value:
                    kind, _, about = str(part.get("target", "")).partition(" ")
                    action = part.get("action", "")
                    words = capfirst(str(ACTION_LABELS.get(action, action)))
                    yield words, target_link(kind, about, reader) if kind else "—"
                    yield from details_of(part.get("details", {}), kind, reader)
            case _:
                yield capfirst(KEYS.get(key, key)), words_of(value, model, reader)


def field_label(model: type[models.Model] | None, name: str) -> str:
    try:
        field: Any = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        field = None
    return capfirst(str(getattr(field, "verbose_name", name)))


def words_of(
    value: Any, model: type[models.Model] | None = None, reader: Any = None
) -> str:
    """Return a day, a code or an object in French, else the value itself."""
    match value:
        case None | "":
            return "—"
        case bool():
            return "oui" if value else "non"
        case list():
            return ", ".join(words_of(one, model, reader) for one in value)
        case str() if A_DAY.fullmatch(value):
            return date_format(dt.date.fromisoformat(value))
        case str() if found := A_TARGET.fullmatch(value):
            return target_link(found[1], found[2], reader)
        case str():
            return code_words(value, model)
    return str(value)


def code_words(code: str, model: type[models.Model] | None) -> str:
    """Return the label of a state, a choice or a button of that model."""
    for field in model._meta.concrete_fields if model else ():
        label = dict(getattr(field, "flatchoices", ())).get(code)
        if label:
            return str(label)
    for button in getattr(pages_of(model), "admin_actions", ()):
        if button.slug == code:
            return str(button.label)
    named = model_named(code) if "." in code else None
    return str(named._meta.verbose_name_plural) if named else VERBS.get(code, code)


COUNTS_SHOWN = 300
ACCOUNT = "accounts.user"
STRUCTURE = "accounts.structure"


class ActionFilter(ChoiceFilter):
    """Filter by action, without a query for the choices."""

    title = "action"
    parameter_name = "action"
    # A hundred choices: folded until one is chosen.
    template = "admin/folded_filter.html"
    options = {
        action.value: (action.label, methodcaller("telling", action.value))
        for action in Action
    }


class AboutFilter(admin.SimpleListFilter):
    """Lines about an object, and about what belongs to it."""

    title = "objet"
    parameter_name = "objet"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.reader = request.user
        super().__init__(request, *args)

    @property
    def target(self) -> tuple[str, str]:
        target_type, _, target_id = str(self.value() or "").partition(" ")
        return target_type, target_id

    @cached_property
    def link(self) -> str:
        return target_link(*self.target, self.reader) if self.value() else ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(self.value() or "", strip_tags(self.link))] if self.value() else []

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *others = super().choices(changelist)
        yield from ({**everything, "display": "tous"}, *others)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        target_type, target_id = self.target
        found = queryset.about(target_type, target_id)
        if pages := pages_of(model_named(target_type)):
            for kind, keys in pages.belongings(target_id):
                found |= queryset.filter(target_type=kind, target_id__in=keys)
        # All lines about a person: those where she is one of several, too (S38).
        if target_type == "referrals.candidate" and (number := as_uuid(target_id)):
            person = personal_data.whole(Person(candidates=frozenset({number})))
            found |= queryset.concerning(person.candidates)
        return found


class RefusedFilter(ChoiceFilter):
    title = "résultat"
    parameter_name = "resultat"
    options = {
        "refus": ("refusé", lambda rows: rows.exclude(refused="")),
        "fait": ("fait", lambda rows: rows.filter(refused="")),
    }


@admin.register(AuditEntry)
class AuditEntryAdmin(NationalReadAdmin):
    list_display = (
        *("at", "actor_line", "role_label", "action_label"),
        *("target", "persons", "refused", "ip"),
    )
    list_filter = (("at", DayFilter), ActionFilter, RefusedFilter, AboutFilter)
    search_fields = ("=actor", "=target_id", "=request_id", "=ip")
    search_help_text = "Identifiant du compte, n° de l’objet, requête ou adresse."
    fields = (
        *("at", "actor_line", "role_label", "structure", "action_label"),
        *("target", "persons", "refused", "details_lines"),
        *("request_id", "session", "ip", "agent"),
    )

    def title_of(self, instance: AuditEntry) -> str:
        at = date_format(localtime(instance.at), r"j F Y à G \h i")
        return f"{capfirst(self.action_label(instance))}, le {at}"

    @admin.display(description="action", ordering="action")
    def action_label(self, entry: AuditEntry) -> str:
        return ACTION_LABELS.get(entry.action, entry.action)

    def named_by(self, row: AuditEntry) -> Iterator[Target]:
        yield row.target_type, row.target_id
        yield ACCOUNT, str(row.actor_id)

    @admin.display(description="objet")
    def target(self, entry: Any) -> str:
        kind, key = entry.target_type, entry.target_id
        # An export shows rows that no list prepared.
        named = getattr(entry, "openable", {})
        words = named.get((kind, key)) or target_words(kind, key)
        return object_link(entry, kind, key, words)

    @admin.display(description="compte", ordering="actor")
    def actor_line(self, entry: AuditEntry) -> str:
        actor = entry.actor or "Opus"
        return object_link(entry, ACCOUNT, str(entry.actor_id), actor)

    @admin.display(description="structure")
    def structure(self, entry: AuditEntry) -> str:
        if entry.structure_id is None:
            return "—"
        return target_link(STRUCTURE, str(entry.structure_id), reader_of(entry))

    @admin.display(description="rôle", ordering="role")
    def role_label(self, entry: AuditEntry) -> str:
        field: Any = get_user_model()._meta.get_field("role")
        return str(dict(field.flatchoices).get(entry.role, entry.role))

    @admin.display(description="précisions")
    def details_lines(self, entry: AuditEntry) -> str:
        lines = details_of(entry.details, entry.target_type, reader_of(entry))
        return bullets("{} : {}", lines, empty="—")


class OutboxStateFilter(ChoiceFilter):
    title = "état"
    parameter_name = "etat"
    options = {
        "attente": ("en attente", lambda rows: rows.waiting()),
        "abandon": ("abandonné", lambda rows: rows.filter(given_up_at__isnull=False)),
    }


class ChannelFilter(ChoiceFilter):
    title = "nature"
    parameter_name = "nature"
    options = {
        "courriel": ("courriels", lambda rows: rows.exclude(outbox.are_webhooks())),
        "avis": (
            "avis à France Travail",
            lambda rows: rows.filter(outbox.are_webhooks()),
        ),
    }


class LateFilter(ChoiceFilter):
    title = "retard"
    parameter_name = "retard"
    options = {"oui": ("en retard", lambda rows: rows.overdue())}


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "every", "ended_at", "error")
    list_filter = (LateFilter,)
    fields = list_display
    search_fields = ("name",)
    search_help_text = "Nom de la tâche."


@admin.register(PurgeRun)
class PurgeRunAdmin(ReadOnlyAdmin):
    """Each night's purge, with counts by class (V10)."""

    list_display = ("began_at", "ended_at", "total", "failures")
    fields = (*list_display, "counts")


@admin.register(OutboxEntry)
class OutboxEntryAdmin(NationalReadAdmin):
    list_display = ("effect", "created_at", "sent_at", "attempts", "error")
    list_filter = (OutboxStateFilter, ChannelFilter)
    fields = (
        *("effect", "key", "created_at", "next_attempt_at", "attempts", "error"),
        *("sent_at", "dropped_at", "given_up_at"),
    )

    admin_actions = (
        AdminAction(
            slug="relancer",
            label="Relancer",
            question="Opus essaie une fois encore, tout de suite. Si l’envoi échoue de "
            "nouveau, il redevient abandonné.",
            done="L’envoi est relancé.",
            form=confirming(lambda entry, by: outbox.try_again(entry)),
            is_open=lambda entry, user: entry.given_up_at is not None,
            action=Action.EFFECT_RETRIED,
        ),
    )


@admin.register(TextFinding)
class TextFindingAdmin(NationalReadAdmin):
    """Places to correct (V5), counts of refusals (V4); no words."""

    change_list_template = "admin/text_findings.html"
    list_display = ("field_label", "record_link", "category", "version", "at")
    list_filter = ("category",)
    fields = list_display

    def title_of(self, instance: TextFinding) -> str:
        return f"Texte à reprendre n° {instance.pk}"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        counts = TextGuardCount.objects.by_month()[:COUNTS_SHOWN]
        refusals = [
            {
                **row,
                "field": place_label(row["place"]),
                "told": Category(row["category"]).label,
            }
            for row in counts
        ]
        return super().changelist_view(request, {"refusals": refusals})

    @admin.display(description="champ", ordering="place")
    def field_label(self, finding: TextFinding) -> str:
        return place_label(finding.place)

    @admin.display(description="fiche")
    def record_link(self, finding: TextFinding) -> str:
        label, words = finding.place.rpartition(".")[0], f"n° {finding.target_id}"
        if pages_of(model_named(label)) is None:
            return f"{words}, sans fiche"
        return link_of(label, finding.target_id, words)
