"""What holds for every register: lists, pages, links, exports, the journal."""

import csv
import datetime as dt
import io
import re
import sys
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import Convention, Partnership
from accounts.agreements.models.letters import Letter
from accounts.exports.models import Export
from accounts.nominations.enums import NominationState
from accounts.structures.models import Agency, Structure
from accounts.users.models import User
from offers.files.models import ImportRun
from opus.desk.queues import QUEUES
from opus.lib.audit.journal import Action, record
from opus.lib.audit.models import AuditEntry
from opus.lib.documents.spreadsheets import Format
from opus.lib.jobs import JobRun
from opus.lib.model_admin.formatting import link_to, openable
from opus.lib.models import Finding
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    AlertFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    LetterFactory,
    NominationFactory,
    RgcFactory,
    StructureFactory,
    TeamReviewFactory,
)
from tests.admin.registers import MAKERS, list_url, make_reject, record_url, text_of
from tests.cases import each_case
from tests.conftest import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.opus.page import Page
from tests.referrals.factories import (
    AppointmentFactory,
    CaseloadTransferFactory,
    DocumentFactory,
)
from tests.referrals.screened import ScreenedReferralFactory
from tests.tables import analyze

pytestmark = pytest.mark.django_db


def test_every_register_is_tried_here() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert registered == set(MAKERS)


@each_case("label", MAKERS, at_each_run=12)
def test_lists_cost_the_same_whatever_their_length(
    client: Client, ft_admin: User, label: str
) -> None:
    make = MAKERS[label]
    # A session of some age is written now and then.
    sign_in(client, ft_admin)

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(list_url(label))
        assert response.status_code == 200
        return len(queries)

    make()
    count_queries()  # Warms the caches of the site.
    with_one = count_queries()
    make()
    make()

    assert count_queries() == with_one
    assert with_one <= 12


@each_case("label", MAKERS, at_each_run=16)
def test_sheets_open_and_have_a_title(as_ft_admin: Client, label: str) -> None:
    response = as_ft_admin.get(record_url(MAKERS[label]()))

    assert response.status_code == 200
    assert re.search(
        r"<title>\s*\S.* \| Administration d’Opus</title>", text_of(response)
    )


@each_case("label", MAKERS, at_each_run=12)
def test_lists_are_searched(as_ft_admin: Client, label: str) -> None:
    MAKERS[label]()

    response = as_ft_admin.get(list_url(label), {"q": "38086"})

    assert response.status_code == 200


@each_case("label", MAKERS, at_each_run=12)
def test_nothing_is_ever_deleted(as_ft_admin: Client, label: str) -> None:
    """S27."""
    instance = MAKERS[label]()
    model = type(instance)
    url = reverse(f"admin:{label.replace('.', '_')}_delete", args=[instance.pk])

    assert as_ft_admin.get(url).status_code == 403
    assert as_ft_admin.post(url, {"post": "yes"}).status_code == 403
    as_ft_admin.post(
        list_url(label), {"action": "delete_selected", "_selected_action": instance.pk}
    )
    assert model.objects.filter(pk=instance.pk).exists()


# --- Words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("accounts.agency", "Ajouter une agence"),
        ("accounts.structure", "Nouveau partenaire"),
        ("accounts.convention", "Ajouter une convention"),
        ("accounts.nomination", "Ajouter une nomination de RGC"),
        ("accounts.user", "Ajouter un compte"),
        ("referrals.outcomecode", "Ajouter une suite codée"),
        ("referrals.slot", "Ajouter un créneau"),
        ("support.question", "Ajouter une question de la FAQ"),
        ("support.certifiedbrowser", "Ajouter un navigateur certifié"),
    ],
)
def test_adding_is_named_alike_in_the_list_and_on_the_page(
    as_ft_admin: Client, label: str, title: str
) -> None:
    url = reverse(f"admin:{label.replace('.', '_')}_add")

    listed = Page.of(as_ft_admin.get(list_url(label))).links()
    # A structure is begun by a path of its own.
    page = Page.of(as_ft_admin.get(url, follow=True))

    assert listed[title].split("?")[0] == url
    assert page.one("h1").words() == title
    assert page.one("li", **{"aria-current": "page"}).words() == title


