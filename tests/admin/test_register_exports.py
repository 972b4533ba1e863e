"""A register as a file: what its list shows, to whom it shows it (S25, S27, S32)."""

import csv
import io

import pytest
from django.test import Client

from accounts.exports.models import Export
from accounts.users.models.users import User
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.documents.spreadsheets import Format
from tests.accounts.factories import (
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    StructureFactory,
)
from tests.admin.registers import MAKERS, list_url
from tests.cases import each_case
from tests.conftest import sign_in
from tests.files import make_file
from tests.opus.page import Page

pytestmark = pytest.mark.django_db


def export_of(client: Client, label: str, into: str = "csv", query: str = "") -> Export:
    response = client.post(f"/admin/exporter/{label}/{into}/{query}")
    assert response["Location"] == "/exports/"
    export: Export = Export.objects.latest("created_at")
    make_file(export)
    export.refresh_from_db()
    return export


def rows_of(export: Export) -> list[dict[str, str]]:
    text = bytes(export.content or b"").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


@each_case("label", MAKERS, at_each_run=6)
def test_every_register_is_exported(as_ft_admin: Client, label: str) -> None:
    MAKERS[label]()
    page = Page.of(as_ft_admin.get(list_url(label)))
    addresses = [tag.attrs.get("formaction", "") for tag in page.all("button")]
    shown = [f"/admin/exporter/{label}/{into}/" for into in Format.values]

    export = export_of(as_ft_admin, label, "ods")

    assert [one.split("?")[0] for one in addresses if one] == shown
    assert export.is_ready
    assert export.rows_done >= 1
    entry = AuditEntry.objects.filter(action=Action.EXPORT_MADE).latest("pk")
    assert entry.details == {"what": "register", "format": "ods", "register": label}


def test_the_file_has_the_list_its_filters_and_its_territory(client: Client) -> None:
    """S27: a formula is neutralised, a link is its text, an accent sorts in place."""
    home = AgencyFactory(safir="38086")
    for name in ("Zèbre", "École", "=1+1"):
        StructureFactory(name=name, agency=home, kind="mission_locale")
    StructureFactory(name="Ailleurs", agency=AgencyFactory())
    StructureFactory(name="Autre type", agency=home, kind="autre")
    sign_in(client, AgentFactory(agency=home))

    rows = rows_of(
        export_of(client, "accounts.structure", query="?kind__exact=mission_locale&o=1")
    )

    # Two notes follow the rows.
    assert [row["Nom"] for row in rows][:-2] == ["'=1+1", "École", "Zèbre"]


def test_the_filter_by_territory_goes_down_the_network(
    client: Client, ft_admin: User
) -> None:
    region = AgencyFactory(kind="dr", name="Région Essai", region="11")
    direction = AgencyFactory(kind="dt", name="Direction Essai", parent=region)
    agency = AgencyFactory(name="Agence Essai", parent=direction)
    here = ConventionFactory(agency=agency)
    away = ConventionFactory()
    sign_in(client, ft_admin)
    url = list_url("accounts.convention")

    whole = client.get(url)
    below = client.get(url, {"territoire": region.pk})

    assert "Région Essai" in whole.text
    assert "Agence Essai" not in Page.of(whole).one("search").words()
    assert "Direction Essai" in Page.of(below).one("search").words()
    assert here.number in below.text
    assert away.number not in below.text


def test_no_other_territory_is_chosen_by_hand(client: Client) -> None:
    home = AgencyFactory(kind="dt", department="38")
    other = AgencyFactory(kind="dt", department="69")
    sign_in(client, AgentFactory(agency=home))

    response = client.get(list_url("accounts.convention"), {"territoire": other.pk})

    assert response.status_code == 302
    export = client.post(
        f"/admin/exporter/accounts.convention/csv/?territoire={other.pk}"
    )
    assert export.status_code == 404


def test_what_one_may_not_list_is_not_exported(client: Client) -> None:
    sign_in(client, AgentFactory())

    for label in ("lib.auditentry", "accounts.user", "auth.group", "no.such"):
        response = client.post(f"/admin/exporter/{label}/csv/")
        assert response.status_code == 404, label
