"""A sheet links to what its reader may open, and names the rest."""

import sys
from typing import Any

import pytest
from django.test import Client

from accounts.structures.models import Structure
from opus.lib.model_admin.formatting import link_to, openable
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    StructureFactory,
)
from tests.admin.registers import MAKERS, list_url, record_url, text_of
from tests.cases import each_case
from tests.conftest import sign_in
from tests.opus.page import Page

pytestmark = pytest.mark.django_db

READERS: dict[str, Any] = {
    "agent": lambda: AgentFactory(agency=AgencyFactory(safir="38086")),
    "territory": lambda: FtAdminFactory(
        agency=AgencyFactory(safir="38900", kind="dt", department="38")
    ),
    "nation": FtAdminFactory,
}


def links_of(response: Any) -> set[str]:
    """The addresses of our own that the page itself links to."""
    found = {tag.attrs.get("href", "") for tag in Page.of(response).all("a")}
    return {href.split("#")[0] for href in found if href.startswith(("/", "?"))}


def own_links(response: Any) -> set[str]:
    """Those beside the menu's, which the desk's own walk opens."""
    groups = response.context["desk_menu"]
    menu = {
        one["url"] for group in groups for one in group["entries"] + group["others"]
    }
    return links_of(response) - menu


@pytest.mark.thorough
@pytest.mark.timeout(600)
@each_case("reader", READERS)
@each_case("label", MAKERS)
def test_every_link_of_a_sheet_and_its_list_opens_to_its_reader(
    client: Client, label: str, reader: str
) -> None:
    """S27: what he may not read stands as text."""
    instance = MAKERS[label]()
    # As many of them as may be lie in the readers' territory.
    Structure.objects.update(agency=AgencyFactory(safir="38086", department="38"))
    sign_in(client, READERS[reader]())
    pages = [client.get(record_url(instance)), client.get(list_url(label))]
    hrefs = set().union(*(own_links(one) for one in pages if one.status_code == 200))

    answers = {
        href: client.get(href, follow=True).status_code
        for href in hrefs
        if not href.startswith(("?", "/deconnexion"))
    }

    sys.stdout.write(f"{label}, {reader}: {len(answers)} links\n")
    refused = {href: code for href, code in answers.items() if code != 200}
    assert refused == {}


@pytest.mark.parametrize(
    ("make", "opens"),
    [
        (lambda here: StructureFactory(agency=here), True),
        (lambda here: StructureFactory(agency=AgencyFactory(department="69")), False),
        # The outbox is for the nation only, whatever the territory.
        (lambda here: MAKERS["lib.outboxentry"](), False),
    ],
)
def test_an_object_is_a_link_to_who_may_open_it(make: Any, opens: bool) -> None:
    reader = READERS["territory"]()
    one = make(reader.agency)

    assert ("href=" in link_to(one, reader)) is opens
    assert link_to(one, reader, "celui-ci").count("celui-ci") == 1
    assert link_to(one, None) == str(one)


def test_what_could_be_no_key_is_no_link() -> None:
    keys = ("a\0b", "x" * 5_000)
    assert openable(FtAdminFactory(), [("offers.offer", key) for key in keys]) == {}


def test_a_relation_that_is_only_read_is_a_link_or_a_dash(as_ft_admin: Client) -> None:
    account = AdviserFactory()

    page = text_of(as_ft_admin.get(record_url(account)))

    structure, agency = (
        page.partition(f"form-row field-{name}")[2].partition('class="readonly">')[2]
        for name in ("structure", "agency")
    )
    assert structure.startswith(f'<a href="{record_url(account.structure)}">')
    assert agency.startswith("—<")