def test_leaving_a_sheet_and_closing_an_account_do_not_share_a_word(
    as_ft_admin: Client,
) -> None:
    sheet = Page.of(as_ft_admin.get(record_url(AdviserFactory())))
    account = {tag.words() for tag in sheet.all("button")} | sheet.links().keys()
    offer = Page.of(as_ft_admin.get(record_url(OfferFactory()))).links()

    assert "Fermer le compte" in account
    assert offer["Revenir à la liste"] == list_url("offers.offer")
    assert "Fermer" not in account | offer.keys()


def test_a_line_of_the_journal_is_called_by_what_was_done(as_ft_admin: Client) -> None:
    entry = record(Action.SIGN_IN, by=AdviserFactory())

    page = Page.of(as_ft_admin.get(record_url(entry)))

    assert page.one("h1").words().startswith("Connexion, le ")


def test_an_import_is_called_by_its_day_in_paris(as_ft_admin: Client) -> None:
    """R26."""
    run = ImportRun.objects.create(files=["a.jsonl", "b.jsonl"], read=1)
    ImportRun.objects.filter(pk=run.pk).update(
        started_at=dt.datetime(2026, 7, 14, 22, 30, tzinfo=dt.UTC)
    )

    page = Page.of(as_ft_admin.get(record_url(run)))

    assert page.one("h1").words() == "Import du 15 juillet 2026 à 0 h 30"
    assert "a.jsonl, b.jsonl" in page.one("main").words()


def test_what_was_recorded_is_told_in_our_words(as_ft_admin: Client) -> None:
    """U17: Django would speak of an object, and of success."""
    typed = {
        "kind": "information",
        "title": "Recherche par rayon",
        "text": "La liste se trie par distance.",
        "goes_live_on": "",
        "note": "",
        "guide": "",
        "audience": "tous",
        "region": "",
    }

    page = as_ft_admin.post(
        reverse("admin:support_announcement_add"), typed, follow=True
    )

    assert "Enregistré\xa0: Recherche par rayon." in page.text
    assert "avec succès" not in page.text


def test_each_queue_leads_to_the_rows_that_it_counts(as_ft_admin: Client) -> None:
    """U15."""
    soon = timezone.localdate() + dt.timedelta(days=30)
    ending = ConventionFactory(ends_on=soon)
    NominationFactory(state=NominationState.PROPOSED)
    TeamReviewFactory()
    AmendmentFactory(quota=30)
    AmendmentFactory(quota=5, confirmed=True)
    EndingFactory()
    BreachFactory(observed=True)
    BreachFactory(notified=True, notified_on=timezone.localdate())
    LetterFactory()
    CaseloadTransferFactory()
    make_reject()
    failed = DocumentFactory(state="echec").act
    ScreenedReferralFactory(to_review=True)
    ScreenedReferralFactory.create_batch(2, shortlisted=True)
    AppointmentFactory()
    AppointmentFactory(at=timezone.now() - dt.timedelta(days=8))
    AppointmentFactory(attended=True)
    OutboxEntry.objects.create(effect="trial", key="a", given_up_at=timezone.now())
    hour = dt.timedelta(hours=1)
    for name, since in [("late", 3 * hour), ("in-time", hour)]:
        JobRun.objects.create(name=name, every=hour, ended_at=timezone.now() - since)
    for name, count in [("broken", 2), ("sound", 0)]:
        Finding.objects.create(name=name, count=count, checked_at=timezone.now())

    response = as_ft_admin.get(reverse("admin:index"))
    queues = {queue.label: queue for queue in response.context["queues"]}

    counted = {label: queue.value for label, queue in queues.items()}
    for label in ("Dernier import", "Flux des offres", "Relève de l’API"):
        del counted[label]
    for label, value in counted.items():
        listed = as_ft_admin.get(queues[label].url).context["cl"].result_count
        assert str(listed) == value, label
    one_each = (
        *("Tâches de fond en retard", "Contrôles de cohérence en défaut"),
        *("Conventions qui finissent", "Conventions à renouveler"),
        *("Avenants à confirmer", "Fins anticipées à confirmer"),
        *("Manquements\xa0: échéances proches", "Lettres à poster"),
        "Candidatures à examiner",
    )
    assert {label: counted[label] for label in one_each} == dict.fromkeys(one_each, "1")
    assert counted["Candidatures à présenter"] == "2"
    assert ending.number in text_of(
        as_ft_admin.get(queues["Conventions qui finissent"].url)
    )
    assert failed.number in text_of(as_ft_admin.get(queues["Documents en échec"].url))
    assert queues["Dernier import"].value == "à l’instant"


