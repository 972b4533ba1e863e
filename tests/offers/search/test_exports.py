"""The result of a search as a file: made by a worker, kept a day (S17, S25, U9)."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from odfdo import Document

from accounts.exports.models import Export
from accounts.security import detection
from accounts.security.models import Alert, Rule
from accounts.users.models import User
from opus.lib import background_files, exports
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.background_files import delete_expired_files
from tests.accounts.factories import AdviserFactory, ExportFactory, amend
from tests.conftest import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page

pytestmark = pytest.mark.django_db

ASK = "/offres/exporter/?q=macon"


def request_export(client: Client, url: str = ASK, file_format: str = "csv") -> Export:
    response = client.post(url, {"file_format": file_format})
    assert response["Location"] == "/exports/"
    export: Export = Export.objects.order_by("-created_at").first()
    return export


def made(client: Client, url: str = ASK, file_format: str = "csv") -> Export:
    """Asked for, then made as the worker does."""
    export = request_export(client, url, file_format)
    make_file(export)
    export.refresh_from_db()
    return export


def download(client: Client, export: Export):
    return client.get(f"/exports/{export.pk}/fichier/")


def rows_of(response) -> list[dict[str, str]]:
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def offers_in(response) -> list[str]:
    """The offers of a CSV, without the notes under them."""
    return [row["N° d’offre"] for row in rows_of(response) if row["Intitulé"]]


def test_a_result_becomes_a_file_newest_first(as_adviser, adviser):
    now = timezone.now()
    old = OfferFactory(created_at=now - dt.timedelta(days=9))
    new = OfferFactory(created_at=now - dt.timedelta(days=1))
    OfferFactory(title="Boulanger", description="", rome_label="", appellation="")
    link = Page.of(as_adviser.get("/offres/?q=macon&page=1")).links()

    export = made(as_adviser, link["Exporter ces offres"])
    response = download(as_adviser, export)

    assert offers_in(response) == [new.pk, old.pk]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    today = timezone.localdate().isoformat()
    assert response["Content-Disposition"] == (
        f'attachment; filename="opus-offres-{today}.csv"'
    )


@pytest.mark.parametrize("file_format", ["xlsx", "ods"])
def test_the_same_in_the_two_formats_of_workbooks(as_adviser, file_format):
    offer = OfferFactory()

    response = download(as_adviser, made(as_adviser, file_format=file_format))

    file = io.BytesIO(response.content)
    if file_format == "xlsx":
        rows = list(openpyxl.load_workbook(file)["Offres"].iter_rows(values_only=True))
    else:
        rows = Document(file).body.get_table(name="Offres").get_values()
    assert [row[0] for row in rows] == ["N° d’offre", offer.pk]
    assert list(rows[0])[:3] == ["N° d’offre", "Intitulé", "Métier"]


def test_the_file_says_when_it_was_made_and_what_it_leaves_out(as_adviser, monkeypatch):
    """Five thousand at most: here two."""
    monkeypatch.setattr("offers.search.exports.MOST_ROWS", 2)
    OfferFactory.create_batch(3)

    export = made(as_adviser)

    notes = [row["N° d’offre"] for row in rows_of(download(as_adviser, export))]
    assert export.rows_done == 2
    assert "Offres, « macon »" in notes
    assert any(note.startswith("Offres ouvertes le ") for note in notes)
    assert any("limité aux 2 offres les plus récentes" in note for note in notes)


def test_the_employer_of_a_preselected_offer_stands_in_no_file(as_adviser):
    direct = OfferFactory(details={"contact": {"courriel": "direct@employeur.example"}})
    hidden = {"contact": {"courriel": "cache@employeur.example", "nom": "Zzcanari"}}
    for mode in ("preselected", "delegated_preselection"):
        OfferFactory(details=hidden, **{mode: True})

    response = download(as_adviser, made(as_adviser))

    told = {row["N° d’offre"]: row["Pour candidater"] for row in rows_of(response)}
    assert told[direct.pk] == "Courriel : direct@employeur.example"
    assert "cache@employeur.example" not in response.content.decode()
    assert "Zzcanari" not in response.content.decode()


def test_an_offer_withdrawn_before_the_file_is_made_is_not_in_it(as_adviser):
    """R1."""
    gone, there = OfferFactory(), OfferFactory()
    export = request_export(as_adviser)

    withdraw(gone)
    make_file(export)

    assert offers_in(download(as_adviser, export)) == [there.pk]


def test_an_offer_withdrawn_while_the_file_is_made_is_not_in_it(
    as_adviser, monkeypatch
):
    """R1: between the list of numbers and the reading of each."""
    offers = [OfferFactory() for _ in range(3)]
    monkeypatch.setattr("offers.search.exports.READ_AT_ONCE", 1)
    export = request_export(as_adviser)
    taken = Export.claim(export.pk)
    table = exports.KINDS[export.what].read(taken)

    first = next(table.rows)
    left = next(offer for offer in offers if offer.pk != first[0])
    withdraw(left)

    assert left.pk not in [row[0] for row in table.rows]


def test_what_starts_a_formula_is_made_harmless(as_adviser):
    """S32."""
    OfferFactory(title="=HYPERLINK(1;2) maçon", company="+33 maçon")

    [row, *_] = rows_of(download(as_adviser, made(as_adviser)))

    assert row["Intitulé"] == "'=HYPERLINK(1;2) maçon"
    assert row["Entreprise"] == "'+33 maçon"


def age_factor(client: Client) -> None:
    session = client.session
    session["confirmed"] -= 16 * 60
    session.save()


@pytest.mark.parametrize("method", ["get", "post"])
def test_asking_wants_the_second_factor_again(as_adviser, method):
    """S17."""
    age_factor(as_adviser)

    response = getattr(as_adviser, method)(ASK, {"file_format": "csv"})

    assert response["Location"].startswith("/connexion/confirmer/")
    assert not Export.objects.exists()


def test_taking_the_file_wants_it_too(as_adviser):
    """S17."""
    export = made(as_adviser)
    age_factor(as_adviser)

    assert download(as_adviser, export)["Location"].startswith("/connexion/confirmer/")


def test_the_sixth_of_the_day_is_refused(as_adviser, adviser):
    """S25: 429, a line of the journal, no row."""
    for left in (5, 4, 3, 2, 1):
        assert f"{left} export" in as_adviser.get(ASK).text
        request_export(as_adviser)

    response = as_adviser.post(ASK, {"file_format": "csv"})

    assert response.status_code == 429
    assert "Vous avez fait 5 exports en vingt-quatre heures" in response.text
    assert Export.objects.count() == 5
    assert AuditEntry.objects.filter(action=Action.CEILING_REACHED).count() == 1
    assert "Vous avez fait tous vos exports du jour" in as_adviser.get(ASK).text


def test_each_is_a_line_of_the_journal_without_what_was_searched(as_adviser, adviser):
    export = request_export(as_adviser, file_format="ods")

    line = AuditEntry.objects.get(action=Action.EXPORT_MADE)
    assert (line.actor_id, line.target_type) == (adviser.pk, "accounts.export")
    assert line.target_id == str(export.pk)
    assert line.details == {"what": "offers-of-search", "format": "ods"}


def test_three_in_a_day_are_a_signal(as_adviser):
    """S25: at half of the ceiling, as detection tells it."""
    for _ in range(3):
        request_export(as_adviser)
    detection.watch()

    assert Alert.objects.get().rule == Rule.MANY_EXPORTS


def test_another_persons_export_does_not_exist_for_me(as_adviser, adviser):
    """S20: a colleague's neither."""
    colleague = AdviserFactory(structure=adviser.structure)
    theirs = ExportFactory(account=colleague, ready=True, title="Zzcanari")

    assert download(as_adviser, theirs).status_code == 404
    assert as_adviser.post(f"/exports/{theirs.pk}/annuler/").status_code == 404
    assert "Zzcanari" not in as_adviser.get("/exports/").text
    theirs.refresh_from_db()
    assert theirs.is_ready


