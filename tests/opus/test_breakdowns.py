"""What went wrong gets a page that says what happened and what to do."""

import io
import json
import logging
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client

from opus import views
from opus.lib.database.bounded.base import waits_at_most
from tests.opus.page import Page

pytestmark = pytest.mark.urls("tests.opus.breaking_urls")


@pytest.fixture
def client() -> Client:
    """A browser that sees the answer to a breakdown, as people do."""
    return Client(headers={"host": "localhost"}, raise_request_exception=False)


@pytest.fixture
def database_away():
    """PostgreSQL's address leads nowhere, until the test calls what it is given."""
    address = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"

    def bring_back():
        connection.close()
        connection.settings_dict["HOST"] = address

    yield bring_back
    bring_back()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/", "/bouge/", "/accessibilite/"])
def test_a_database_away_is_a_503_and_the_service_comes_back_by_itself(
    client, referral, request, path
):
    """R13."""
    client.force_login(referral.adviser)
    bring_back = request.getfixturevalue("database_away")

    response = client.get(path)

    assert (response.status_code, response["Retry-After"]) == (503, "10")
    h1 = Page.of(response).one("h1").words()
    assert h1 == "Opus est momentanément indisponible"
    bring_back()
    assert client.get("/accessibilite/").status_code == 200


@pytest.fixture
def frozen(tmp_path: Path):
    """PostgreSQL is frozen: what it was asked, it will answer, but nobody knows when.

    A server that says nothing stands where new connections are made.
    """
    address = connection.settings_dict["HOST"]
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    port = connection.settings_dict["PORT"] or 5432
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / f".s.PGSQL.{port}"))
        silent.listen()
        connection.settings_dict["HOST"] = str(tmp_path)
        os.kill(backend, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(backend, signal.SIGCONT)
            connection.settings_dict["HOST"] = address
            connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path", ["/", "/accessibilite/", "/etat-du-service/", "/readyz"]
)
def test_a_frozen_database_is_a_503_in_time(client, referral, request, path, settings):
    """R13: the statement under way, then the new connection, share one bound."""
    settings.PAGE_WAITS = 1
    client.force_login(referral.adviser)
    request.getfixturevalue("frozen")
    began = time.monotonic()

    first, second = client.get(path), client.get(path)

    assert (first.status_code, second.status_code) == (503, 503)
    assert path == "/readyz" or first["Retry-After"] == "10"
    # Twice the bound, and what libpq waits at least for a connection.
    assert time.monotonic() - began < 2 * settings.PAGE_WAITS + 2 * 3


@pytest.mark.django_db(transaction=True)
def test_what_came_too_late_is_nobodys_answer(settings):
    """A bound leaves no connection whose next answer is another question's."""
    with pytest.raises(OperationalError), waits_at_most(0.2):
        execute("SELECT pg_sleep(1), 'late'")
    connection.close_if_unusable_or_obsolete()  # As Django does after each page.

    assert execute("SELECT 'mine'").fetchone() == ("mine",)
    with waits_at_most(5):
        assert execute("SELECT 'within'").fetchone() == ("within",)


def execute(statement: str):
    cursor = connection.cursor()
    cursor.execute(statement)
    return cursor


@pytest.mark.django_db(transaction=True)
def test_the_probes_and_the_services_state_tell_of_the_database(client, request):
    """R15: the process is alive."""
    request.getfixturevalue("database_away")

    page = client.get("/etat-du-service/")
    process, database = client.get("/livez"), client.get("/readyz")

    assert page.status_code == 503
    alert = Page.of(page).one("h2", **{"class": "fr-alert__title"})
    assert alert.words() == "Opus est momentanément indisponible"
    assert process.status_code == 200
    assert (database.status_code, database.content) == (503, b"down")


