"""The follow-up as files: numbers, one's own acts, the pack of a review (art. 11)."""

import csv
import datetime as dt
import io
import subprocess
import zipfile
from shutil import which

import openpyxl
import pikepdf
import pytest
from django.utils import timezone

from accounts.exports.models import Export
from accounts.meetings.models import ReviewMeeting
from accounts.users.enums import UserState
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.dates import date_format
from referrals.activity import pack
from referrals.activity.counts import Period, scopes_of
from referrals.activity.tables import Activity
from referrals.acts.act_rights import ActKind
from referrals.acts.states import (
    AppointmentState,
    CvState,
    ReferralState,
    ScreenedState,
)
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    FtAdminFactory,
    StructureFactory,
)
from tests.conftest import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.activity_rows import YEAR, make_act
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

PERIOD = YEAR.query_string
ASK = f"/suivi/exporter/?{PERIOD}"
PACK = f"/suivi/dossier/?{PERIOD}"


def made(client, what="activity-figures", file_format="csv"):
    """Asked for, then made as the worker does."""
    response = client.post(ASK, {"what": what, "file_format": file_format})
    assert response["Location"] == "/exports/"
    return finished()


def finished():
    export = Export.objects.order_by("-created_at").first()
    make_file(export)
    export.refresh_from_db()
    return export


def download(client, export):
    return client.get(f"/exports/{export.pk}/fichier/")


