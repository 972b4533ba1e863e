"""Every page of Opus that somebody reads, role by role: for the tests that read them.

Drawn from the URL list: ``tests/test_access_matrix.py`` holds that each address stands
in docs/access.md, ``tests/admin/test_registers.py`` that each register has a maker, and
``tests/test_html.py`` that the desk's other addresses stand here. So a new address is
toured by itself, or fails the build.
"""

import dataclasses
import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.nominations.enums import NominationState
from tests.accounts.factories import (
    AgreementDocumentFactory,
    FtAdminFactory,
    NominationFactory,
)
from tests.admin.registers import MAKERS, action_url, list_url, record_url
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, SlotFactory
from tests.referrals.screened import ASKS
from tests.test_access_matrix import TABLE, Cast

# Whose pages are read. Two have nothing yet, and their lists are empty: the stranger,
# and France Travail on the first day.
READERS = (
    "anonymous",
    "password_only",
    "adviser",
    "stranger",
    "rgc",
    "first_day",
    "ft_admin",
)
TITLE = re.compile("<title>(.*?)</title>", re.DOTALL)
KIND = re.compile(r'<(\w+)|(class|role|type)="([^"]*)"')
# Names of one field, one column, one register: no kind of their own.
OF_ONE = re.compile("field-|column-|model-|app-|.*[0-9]")
# What a list says that has nothing to show: components/empty.html.
EMPTY = "opus-empty"
# They speak to machines.
FOR_MACHINES = {"livez", "readyz"}
# What each register has by the admin's own making.
BY_REGISTER = ("_changelist", "_add", "_history", "_delete", "_change", "_action")
# The desk's pages beside its registers: of one row, or of none.
OF_A_ROW = {
    "convention_preview": "accounts.convention",
    "accounts_letter_read": "accounts.letter",
    "accounts_modeltext_read": "accounts.modeltext",
    "accounts_convention_document": "accounts.convention",
}
ALONE = (
    *("index", "desk_search", "persons_seen", "support_question_preview"),
    *("support_guide_preview", "accounts_letter_postings"),
)
# Files, parts and doors of the desk: nobody reads a page there.
NO_PAGE = {
    "",
    "accounts_breach_observations",
    "accounts_convention_pdf",
    "accounts_convention_signed_copy",
    "accounts_letter_pdf",
    "accounts_reviewmeeting_file",
    "accounts_structure_communes",
    "app_list",
    "autocomplete",
    "jsi18n",
    "login",
    "logout",
    "referrals_cvrequest_file",
    "register_export",
    "suggestions",
    "support_rightsrequest_reply",
}


def quick_and_thorough(*roles: str) -> list[Any]:
    """The first two at each run; the others are longer, and for ``--thorough``."""
    others = [pytest.param(role, marks=pytest.mark.thorough) for role in roles[2:]]
    return [*roles[:2], *others]


@dataclasses.dataclass(frozen=True)
class Look:
    """A page as it was answered, and the address that gives it."""

    path: str
    route: str
    status: int
    html: str
    headers: dict[str, str]

    @property
    def title(self) -> str:
        """What the browser's tab says, without the site's name."""
        words = html.unescape(title_of(self.html))
        return re.split(" – Opus$| \\| Opus", words)[0].removeprefix("Erreur : ")

    @property
    def kinds(self) -> set[str]:
        """The kinds of things that it is made of: its tags, classes, roles, types."""
        return {
            f"{attribute}{tag} {word}"
            for tag, attribute, words in KIND.findall(self.html)
            for word in words.split() or [""]
            if not OF_ONE.match(word)
        }

    def is_first_met_by(self, role: str) -> bool:
        """Whether the suite opens it for that role, of all those who may see it."""
        if self.status >= 400:
            return role == "adviser"
        if role == "stranger":
            return EMPTY in self.html
        told = TABLE.get(("GET", self.route.removeprefix("/")), {})
        met_by = (one for one in READERS if told.get(one) == str(self.status))
        return role == next(met_by, role)

    @classmethod
    def of(cls, path: str, response: Any) -> "Look":
        found, status = response.resolver_match, response.status_code
        return cls(
            path,
            # What is refused is a page of errors, whatever was asked.
            f"/{found.route}" if status < 400 else f"({status})",
            status,
            response.content.decode(),
            # Of all its headers, the one that a browser enforces.
            {
                "content-security-policy": response.headers.get(
                    "Content-Security-Policy", ""
                )
            },
        )