BROKEN_PAGES = [
    ("/bouge/", 409, "", "« proposée » ne peut pas devenir « suite connue »"),
    ("/refus/", 403, "", "Réservé aux offres avec présélection (art. 3.2)."),
    ("/casse/", 500, "", "Une erreur s’est produite"),
    ("/souvent/", 429, "90", "Réessayez dans 2 minutes"),
    ("/lent/", 503, "10", "Opus est momentanément indisponible"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status", "retry_after", "words"), BROKEN_PAGES)
def test_what_went_wrong_is_told_with_what_to_do(
    client, referral, path, status, retry_after, words
):
    """R13: and nothing of what it was about."""
    response = client.get(path)

    assert response.status_code == status
    assert response.headers.get("Retry-After", "") == retry_after
    assert words in Page.of(response).one("main").words()
    assert "Benali" not in response.text


@pytest.mark.django_db
def test_a_refusal_gives_back_what_was_typed_on_our_page(client):
    """U13: not to another site's form, which it would show as ours."""
    typed = {"note": "Venue sans rendez-vous.", "password": "tres-secret"}
    same, other = (
        client.post("/refus/", data, headers={"sec-fetch-site": site})
        for data, site in (
            ({"note": typed["note"]}, "same-origin"),
            ({"note": typed["note"]}, "cross-site"),
        )
    )
    secret = client.post("/refus/", typed, headers={"sec-fetch-site": "same-origin"})

    assert typed["note"] in Page.of(same).one("blockquote").words()
    for response in (other, secret):
        assert response.status_code == 403
        assert typed["note"] not in response.text


@pytest.mark.django_db
def test_a_form_that_is_too_big_is_a_413(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = client.post("/gros/", {"text": "x" * 200})

    assert response.status_code == 413
    assert "Revenez à la page précédente de votre navigateur" in response.text
    assert Page.of(response).one("h1").words() == "Envoi trop volumineux"


@pytest.mark.django_db
def test_an_address_for_forms_says_so_when_it_is_opened(client):
    response = client.get("/gros/")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert int(response["Content-Length"]) == len(response.content)
    assert Page.of(response).one("h1").words() == "Cette page ne s’ouvre pas ainsi"


@pytest.mark.django_db
def test_an_unknown_host_gets_a_400(client):
    response = client.get("/accessibilite/", headers={"host": "ailleurs.example"})

    assert response.status_code == 400


class TestSessionEnded:
    """A form came after its session had ended: what was typed is not lost."""

    OURS = {"sec-fetch-site": "same-origin"}

    @pytest.fixture
    def client(self) -> Client:
        return Client(headers={"host": "localhost"}, enforce_csrf_checks=True)

    @pytest.mark.django_db
    def test_what_was_typed_can_be_sent_again(self, client):
        typed = {"last_name": "Benali", "jobs": ["soudeur", "maçon"]}

        response = client.post("/gros/?a=1", typed, headers=self.OURS)

        page = Page.of(response)
        given_back = [
            (tag["name"], tag["value"]) for tag in page.all("input", type="hidden")
        ]
        assert response.status_code == 403
        assert page.all("form")[-1]["action"] == "/gros/?a=1"
        assert [pair for pair in given_back if pair[0] != "csrfmiddlewaretoken"] == [
            ("last_name", "Benali"),
            ("jobs", "soudeur"),
            ("jobs", "maçon"),
        ]

    @pytest.mark.django_db
    def test_sending_again_goes_through(self, client):
        page = Page.of(client.post("/gros/", {"text": "là"}, headers=self.OURS))
        again = {tag["name"]: tag["value"] for tag in page.all("input", type="hidden")}

        response = client.post("/gros/", again, headers=self.OURS)

        assert (response.status_code, response.content.decode()) == (200, "là")

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
            {"origin": "https://pirate.example"},
            {},
        ],
    )
    def test_a_strangers_page_cannot_lay_its_words_in_front_of_me(
        self, client, headers
    ):
        """S29."""
        response = client.post("/gros/", {"text": "piège"}, headers=headers)

        assert response.status_code == 403
        assert "piège" not in response.content.decode()

    @pytest.mark.django_db
    def test_a_password_is_never_written_in_a_page(self, client):
        typed = {"identifier": "IDA-7K2F", "password": "phrase secrète"}

        response = client.post("/gros/", typed, headers=self.OURS)

        assert "phrase secrète" not in response.content.decode()
        assert "IDA-7K2F" not in response.content.decode()

    @pytest.mark.django_db
    def test_a_file_will_have_to_be_chosen_again(self, client):
        typed = {"last_name": "Benali", "cv": io.BytesIO(b"%PDF")}

        response = client.post("/gros/", typed, headers=self.OURS)

        assert "sera à choisir une nouvelle fois" in response.content.decode()


class TestPolicyReports:
    """What browsers tell that the policy blocked (S29)."""

    REPORT = {
        "document-uri": "https://opus.example/fiche/jeton/?q=Benali",
        "blocked-uri": "https://pirate.example/x.js?jeton=1",
        "effective-directive": "script-src-elem",
    }

    @pytest.fixture(autouse=True)
    def a_new_minute(self, monkeypatch, caplog):
        caplog.set_level(logging.WARNING)
        from_the_start = views.Minute()
        monkeypatch.setattr(views, "minute", from_the_start)

    def send(self, client, body) -> int:
        return client.post(
            "/csp/", json.dumps(body), content_type="application/csp-report"
        ).status_code

    def test_a_report_is_written_down_without_what_names_a_person(self, client, caplog):
        status = self.send(client, {"csp-report": self.REPORT})

        assert status == 204
        (line,) = [record.getMessage() for record in caplog.records]
        assert json.loads(line.removeprefix("csp: ")) == {
            "blocked": "https://pirate.example/x.js",
            "directive": "script-src-elem",
            "page": "mailed_document",
        }

    def test_the_newer_form_of_report_is_read_too(self, client, caplog):
        body = {"documentURL": "https://opus.example/", "blockedURL": "inline"}

        self.send(client, [{"type": "csp-violation", "body": body}])

        assert len(caplog.records) == 1

    @pytest.mark.parametrize("body", ["", 3, [], {"csp-report": 1}, [[1]]])
    def test_an_odd_report_is_let_drop(self, client, caplog, body):
        assert self.send(client, body) == 204
        assert not caplog.records

    def test_a_flood_of_reports_does_not_fill_the_logs(self, client, caplog):
        statuses = {
            self.send(client, {"csp-report": self.REPORT})
            for _ in range(views.MAX_PER_MINUTE + 5)
        }

        assert statuses == {204}
        assert len(caplog.records) == views.MAX_PER_MINUTE
