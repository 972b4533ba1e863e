"""Who opens what: docs/access.md is the list, and every address is on it (S19)."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve

from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.conftest import sign_in
from tests.walk import Address, addresses

PAGE = (Path(settings.BASE_DIR) / "docs" / "access.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (GET|POST) \| (.+) \|$", re.MULTILINE)


def half_signed_in(client: Client) -> None:
    client.force_login(AdviserFactory(), "accounts.backends.IdentifierBackend")


def without_services(client: Client) -> None:
    structure = StructureFactory(convention=None)
    ConventionFactory(
        structure=structure, grants_consultation=False, grants_referrals=False
    )
    sign_in(client, AdviserFactory(structure=structure))


def after_the_end(client: Client) -> None:
    structure = StructureFactory()
    adviser = AdviserFactory(structure=structure)
    structure.conventions.get().terminate(by=None)
    sign_in(client, adviser)


def suspended(client: Client) -> None:
    adviser = AdviserFactory()
    sign_in(client, adviser)
    adviser.suspend(by=None, reason="perte")


def signed_in_as(factory: Any) -> Callable[[Client], None]:
    def enter(client: Client) -> None:
        sign_in(client, factory())

    return enter


# In the order of the columns of docs/access.md.
ROLES: dict[str, Callable[[Client], None]] = {
    "stranger": lambda client: None,
    "suspended": suspended,
    "password alone": half_signed_in,
    "convention over": after_the_end,
    "no service": without_services,
    "adviser": signed_in_as(AdviserFactory),
    "RGC": signed_in_as(RgcFactory),
    "agent": signed_in_as(AgentFactory),
    "admin": signed_in_as(FtAdminFactory),
}


def listed() -> dict[str, tuple[str, dict[str, str]]]:
    """What the page says: name → method, and the answer to each role."""
    return {
        name: (method, dict(zip(ROLES, cells.split(" | "), strict=True)))
        for name, method, cells in ROW.findall(PAGE)
    }


def partner_addresses() -> dict[str, Address]:
    return {address.name: address for address in addresses() if not address.is_admin}


def answer(client: Client, method: str, path: str) -> str:
    """The answer in a word: its status, or the name of the page that it sends to."""
    response = getattr(client, method.lower())(path)
    if response.status_code != 302:
        return str(response.status_code)
    return f"→ {resolve(response.url.partition('?')[0]).url_name}"


def test_every_address_is_listed_and_none_that_does_not_exist():
    """S19: a new address fails here until somebody says who may open it."""
    assert set(listed()) == set(partner_addresses())


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_each_role_as_listed(client, role):
    """S19, S20: the objects asked for belong to nobody, so they do not exist."""
    expected = {name: answers[role] for name, (_, answers) in listed().items()}
    found = {}
    ROLES[role](client)
    cookies = client.cookies.copy()
    for name, address in partner_addresses().items():
        if name == "logout":
            continue
        client.cookies = cookies.copy()
        found[name] = answer(client, listed()[name][0], address.path)
    found["logout"] = answer(client, "POST", partner_addresses()["logout"].path)

    assert found == expected
