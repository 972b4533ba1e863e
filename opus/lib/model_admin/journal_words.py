"""A line of the journal in words: what it names, and its details (S37)."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

from opus.lib.audit.journal import Action
from opus.lib.dates import date_format
from opus.lib.model_admin.formatting import link_of
from opus.lib.model_admin.openable import model_named, openable

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
    request = HttpRequest()
    request.user = reader
    words = openable(request, [target]).get(target)
    if words is None:
        return target_words(target_type, target_id)
    return link_of(target_type, target_id, words)


def belongings_of(target_type: str, target_id: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the keys of what belongs to an object, by kind."""
    model = model_named(target_type)
    if model is not None and admin.site.is_registered(model):
        pages: Any = admin.site.get_model_admin(model)
        yield from pages.belongings(target_id)


def role_words(role: str) -> str:
    field: Any = get_user_model()._meta.get_field("role")
    return str(dict(field.flatchoices).get(role, role))


def details_of(
    details: dict[str, Any], target_type: str, reader: Any
) -> Iterator[tuple[str, str]]:
    """Yield label and text of each detail; a part gives its target and its own."""
    model = model_named(target_type)
    for key, value in details.items():
        match key:
            case "fields" if isinstance(value, dict):
                for name, change in value.items():
                    yield field_label(model, name), change_words(change, model)
            case "fields":
                names = [field_label(model, name) for name in value or ()]
                yield "Modifiés", ", ".join(names)
            case "parts":
                for part in value:
                    yield from part_of(part, reader)
            case _:
                yield capfirst(KEYS.get(key, key)), words_of(value, model, reader)


def part_of(part: dict[str, Any], reader: Any) -> Iterator[tuple[str, str]]:
    kind, _, key = str(part.get("target", "")).partition(" ")
    action = ACTION_LABELS.get(part.get("action", ""), part.get("action", ""))
    yield capfirst(str(action)), target_link(kind, key, reader) if kind else "—"
    yield from details_of(part.get("details", {}), kind, reader)


def field_label(model: type[models.Model] | None, name: str) -> str:
    try:
        field: Any = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        field = None
    return capfirst(str(getattr(field, "verbose_name", name)))


def change_words(change: Any, model: type[models.Model] | None) -> str:
    if not isinstance(change, list) or len(change) != 2:
        return "modifié"
    before, after = (words_of(value, model) for value in change)
    return f"{before} → {after}"


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
    if model and admin.site.is_registered(model):
        pages: Any = admin.site.get_model_admin(model)
        for button in getattr(pages, "admin_actions", ()):
            if button.slug == code:
                return str(button.label)
    named = model_named(code) if "." in code else None
    return str(named._meta.verbose_name_plural) if named else VERBS.get(code, code)
