"""The breach kit: whose data an account saw, no more and no less (V24, S32)."""

import csv
import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.signin.sessions import CONFIRMED
from accounts.structures.models import AgencyKind
from accounts.users.enums import Role
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.documents.spreadsheets import make_csv, safe_cell
from referrals.candidates.access_log import persons_seen
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    StructureFactory,
)
from tests.accounts.journal import line, paris, somebody, write
from tests.conftest import sign_in
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

SINCE = paris(2026, 11, 23, 8, 0)
UNTIL = paris(2026, 11, 23, 12, 0)
SECOND = dt.timedelta(seconds=1)


def reads(by, at, *persons):
    numbers = [getattr(person, "pk", person) for person in persons]
    return line(Action.PERSON_READ, by, at=at, persons=numbers)


def rows_of(text):
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))


def planted(adviser):
    """Three persons seen between the two instants, and others who were not."""
    seen = CandidateFactory.create_batch(3, adviser=adviser)
    colleague = AdviserFactory(structure=adviser.structure)
    unseen = CandidateFactory.create_batch(3, adviser=adviser)
    write(
        reads(adviser, SINCE, seen[0]),
        reads(adviser, SINCE + 60 * SECOND, seen[0], seen[1]),
        reads(adviser, UNTIL, seen[2]),
        reads(adviser, SINCE - SECOND, unseen[0]),
        # The admin's form has minutes only, and takes the whole of the last one.
        reads(adviser, UNTIL + 60 * SECOND, unseen[1]),
        reads(colleague, SINCE + SECOND, unseen[2]),
        # A line that shows nobody.
        line(Action.PERSON_LOOKED_UP, adviser, at=SINCE + SECOND),
    )
    return seen


# --- The list -------------------------------------------------------------------------


def test_the_list_is_what_the_account_saw_between_the_two_instants(adviser):
    """V24: both instants included, each person once, in the order of the first time."""
    seen = planted(adviser)

    found = persons_seen(adviser, since=SINCE, until=UNTIL)

    assert [(row.pk, row.first_at, row.last_at, row.times) for row in found] == [
        (seen[0].pk, SINCE, SINCE + 60 * SECOND, 2),
        (seen[1].pk, SINCE + 60 * SECOND, SINCE + 60 * SECOND, 1),
        (seen[2].pk, UNTIL, UNTIL, 1),
    ]


def test_what_the_pages_show_is_what_the_list_tells(as_adviser, adviser):
    """V24: the journal is written by the pages, so the list holds without a plan."""
    shown = CandidateFactory.create_batch(2, adviser=adviser)
    CandidateFactory()  # Somebody else's: the page does not show her.
    before = timezone.now() - SECOND

    for candidate in shown:
        as_adviser.get(candidate.get_absolute_url())

    found = persons_seen(adviser, since=before, until=timezone.now() + SECOND)
    assert {row.pk for row in found} == {candidate.pk for candidate in shown}


# --- The command ----------------------------------------------------------------------


def run_command(identifier, *, until="2026-11-23T12:00"):
    said, aside = io.StringIO(), io.StringIO()
    instants = ["--from", "2026-11-23T08:00", "--to", until]
    call_command("persons_seen", identifier, *instants, stdout=said, stderr=aside)
    return said.getvalue()


def test_the_command_prints_the_list_and_tells_the_journal(adviser):
    """V24."""
    seen = planted(adviser)
    gone = somebody()
    write(reads(adviser, SINCE + 5 * SECOND, gone))

    rows = rows_of(run_command(adviser.identifier.lower()))

    assert [(row["Numéro interne"], row["Nom"]) for row in rows] == [
        (str(seen[0].pk), seen[0].last_name),
        (str(gone), ""),
        (str(seen[1].pk), seen[1].last_name),
        (str(seen[2].pk), seen[2].last_name),
    ]
    assert rows[0]["Identifiant France Travail"] == seen[0].ft_id
    assert rows[0]["Nombre de fois"] == "2"
    told = AuditEntry.objects.get(action=Action.EXPORT_MADE)
    assert (told.actor_id, told.target_id) == (None, str(adviser.pk))
    assert set(told.person_ids) == {gone, *(each.pk for each in seen)}
    assert told.details == {
        "what": "persons_seen",
        "from": SINCE.isoformat(),
        "to": UNTIL.isoformat(),
    }


@pytest.mark.parametrize(
    ("identifier", "until", "sentence"),
    [
        ("IDA-INCONNU", "2026-11-23T12:00", "Aucun compte"),
        ("", "midi", "n’est pas un instant"),
        ("", "2026-13-45T12:00", "n’est pas un instant"),
    ],
)
def test_the_command_refuses_what_it_does_not_know(
    adviser, identifier, until, sentence
):
    with pytest.raises(CommandError, match=sentence):
        run_command(identifier or adviser.identifier, until=until)
    assert not AuditEntry.objects.exists()


# --- The admin's page -----------------------------------------------------------------


def answers(account, **changes):
    return {
        "compte": account.identifier,
        "du": "2026-11-23T08:00",
        "au": "2026-11-23T12:00",
        "motif": "violation",
        **changes,
    }


def request_report(client, form, button="download"):
    return client.post(reverse("admin:persons_seen"), form | {button: "1"})