def rows_of(response):
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_file_says_what_the_page_says(as_adviser, adviser):
    for _ in range(3):
        make_act(candidate=CandidateFactory(adviser=adviser))

    response = download(as_adviser, made(as_adviser))

    rows = [row for row in rows_of(response) if row["Ligne"]]
    [scope] = scopes_of(adviser)
    told = Activity(scope, YEAR)
    assert [(row["Ligne"], row["Mesure"], row["Valeur"]) for row in rows] == [
        (row.label, column, str(cell.cell))
        for table in told.tables
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    notes = [row["Tableau"] for row in rows_of(response) if not row["Ligne"]]
    assert any(note.startswith("Ces chiffres servent aux réunions") for note in notes)
    today = timezone.localdate().isoformat()
    assert response["Content-Disposition"].endswith(f'"opus-suivi-{today}.csv"')


def test_an_adviser_takes_his_own_acts_away(as_adviser, adviser):
    person = CandidateFactory(adviser=adviser, last_name="=Zz", first_name="=A+B")
    offer = OfferFactory(title="@SOMME(A1)")
    ended = make_act(
        ActKind.REFERRAL, ReferralState.ENDED, candidate=person, offer=offer
    )
    other = make_act(ActKind.CV_REQUEST, CvState.REQUESTED, candidate=person)
    make_act()

    export = made(as_adviser, "activity-acts")
    rows = [row for row in rows_of(download(as_adviser, export)) if row["N° d’offre"]]

    assert {row["N° de la proposition"] for row in rows} == {ended.number, other.number}
    [row] = [row for row in rows if row["N° de la proposition"] == ended.number]
    assert row["Type de proposition"] == "Mise en contact"
    assert row["Suite"] == "Embauche"
    assert row["Intitulé de l’offre"] == "'@SOMME(A1)"
    assert row["Candidat"] == "'=A+B =Zz"
    [row] = [row for row in rows if row["N° de la proposition"] == other.number]
    assert row["Type de proposition"] == "Demande de CV"
    assert (row["Suite"], row["Date de la suite"]) == ("", "")
    line = AuditEntry.objects.get(action=Action.EXPORT_MADE)
    assert line.details == {"what": "activity-acts", "format": "csv"}
    assert line.persons == 1


@pytest.mark.parametrize(
    ("kind", "state", "suite"),
    [
        (ActKind.CV_REQUEST, CvState.NOT_KEPT, "CV non retenu"),
        (ActKind.CV_REQUEST, CvState.WITHOUT_CV, "sans CV"),
        (ActKind.APPOINTMENT, AppointmentState.ABSENT, "absence"),
        (ActKind.APPOINTMENT, AppointmentState.ATTENDED, "entretien effectué"),
        (ActKind.SCREENED_REFERRAL, ScreenedState.SET_ASIDE, "écartée"),
    ],
)
def test_the_list_says_what_came_of_each_act(as_adviser, adviser, kind, state, suite):
    act = make_act(kind, state, candidate=CandidateFactory(adviser=adviser))
    day = timezone.localdate(act.created_at) + dt.timedelta(days=20)

    export = made(as_adviser, "activity-acts")

    [row] = [row for row in rows_of(download(as_adviser, export)) if row["État"]]
    assert (row["Suite"], row["Date de la suite"]) == (suite, day.isoformat())


def test_names_are_for_who_accompanies_the_persons(client, rgc):
    person = CandidateFactory(adviser=AdviserFactory(structure=rgc.structure))
    make_act(candidate=person)
    sign_in(client, rgc)

    response = client.post(ASK, {"what": "activity-acts", "file_format": "csv"})

    assert response.status_code == 200
    assert not Export.objects.exists()
    assert "avec le nom des candidats" not in response.text
    assert "avec le nom des candidats" in client.get(f"{ASK}&vue=miens").text


def test_what_a_worker_makes_is_masked_too(client, rgc):
    """Exact for the structure's RGC; masked for France Travail."""
    person = CandidateFactory(adviser=AdviserFactory(structure=rgc.structure))
    for number in range(9):
        kind = ActKind.CV_REQUEST if number < 3 else ActKind.REFERRAL
        make_act(kind, candidate=person)
    agent = AgentFactory(agency=rgc.structure.agency)

    for reader, wanted in (
        (rgc, {"0", "3", "6", "9"}),
        (agent, {"0", "moins de 5", "5", "10"}),
    ):
        rows = rows_of(download(sign_in(client, reader), made(client)))
        told = {
            row["Valeur"] for row in rows if row["Tableau"] == "Par type de proposition"
        }
        assert told == wanted


def test_the_pack_is_made_in_one_click(client, rgc):
    person = CandidateFactory(adviser=AdviserFactory(structure=rgc.structure))
    for _ in range(7):
        make_act(candidate=person)
    sign_in(client, rgc)
    assert "Préparer le dossier de bilan" in client.get(f"/suivi/?{PERIOD}").text

    assert client.post(PACK)["Location"] == "/exports/"
    export = finished()
    response = download(client, export)

    assert export.is_ready
    assert "Dossier compressé (.zip)" in client.get("/exports/").text
    assert response["Content-Type"] == "application/zip"
    both = zipfile.ZipFile(io.BytesIO(response.content))
    assert both.namelist() == ["bilan.pdf", "bilan.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(both.read("bilan.xlsx")))
    assert book.sheetnames[0] == "Chiffres clés"
    # Both parties read it: masked, and nobody's name.
    assert "Par conseiller" not in book.sheetnames
    assert book.sheetnames[-1] == "À propos"
    [*_, total] = book["Par type de proposition"].iter_rows(values_only=True)
    assert total[:2] == ("Toutes les propositions", 5)
    with pikepdf.open(io.BytesIO(both.read("bilan.pdf"))) as printed:
        assert printed.Root.Lang == "fr"
        assert printed.Root.MarkInfo.Marked
        tags = tags_of(printed.Root.StructTreeRoot)
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= tags
        with printed.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def tags_of(node):
    """The kinds of element in the structure of a PDF."""
    found = {str(node.S)} if "/S" in node else set()
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary):
            found |= tags_of(child)
    return found


def test_staff_prepare_the_pack_of_a_structure_of_theirs(client):
    structure = StructureFactory()
    person = CandidateFactory(adviser=AdviserFactory(structure=structure))
    make_act(candidate=person)
    agent = AgentFactory(agency=structure.agency)
    sign_in(client, agent)

    assert client.post(f"{PACK}&vue={structure.pk}").status_code == 302
    assert download(client, finished()).status_code == 200
    assert client.post(PACK).status_code == 404
    assert client.post(f"{PACK}&vue={StructureFactory().pk}").status_code == 404
    assert sign_in(client, person.adviser).post(PACK).status_code == 404


@pytest.mark.skipif(not which("pdftotext"), reason="needs poppler-utils")
@pytest.mark.parametrize("number", [3, 60])
def test_the_packs_first_page_says_it_all_and_none_is_blank(rgc, number):
    """Few acts and many: figures, what stands out, the next meeting."""
    people = [CandidateFactory(adviser=rgc) for _ in range(number)]
    offers = [OfferFactory(rome_code=f"{letter}1101") for letter in "ABCDFGHIKN"]
    held_on = timezone.localdate() + dt.timedelta(days=20)
    ReviewMeeting.objects.create(
        convention=rgc.structure.conventions.get(), held_on=held_on
    )
    for at, person in enumerate(people):
        offer = offers[at % len(offers)]
        make_act([*ActKind][at % 4], candidate=person, offer=offer)
    both = scopes_of(rgc)[0].for_both_parties
    made_of = pack.make(Activity(both, both.period_of(YEAR.query)))
    printed = zipfile.ZipFile(io.BytesIO(made_of)).read("bilan.pdf")

    text = subprocess.run(
        ["pdftotext", "-", "-"], input=printed, stdout=subprocess.PIPE, check=True
    ).stdout.decode()

    first, *others = text.rstrip("\f").split("\f")
    assert "Propositions faites" in first
    assert f"Le {date_format(held_on, 'l j F Y')}." in first
    assert ("À retenir" in first) == (number > 4)
    assert all(len(page.split()) > 40 for page in [first, *others])
    assert str(rgc) not in text


def test_who_may_not_count_any_more_gets_no_file(client, adviser):
    """Rights are asked again when the file is made; a structure may change agency."""
    sign_in(client, adviser)
    client.post(ASK, {"what": "activity-figures", "file_format": "csv"})
    type(adviser).objects.filter(pk=adviser.pk).update(state=UserState.SUSPENDED)
    export = finished()
    assert (export.has_failed, export.failure) == (True, "droits")

    structure = StructureFactory()
    sign_in(client, AgentFactory(agency=structure.agency))
    client.post(f"{PACK}&vue={structure.pk}")
    structure.agency = StructureFactory().agency
    structure.save()
    assert finished().failure == "droits"


def test_the_sixth_of_the_day_is_refused(client):
    """S25, for staff too."""
    sign_in(client, FtAdminFactory())
    for _ in range(5):
        client.post(ASK, {"what": "activity-figures", "file_format": "csv"})

    response = client.post(ASK, {"what": "activity-figures", "file_format": "csv"})

    assert response.status_code == 429
    assert "Vous avez fait tous vos exports du jour" in client.get(ASK).text


@pytest.mark.parametrize("address", [ASK, PACK])
def test_asking_wants_the_second_factor_again(client, rgc, address):
    """S17."""
    sign_in(client, rgc)
    session = client.session
    session["confirmed"] -= 16 * 60
    session.save()

    response = client.post(address, {"what": "activity-acts", "file_format": "csv"})

    assert response["Location"].startswith("/connexion/confirmer/")


def test_the_file_keeps_the_months_that_were_asked(as_adviser):
    as_adviser.post(
        "/suivi/exporter/?du=2026-02&au=2026-03",
        {"what": "activity-figures", "file_format": "ods"},
    )

    export = Export.objects.get()
    assert export.arguments == {"scope": "miens", "du": "2026-02", "au": "2026-03"}
    assert str(Period.of_query(export.arguments)) == "février 2026 à mars 2026"
    assert export.title == (
        "Suivi de l’activité\N{NO-BREAK SPACE}: Mes propositions, février 2026 à mars "
        "2026"
    )