def test_a_file_that_is_not_ready_is_no_file(as_adviser):
    response = download(as_adviser, request_export(as_adviser))

    assert response.status_code == 409
    assert "Content-Disposition" not in response


def test_progress_is_shown_and_asked_again_until_the_end(as_adviser, adviser):
    """A9, A4: by htmx, and by a link without it."""
    export = ExportFactory(
        account=adviser, state="en_cours", rows_done=500, rows_total=2000
    )

    page = Page.of(as_adviser.get("/exports/"))
    part = as_adviser.get("/exports/liste/").text

    bar = page.by_id(f"avance-{export.pk}")
    assert (bar["value"], bar["max"]) == ("500", "2000")
    assert page.links()["Actualiser la page"] == "/exports/"
    assert 'hx-get="/exports/liste/"' in part
    Export.objects.update(state="annule")
    assert "hx-get" not in as_adviser.get("/exports/liste/").text


def test_a_cancelled_export_is_made_no_more(as_adviser):
    export = request_export(as_adviser)

    as_adviser.post(f"/exports/{export.pk}/annuler/")
    make_file(export)

    export.refresh_from_db()
    assert (export.state, export.content) == ("annule", None)
    assert "Annulé" in as_adviser.get("/exports/").text


def test_one_cancelled_while_it_is_made_stops(as_adviser, monkeypatch):
    """The worker sees it at its next word, and keeps no file."""
    monkeypatch.setattr(exports, "REPORT_EVERY", 1)
    OfferFactory.create_batch(3)
    export = request_export(as_adviser)
    report, told = Export.report_progress, []

    def cancel_at_the_second(row: Export, done: int, total: int) -> None:
        told.append(done)
        if done == 2:
            row.cancel()
        report(row, done, total)

    monkeypatch.setattr(Export, "report_progress", cancel_at_the_second)
    make_file(export)

    export.refresh_from_db()
    assert (export.state, export.content, told) == ("annule", None, [0, 0, 1, 2])