def test_what_has_no_territory_is_on_the_national_desk_alone(
    as_ft_admin: Client,
) -> None:
    of_an_agency = sign_in(Client(), FtAdminFactory(agency=AgencyFactory()))
    national, local = (
        {queue.label for queue in client.get(reverse("admin:index")).context["queues"]}
        for client in (as_ft_admin, of_an_agency)
    )

    assert local < national
    assert national - local == {
        "Incidents sans nouvelles",
        "Envois non partis",
        "Textes à reprendre",
        "Contrôles de cohérence en défaut",
    }


def every_address() -> list[str]:
    """Every page of the desk that needs no object, and a sheet of each register."""
    addresses = [reverse("admin:index")]
    for label, make in MAKERS.items():
        addresses += [list_url(label), record_url(make())]
    return addresses


@pytest.mark.thorough
def test_staff_with_a_password_alone_see_no_page(client: Client, ft_admin: Any) -> None:
    """S27."""
    client.force_login(ft_admin, "accounts.signin.backends.IdentifierBackend")

    for address in every_address():
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith(reverse("login_code")), address


@pytest.mark.thorough
@pytest.mark.parametrize("factory", [AdviserFactory, RgcFactory])
def test_the_desk_does_not_exist_for_partners(client: Client, factory: Any) -> None:
    sign_in(client, factory())

    statuses = {client.get(address).status_code for address in every_address()}

    assert statuses == {404}


def test_a_stranger_goes_to_the_one_sign_in_page(client: Client) -> None:
    response = client.get(reverse("admin:index"))

    assert response.status_code == 302
    assert response["Location"].split("?")[0] in {
        reverse("login"),
        reverse("admin:login"),
    }
    assert client.get(reverse("admin:login"))["Location"].split("?")[0] == reverse(
        "login"
    )


def test_the_desk_has_no_password_form_of_its_own(as_ft_admin: Client) -> None:
    """S9."""
    for name in ["login/", "logout/", "password_change/"]:
        assert as_ft_admin.get(f"/admin/{name}").status_code == 404


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


def proposed(client: Client, label: str, typed: str) -> list[str]:
    url = reverse("admin:suggestions", args=[label])
    choices = client.get(url, {"agency": typed}).json()["choices"]
    return [choice["text"] for choice in choices]


def test_rows_of_ones_territory_are_proposed(client: Client) -> None:
    here = AgencyFactory(name="Voiron", kind="dt", department="38")
    away = AgencyFactory(name="Voirons d’ailleurs", department="69")
    sign_in(client, FtAdminFactory(agency=here))

    assert proposed(client, "accounts.agency", "voiron") == [f"Voiron · {here.pk}"]
    assert proposed(client, "accounts.agency", away.pk) == []
    assert proposed(client, "accounts.agency", "") == []


def test_a_convention_is_proposed_by_its_structure_and_its_number(
    as_ft_admin: Client,
) -> None:
    convention = ConventionFactory(structure__name="CCAS de Voiron")
    label = f"CCAS de Voiron · {convention.number}"

    for typed in ("ccas voiron", convention.number):
        assert proposed(as_ft_admin, "accounts.convention", typed) == [label]


