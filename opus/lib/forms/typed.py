"""Answers of a stopped form (decision 20).

Hidden fields carry them; nothing is stored. Only forms of our own pages (S29).
"""

import dataclasses
import re
from typing import Any, Self

from django.http import HttpRequest

# Never written in a page; a passkey's signature is not reusable.
SECRET_NAMES = ("password", "passe", "secret", "credential")
# Fields of the page itself, not typed.
OWN_NAMES = {"key", "next", "revision", "shown", "version"}
# Choices, days and internal numbers: nothing to read again.
CODED = re.compile(r"[a-z0-9_:-]*")

# The address parameter of a gate that carries a stopped form.
STOPPED = "repris"
# The prefix of a stopped form's names in the gate's form.
CARRIED = "repris:"
CARRIED_FILE = "repris-fichier"


@dataclasses.dataclass(frozen=True)
class Typed:
    answers: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return the answers; empty if no page may show them."""
        answers = tuple(pairs_in(request))
        is_secret = any(word in name for name, _ in answers for word in SECRET_NAMES)
        if is_secret or not comes_from_our_page(request):
            return cls()
        return cls(answers, tuple(request.FILES))

    @classmethod
    def carried_by(cls, request: HttpRequest) -> Self:
        answers = tuple(
            (name.removeprefix(CARRIED), value)
            for name, value in pairs_in(request)
            if name.startswith(CARRIED)
        )
        return cls(answers, tuple(request.POST.getlist(CARRIED_FILE)))

    @classmethod
    def at_gate(cls, request: HttpRequest) -> Self:
        """Return the stopped form at the gate, direct or carried."""
        return cls.of(request) if is_stopped(request) else cls.carried_by(request)

    def __bool__(self) -> bool:
        return bool(self.answers or self.files)

    @property
    def carried(self) -> list[tuple[str, str]]:
        files = [(CARRIED_FILE, name) for name in self.files]
        return [(CARRIED + name, value) for name, value in self.answers] + files

    @property
    def said(self) -> dict[str, str]:
        """Return the answers by name, without the page's fields."""
        return {
            name: value.strip()
            for name, value in self.answers
            if value.strip() and not is_own(name)
        }

    @property
    def texts(self) -> list[str]:
        """Return the answers worth reading without their labels."""
        return [one for one in self.said.values() if not CODED.fullmatch(one)]


def pairs_in(request: HttpRequest) -> list[tuple[str, str]]:
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    return [pair for pair in typed if pair[0] != "csrfmiddlewaretoken"]


def is_own(name: str) -> bool:
    """Return whether the page sends it, like a formset's count."""
    is_machinery = name.startswith("_") or name.endswith("_FORMS")
    return is_machinery or not OWN_NAMES.isdisjoint(name.split("-"))


def is_stopped(request: HttpRequest) -> bool:
    return request.method == "POST" and STOPPED in request.GET


def given_back(request: HttpRequest, typed: Typed, action: str = "") -> dict[str, Any]:
    return {"typed": typed, "action": action or request.get_full_path()}


def comes_from_our_page(request: HttpRequest) -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == origin