def test_a_ready_file_is_taken_away_by_its_owner(as_adviser):
    export = made(as_adviser)

    as_adviser.post(f"/exports/{export.pk}/annuler/")

    export.refresh_from_db()
    assert (export.state, export.content) == ("annule", None)
    assert download(as_adviser, export).status_code == 409


def test_a_file_lives_a_day(as_adviser):
    """By its date, whether or not the job has run; then by the job."""
    export = made(as_adviser)
    assert export.expires_at - export.ready_at <= dt.timedelta(hours=24)
    Export.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    assert download(as_adviser, export).status_code == 404
    assert "Aucun export en cours" in as_adviser.get("/exports/").text
    delete_expired_files()

    assert not Export.objects.exists()


def lose_consultation(adviser: User) -> None:
    amend(adviser.structure.conventions.get(), consultation=False)


def be_suspended(adviser: User) -> None:
    adviser.suspend(by=None, reason="absence")


@pytest.mark.parametrize("lose", [lose_consultation, be_suspended])
def test_who_lost_the_right_meanwhile_gets_no_file(as_adviser, adviser, lose):
    OfferFactory()
    export = request_export(as_adviser)
    lose(adviser)

    make_file(export)

    export.refresh_from_db()
    assert (export.state, export.failure) == ("echec", "droits")


def test_a_breakdown_is_tried_again_then_told(as_adviser, monkeypatch):
    def break_down(*_):
        raise ValueError("no such cell")

    monkeypatch.setattr("offers.search.exports.row_of", break_down)
    OfferFactory()
    export = request_export(as_adviser)

    for _ in range(background_files.MAX_ATTEMPTS):
        Export.objects.update(next_attempt_at=timezone.now())
        make_file(export)

    export.refresh_from_db()
    assert (export.state, export.failure, export.attempts) == ("echec", "panne", 3)
    page = as_adviser.get("/exports/").text
    assert "Pas de fichier" in page
    assert "la préparation s’est arrêtée" in page


def test_a_worker_thought_dead_that_comes_back_keeps_nothing(as_adviser):
    """Two made it: the file of the one that was told last stands."""
    OfferFactory()
    export = request_export(as_adviser)
    first = Export.claim(export.pk)
    Export.objects.update(next_attempt_at=timezone.now())
    second = Export.claim(export.pk)

    first.store(b"of the first")
    second.store(b"of the second")

    export.refresh_from_db()
    assert bytes(export.content) == b"of the second"
    with pytest.raises(background_files.Stopped):
        first.report_progress(1, 1)


def test_who_may_not_consult_offers_exports_none(client):
    adviser = AdviserFactory()
    lose_consultation(adviser)
    sign_in(client, adviser)

    assert client.get(ASK).status_code == 403
    assert client.post(ASK, {"file_format": "csv"}).status_code == 403