def test_only_what_one_reads_is_proposed(client: Client) -> None:
    sign_in(client, AgentFactory())

    for label in ("accounts.user", "accounts.letter", "lib.jobrun", "no.such"):
        url = reverse("admin:suggestions", args=[label])
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("typed", ["{pk}", "Voiron · {pk}", "voiron"])
def test_a_code_a_line_or_a_word_is_enough(as_ft_admin: Client, typed: str) -> None:
    structure, agency = StructureFactory(), AgencyFactory(name="Voiron")
    url = record_url(structure)
    page = Page.of(as_ft_admin.get(url))
    [box] = (tag for tag in page.all("input") if tag.attrs.get("name") == "agency")
    assert box["value"].endswith(f" · {structure.agency_id}")
    assert [tag for tag in page.all("div") if "data-combobox" in tag.attrs]

    fields = {
        tag.attrs["name"]: tag.attrs.get("value", "")
        for tag in page.all("input")
        if "name" in tag.attrs and tag.attrs.get("type") != "submit"
    }
    fields |= {"kind": structure.kind, "agency": typed.format(pk=agency.pk)}
    fields["commune_code"] = structure.commune_code
    response = as_ft_admin.post(url, fields)

    assert response.status_code == 302, Page.of(response).one("main").words()
    assert Structure.objects.get(pk=structure.pk).agency == agency


def test_a_doubt_keeps_what_was_typed_and_says_what_was_found(
    as_ft_admin: Client,
) -> None:
    one, two = (AgencyFactory(name=f"Voiron {side}") for side in ("nord", "sud"))
    url = record_url(StructureFactory())

    several = as_ft_admin.post(url, {"agency": "voiron"})
    nothing = as_ft_admin.post(url, {"agency": "Zanzibar"})

    assert f"Voiron nord · {one.pk}" in several.text
    assert f"Voiron sud · {two.pk}" in several.text
    assert 'value="voiron"' in several.text
    assert "Rien ne répond" in nothing.text


STRUCTURES, ACCOUNTS_EACH = 400, 5
MOST_ROWS, MOST_QUERIES = 50, 12
# The desk reads the arrival of the offers too; a hub has ten lists, each bounded.
MOST_ON_THE_DESK, MOST_ON_A_HUB = 14, 30
LISTS_OF_ONE = ("accounts.user", "accounts.letter", "accounts.nomination")


def people_the_country(by: User) -> Agency:
    """Make one region of ten agencies, and all that hangs on them."""
    region = AgencyFactory(kind="dr", name="Région")
    direction = AgencyFactory(kind="dt", name="Direction", parent=region)
    agencies = AgencyFactory.create_batch(10, parent=direction)
    for number in range(STRUCTURES):
        StructureFactory(name=f"Structure {number}", agency=agencies[number % 10])
    conventions = list(Convention.objects.select_related("structure"))
    for convention in conventions:
        User.objects.bulk_create(
            AdviserFactory.build_batch(ACCOUNTS_EACH, structure=convention.structure)
        )
    Letter.objects.bulk_create(
        LetterFactory.build(convention=convention, rank=1, made_by=by)
        for convention in conventions
    )
    analyze(Agency, Structure, Partnership, Convention, Letter, User)
    return region


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_no_list_grows_with_the_country(client: Client, ft_admin: User) -> None:
    region = people_the_country(ft_admin)
    assert User.objects.count() >= STRUCTURES * ACCOUNTS_EACH
    sign_in(client, ft_admin)
    faults = []

    def visit(label: str, **query: Any) -> None:
        look(list_url(label), **query)

    def look(path: str, most: int = MOST_QUERIES, **query: Any) -> None:
        first = client.get(path, query)  # Warms the caches of the site.
        assert first.status_code == 200, f"{path} {query}: {first.status_code}"
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path, query)
        page = Page.of(response)
        rows = len([tag for tag in page.all("tr") if "tbody" in tag.within])
        size = len(response.content) // 1024
        line = f"{path} {query}: {len(queries)} queries, {rows} rows, {size} KiB"
        sys.stdout.write(line + "\n")
        if response.status_code != 200 or len(queries) > most:
            faults.append(line)
        if rows > MOST_ROWS or size > 200:
            faults.append(line)

    for label, make in MAKERS.items():
        make()
        visit(label)
    for label in ("structure", "convention", "user", "letter"):
        visit(f"accounts.{label}", territoire=region.pk, q="Structure", o="1")
    structure = Structure.objects.get(name="Structure 7")
    for label in LISTS_OF_ONE:
        visit(label, structure=structure.pk)
    for row in (structure, *structure.conventions.all(), *structure.users.all()):
        record(Action.ADMIN_CHANGED, by=ft_admin, target=row)
    visit("lib.auditentry", objet=f"accounts.structure {structure.pk}")
    for queue in QUEUES:
        look(queue.list_url)
    look("/admin/", MOST_ON_THE_DESK)
    look(record_url(structure), MOST_ON_A_HUB)
    look(reverse("activity"), vue=structure.pk)
    assert faults == []


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