def test_the_page_counts_without_naming_then_gives_the_list(
    as_ft_admin, ft_admin, adviser
):
    """V24, S37: the count is no export; the list is one, with its reason."""
    seen = planted(adviser)

    counted = request_report(as_ft_admin, answers(adviser), "count")
    assert "3 personnes" in counted.text
    assert not any(each.last_name in counted.text for each in seen)
    assert not AuditEntry.objects.filter(action=Action.EXPORT_MADE).exists()

    response = request_report(as_ft_admin, answers(adviser))
    rows = rows_of(response.content.decode())
    assert [row["Numéro interne"] for row in rows] == [str(each.pk) for each in seen]
    assert response["Content-Disposition"].startswith("attachment;")
    told = AuditEntry.objects.get(action=Action.EXPORT_MADE)
    assert (told.actor_id, told.target_id, told.details["reason"]) == (
        ft_admin.pk,
        str(adviser.pk),
        "violation",
    )
    assert set(told.person_ids) == {each.pk for each in seen}


def test_the_second_factor_is_asked_again(as_ft_admin, adviser):
    """S17."""
    session = as_ft_admin.session
    session[CONFIRMED] -= 3600
    session.save()

    response = request_report(as_ft_admin, answers(adviser))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("step_up"))
    assert not AuditEntry.objects.filter(action=Action.EXPORT_MADE).exists()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (AgencyKind.AGENCY, 403),
        (AgencyKind.TERRITORY, 403),
        (AgencyKind.REGION, 200),
        (AgencyKind.NATIONAL, 200),
    ],
)
def test_the_list_is_a_regions_business_or_the_countrys(client, adviser, kind, status):
    """S27."""
    agency = AgencyFactory(kind=kind, safir="69188", region="84")
    sign_in(client, FtAdminFactory(agency=agency))

    assert request_report(client, answers(adviser)).status_code == status


@pytest.mark.parametrize("role", Role.values)
def test_no_other_role_gets_the_list(client, adviser, role):
    """S20: the office that may is France Travail's administration alone."""
    people = {
        Role.ADVISER: lambda: adviser,
        Role.RGC: lambda: AdviserFactory(role=Role.RGC, structure=adviser.structure),
        Role.AGENT: AgentFactory,
        Role.FT_ADMIN: FtAdminFactory,
    }
    sign_in(client, people[Role(role)]())

    is_given = request_report(client, answers(adviser)).status_code == 200

    assert is_given == (role == Role.FT_ADMIN)
    assert AuditEntry.objects.filter(action=Action.EXPORT_MADE).exists() == is_given


def test_a_region_asks_about_its_own_accounts_only(client):
    """S27."""
    region = AgencyFactory(kind=AgencyKind.REGION, safir="69188", region="84")
    agency = AgencyFactory(safir="75001", parent=None, region="11", department="75")
    elsewhere = AdviserFactory(structure=StructureFactory(agency=agency))
    sign_in(client, FtAdminFactory(agency=region))

    response = request_report(client, answers(elsewhere))

    assert "Aucun compte de votre territoire" in response.text
    assert not AuditEntry.objects.filter(action=Action.EXPORT_MADE).exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"motif": ""}, 'href="#id_motif"'),
        ({"motif": "curiosite"}, 'href="#id_motif"'),
        ({"compte": "IDA"}, "Aucun compte de votre territoire"),
        ({"au": "2026-11-23T07:00"}, "Cet instant vient avant l’autre."),
    ],
)
def test_no_list_without_its_reason_nor_with_a_wrong_answer(
    as_ft_admin, adviser, change, sentence
):
    """S37."""
    response = request_report(as_ft_admin, answers(adviser, **change))

    assert sentence in response.text
    assert not AuditEntry.objects.filter(action=Action.EXPORT_MADE).exists()


# --- No cell is a formula -------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  ="])
def test_no_cell_of_a_spreadsheet_is_a_formula(start):
    """S32."""
    assert safe_cell(f"{start}cmd()") == f"'{start}cmd()"


def test_an_ordinary_cell_stays_as_it_is():
    cells = [safe_cell(value) for value in ("Anne-Marie", "12 = 12", 3, None, "")]
    assert cells == ["Anne-Marie", "12 = 12", "3", "", ""]


def test_a_semicolon_or_a_quote_makes_no_cell_of_its_own():
    """S32: no formula slips into a cell that a separator would open."""
    text = make_csv(["a", "b"], [['x";=cmd()', "y\r\n=cmd()"]])

    read = list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
    assert read == [["a", "b"], ['x";=cmd()', "y\r\n=cmd()"]]


def test_a_name_that_starts_like_a_formula_leaves_as_text(as_ft_admin, adviser):
    """S32, through the page."""
    person = CandidateFactory(
        adviser=adviser, last_name="=HYPERLINK(A)", first_name="@SUM", phone="+33 6 39"
    )
    write(reads(adviser, SINCE, person))

    (row,) = rows_of(request_report(as_ft_admin, answers(adviser)).content.decode())

    assert (row["Nom"], row["Prénom"], row["Téléphone"]) == (
        "'=HYPERLINK(A)",
        "'@SUM",
        "'+33 6 39",
    )
