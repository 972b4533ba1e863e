"""Every page of Opus that somebody reads, role by role: for the tests that read them.

Drawn from the URL list: ``tests/test_access_matrix.py`` holds that each address stands
in docs/access.md, ``tests/admin/test_registers.py`` that each register has a maker, and
``tests/test_html.py`` that the desk's other addresses stand here. So a new address is
toured by itself, or fails the build.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.admin.registers import MAKERS, list_url, sheet_url, verb_url
from tests.test_access_matrix import TABLE, Cast

# Whose pages are read. The stranger has nothing yet: every list of his is empty.
READERS = ("anonymous", "password_only", "adviser", "stranger", "rgc", "ft_admin")
# They speak to machines.
FOR_MACHINES = {"livez", "readyz"}
# What each register has by the admin's own making.
BY_REGISTER = ("_changelist", "_add", "_history", "_delete", "_change", "_verb")
# The desk's pages beside its registers: of one row, or of none.
OF_A_ROW = {
    "convention_preview": "accounts.convention",
    "accounts_letter_read": "accounts.letter",
}
ALONE = ("index", "persons_seen", "desk_question_preview", "desk_guide_preview")
# Files, parts and doors of the desk: nobody reads a page there.
NO_PAGE = {
    "",
    "accounts_letter_pdf",
    "app_list",
    "autocomplete",
    "jsi18n",
    "login",
    "logout",
    "referrals_cvrequest_file",
}


def paths(role: str, cast: Cast) -> list[str]:
    """The addresses that this role may be shown; the answers sort them out."""
    if role == "ft_admin":
        return list(desk_paths())
    return [
        cast.url(route)
        for method, route in TABLE
        if method == "GET" and route not in FOR_MACHINES
    ]


def desk_paths() -> Iterator[str]:
    """Each register: its list, its form, the sheet of a row, the page of each verb."""
    yield from (reverse(f"admin:{name}") for name in ALONE)
    yield from ("/suivi/", "/exports/", "/profil/")
    for label, make in MAKERS.items():
        instance = make()
        slug = label.replace(".", "_")
        yield list_url(label)
        yield reverse(f"admin:{slug}_add")
        yield sheet_url(instance)
        yield reverse(f"admin:{slug}_history", args=[instance.pk])
        for verb in getattr(admin.site._registry[type(instance)], "verbs", ()):
            yield verb_url(instance, verb.slug)
        for name, owner in OF_A_ROW.items():
            if owner == label:
                yield reverse(f"admin:{name}", args=[instance.pk])


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
            if response.status_code in seen:
                continue
            seen.add(response.status_code)
        yield path, response