def test_a_line_says_dates_codes_and_objects_in_words(
    as_ft_admin: Client, ft_admin: User
) -> None:
    convention = ConventionFactory()
    entry = record(
        Action.ADMIN_CHANGED,
        by=ft_admin,
        target=convention,
        details={
            "fields": {"ends_on": ["2026-12-31", "2027-06-01"], "number": None},
            "verb": "signer",
        },
    )

    page = Page.of(as_ft_admin.get(record_url(entry)))
    words = page.one("main").words()

    assert "31 décembre 2026 → 1er juin 2027" in words
    assert "Enregistrer la signature" in words
    assert "ends_on" not in words
    assert "accounts.convention" not in words
    name = f"Convention n° {convention.number}"
    assert page.links()[name] == record_url(convention)
    assert page.links()[ft_admin.identifier] == record_url(ft_admin)
    listed = Page.of(as_ft_admin.get(list_url("lib.auditentry")))
    assert listed.links()[name] == record_url(convention)
    assert listed.links()[ft_admin.identifier] == record_url(ft_admin)


def test_the_parts_of_a_line_are_told_too(as_ft_admin: Client, ft_admin: User) -> None:
    alert, gone = AlertFactory(), StructureFactory()
    parts = [
        {
            "action": "alert_closed",
            "target": f"accounts.alert {alert.pk}",
            "details": {"conclusion": "legitime"},
        },
        {"action": "admin_changed", "target": f"accounts.structure {gone.pk}99"},
    ]
    entry = record(Action.ALERT_CLOSED, by=ft_admin, parts=parts)

    page = Page.of(as_ft_admin.get(record_url(entry)))

    assert page.links()[f"Alerte n° {alert.pk}"] == record_url(alert)
    assert "Usage légitime" in page.one("main").words()
    # What is no more is named, and leads nowhere.
    assert f"Structure n° {gone.pk}99" in page.one("main").words()
    assert f"Structure n° {gone.pk}99" not in page.links()


def test_who_speaks_to_the_whole_country_reads_it(client: Client) -> None:
    """The national direction like the service; no link for anybody else."""
    structure = StructureFactory()
    journal = list_url("lib.auditentry")
    of_country = FtAdminFactory(agency=AgencyFactory(kind="national"))
    of_region = FtAdminFactory(agency=AgencyFactory(safir="38001", kind="dr"))
    structure.agency.parent = of_region.agency
    structure.agency.save()
    for reader, code in ((of_country, 200), (of_region, 403)):
        sign_in(client, reader)
        assert client.get(journal).status_code == code
        shown = client.get(record_url(structure))
        assert ("Journal du partenaire" in shown.text) == (code == 200)


def test_the_history_of_an_object_is_named_in_its_filter(as_ft_admin: Client) -> None:
    structure = StructureFactory()
    url = reverse("admin:accounts_structure_history", args=[structure.pk])

    page = Page.of(as_ft_admin.get(url, follow=True))

    assert f"Structure {structure.name}" in page.one("h1").words()
    assert page.all("a", href=record_url(structure))