def audience(role: str) -> tuple[Client, list[str]]:
    """Somebody of that role, and the addresses that may be shown to them."""
    if role == "first_day":
        client = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
        lists = [list_url(label) for label in MAKERS]
        return sign_in(client, FtAdminFactory()), [*map(alone, ALONE), *lists]
    cast = Cast()
    return cast.client(role), paths(role, cast)


def alone(name: str) -> str:
    return reverse(f"admin:{name}")


def paths(role: str, cast: Cast) -> list[str]:
    """The addresses that this role may be shown; the answers sort them out."""
    if role == "ft_admin":
        return list(desk_paths())
    told = [
        cast.url(route)
        for method, route in TABLE
        if method == "GET" and route not in FOR_MACHINES
    ]
    return [*told, *act_paths(cast)]


def act_paths(cast: Cast) -> Iterator[str]:
    """The four acts where they are open: the offer of the cast had its own already."""
    candidate = CandidateFactory(adviser=cast.owner)
    direct = OfferFactory()
    kept = OfferFactory(preselected=True)
    SlotFactory(capacity=1)
    delegated = OfferFactory(delegated_preselection=True, details=ASKS)
    for offer, act in (
        (kept, "demander-un-cv"),
        (delegated, "proposer-en-preselection"),
        (kept, "convoquer"),
    ):
        yield f"/offres/{offer.pk}/{act}/"
        yield f"/offres/{offer.pk}/{act}/{candidate.pk}/"
    yield f"/offres/{direct.pk}/mettre-en-contact/{candidate.pk}/"
    several = f"offre={direct.pk}&offre={delegated.pk}&offre={kept.pk}"
    yield f"/proposer/?{several}"
    yield f"/proposer/?{several}&personne={candidate.pk}"
    yield f"/proposer/?personne={candidate.pk}"
    # Without a parameter they lead near the structure, or near the person.
    yield "/offres/?lieu="
    yield f"/candidats/{candidate.pk}/chercher/?lieu="


def desk_paths() -> Iterator[str]:
    """Each register: its list, its form, the sheet of a row, the page of each verb."""
    yield from map(alone, ALONE)
    yield from ("/suivi/", "/exports/", "/profil/")
    for label, make in MAKERS.items():
        instance = make()
        if label == "accounts.convention":
            AgreementDocumentFactory(convention=instance)
        slug = label.replace(".", "_")
        yield list_url(label)
        yield reverse(f"admin:{slug}_add")
        yield record_url(instance)
        yield reverse(f"admin:{slug}_history", args=[instance.pk])
        for verb in getattr(admin.site._registry[type(instance)], "admin_actions", ()):
            yield action_url(instance, verb.slug)
        for name, owner in OF_A_ROW.items():
            if owner == label:
                yield reverse(f"admin:{name}", args=[instance.pk])
    begun = NominationFactory(
        state=NominationState.PROPOSED,
        convention__draft=True,
        convention__structure__convention=None,
    )
    # The page of a partner in the making, which leads from step to step.
    yield record_url(begun.convention.structure)


def is_page(response: Any) -> bool:
    """What a person reads, errors included; no part of a page, no redirect."""
    return (
        response.status_code not in {301, 302}
        and response["Content-Type"].startswith("text/html")
        and b"<!DOCTYPE html>" in response.content[:200]
    )


def read_pages(client: Client, found: list[str]) -> Iterator[tuple[str, Any]]:
    """The answers that are pages; errors that look alike are read once."""
    seen = set()
    for path in found:
        response = client.get(path)
        if not is_page(response):
            continue
        if response.status_code >= 400:
            kind = (response.status_code, title_of(response.content.decode()))
            if kind in seen:
                continue
            seen.add(kind)
        yield path, response


def title_of(page: str) -> str:
    """What the browser's tab says."""
    return " ".join(TITLE.findall(page)[0].split())
