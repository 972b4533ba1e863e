"""What anybody may read, and what a supervisor asks."""

import datetime as dt
import re
import struct
from urllib.robotparser import RobotFileParser

import pytest
import time_machine
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

import opus
from offers.files.models import ImportRun
from opus.lib import accessibility_statement
from opus.lib.background_files import FileState
from opus.lib.dates import date_format
from opus.lib.outbound.models import OutboxEntry
from opus.operations import views
from tests.accounts.factories import LetterFactory
from tests.opus.page import Page
from tests.referrals.factories import DocumentFactory
from tests.tables import as_owner

pytestmark = pytest.mark.django_db

PAGES = {
    "/etat-du-service/": "État du service",
    "/accessibilite/": "Déclaration d’accessibilité",
    "/mentions-legales/": "Mentions légales",
    "/donnees-personnelles/": "Données personnelles",
    "/nulle-part/": "Page introuvable",
}
STATE_BLOCK = re.compile(r"république\s*(<br>)?\s*française", re.IGNORECASE)


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_a_page_has_its_title_its_landmarks_and_its_footer(client, path, title):
    """A1, A3, A10: skip links lead somewhere."""
    page = Page.of(client.get(path))

    assert page.one("html")["lang"] == "fr"
    assert page.one("title").words() == f"{title} – Opus"
    assert page.one("h1").words() == title
    assert len(page.all("main")) == len(page.all("header")) == 1
    conformity = accessibility_statement.audit().conformity.label
    assert page.one("footer").attrs.items() >= {"id": "pied-de-page"}.items()
    assert (
        page.links().items()
        >= {
            "État du service": "/etat-du-service/",
            f"Accessibilité : {conformity}": "/accessibilite/",
            "Données personnelles": "/donnees-personnelles/",
            "Mentions légales": "/mentions-legales/",
            "Code source": "https://code.example/opus",
        }.items()
    )
    targets = {tag["href"][1:] for tag in page.all("a", **{"class": "fr-link"})}
    for target in ("contenu", "pied-de-page"):
        assert target in targets
        assert page.by_id(target)["tabindex"] == "-1"


def test_messages_have_their_live_region_even_when_there_is_none(client):
    """A9."""
    region = Page.of(client.get("/accessibilite/")).by_id("messages")

    assert (region["role"], region["aria-live"]) == ("status", "polite")


@pytest.mark.parametrize("path", PAGES)
def test_the_states_marks_are_not_ours_to_show(client, path):
    """A18."""
    assert not STATE_BLOCK.search(client.get(path).content.decode())


def test_a_deployment_that_the_state_approved_shows_its_marks(client, settings):
    """A18."""
    settings.STATE_IDENTITY = True

    found = STATE_BLOCK.findall(client.get("/accessibilite/").content.decode())

    assert len(found) == 2  # In the header and in the footer.


@pytest.mark.parametrize(("is_demo", "banners"), [(True, 1), (False, 0)])
def test_a_demonstration_says_that_it_is_one(client, settings, is_demo, banners):
    settings.DEMO = is_demo

    page = Page.of(client.get("/accessibilite/"))

    assert len(page.all("aside", **{"aria-label": "Démonstration"})) == banners


def test_a_demonstration_answers_by_the_name_that_cookies_want(client, settings):
    settings.DEMO = True

    response = client.get("/offres/?q=a", headers={"host": "127.0.0.1:8101"})

    assert response.status_code == 307
    assert response["Location"] == "http://localhost:8101/offres/?q=a"


def test_the_declaration_names_the_remedies(client):
    """A1."""
    text = Page.of(client.get("/accessibilite/")).one("main").words()

    told = date_format(accessibility_statement.tour().toured_on, "j F Y")
    for word in [told, "Défenseur des droits", "RGAA", "axe-core", "pluriannuel"]:
        assert word in text


def test_both_routes_of_article_10_are_told(client, settings):
    """V12."""
    page = Page.of(client.get("/donnees-personnelles/"))
    text = page.one("main").words()

    assert "adressez-vous à l’agence qui vous suit" in text
    assert page.links()[settings.CONTACT["dpo"]] == f"mailto:{settings.CONTACT['dpo']}"
    captions = [tag.words() for tag in page.all("caption")]
    assert captions[0].startswith("Ce qui est gardé")
    assert len(captions) == len(set(captions))
    assert {tag["scope"] for tag in page.all("th")} == {"col", "row"}


@time_machine.travel("2026-11-24T10:00:00Z", tick=False)
def test_a_weakness_can_be_told(client, settings):
    """S43."""
    response = client.get("/.well-known/security.txt")

    fields = dict(
        line.split(": ", 1) for line in response.content.decode().split("\n")[:-1]
    )
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert fields == {
        "Contact": f"mailto:{settings.CONTACT['service']}",
        "Expires": "2027-05-23T10:00:00Z",
        "Preferred-Languages": "fr, en",
        "Canonical": "http://localhost/.well-known/security.txt",
        "Policy": "http://localhost/mentions-legales/#faille",
    }
    policy = Page.of(client.get("/mentions-legales/"))
    assert policy.by_id("faille").words() == "Signaler une faille de sécurité"


def test_the_legal_notice_has_what_the_law_wants(client, settings):
    """Loi n° 2004-575, 1-1; AGPL, section 13."""
    settings.CONTACT = settings.CONTACT | {
        "publisher": "Ville d’Essai, 1 place Haute, 69999 Essai",
        "director": "Ada Essai, directrice générale",
        "phone": "04 65 71 00 00",
        "hosted_by": "Hébergeur d’Essai, 2 place Basse, 04 65 71 00 01",
        "source": "https://code.essai.example/opus",
    }

    page = Page.of(client.get("/mentions-legales/"))

    rows = [row.words() for row in page.all("dd")]
    assert rows == [
        settings.CONTACT["publisher"],
        settings.CONTACT["director"],
        settings.CONTACT["phone"],
        settings.CONTACT["service"],
    ]
    text = page.one("main").words()
    assert settings.CONTACT["hosted_by"] in text
    assert f"version {opus.VERSION}" in text
    source = settings.CONTACT["source"]
    assert page.links()[source] == page.links()["Code source"] == source


def test_the_desk_leads_to_the_source_code_too(as_ft_admin, settings):
    """AGPL, section 13: France Travail's staff are users as well."""
    links = Page.of(as_ft_admin.get("/admin/")).links()

    assert links["Code source"] == settings.CONTACT["source"]
    assert links["Mentions légales"] == "/mentions-legales/"


# --- What machines look for, at addresses that standards fix -------------------------


def test_nothing_is_for_search_engines(client):
    response = client.get("/robots.txt")

    robots = RobotFileParser()
    robots.parse(b"".join(response).decode().splitlines())
    response.close()
    assert response["Content-Type"].startswith("text/plain")
    assert not robots.can_fetch("anything", "/")
    assert not robots.can_fetch("Googlebot", "/mentions-legales/")


def test_the_icon_is_where_browsers_look_for_it(client):
    response = client.get("/favicon.ico")
    icon = b"".join(response)
    response.close()

    reserved, kind, count = struct.unpack_from("<HHH", icon)
    frames = [struct.unpack_from("<BBBBHHII", icon, 6 + 16 * i) for i in range(count)]
    assert (response.status_code, reserved, kind) == (200, 0, 1)
    assert [frame[0] for frame in frames] == [16, 32, 48]
    for *_, length, offset in frames:
        assert icon[offset : offset + 4] == b"\x89PNG"
        assert icon[offset : offset + length].endswith(b"IEND\xaeB`\x82")


def test_a_password_manager_finds_the_page_that_changes_the_password(client):
    """W3C, a well-known URL for changing passwords."""
    response = client.get("/.well-known/change-password")

    assert (response.status_code, response["Location"]) == (
        302,
        "/profil/mot-de-passe/",
    )
    # They ask for this one first: a site that answers 200 to all is not believed.
    odd = "resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert client.get(f"/.well-known/{odd}").status_code == 404


def test_a_password_manager_finds_where_passkeys_are_added(client, as_adviser):
    """W3C, passkey endpoints: the pages are those of passkeys."""
    response = client.get("/.well-known/passkey-endpoints")

    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "enroll": "http://localhost/profil/facteurs/ajouter/",
        "manage": "http://localhost/profil/",
    }
    enrol = Page.of(as_adviser.get("/profil/facteurs/ajouter/"))
    assert enrol.by_id("titre-cle").words() == "Une clé d’accès (recommandé)"
    manage = Page.of(as_adviser.get("/profil/"))
    assert "/profil/facteurs/ajouter/" in manage.links().values()


def test_the_state_page_dates_the_last_offers(client):
    ImportRun.objects.create(ended_at=dt.datetime(2026, 11, 24, 13, 2, tzinfo=dt.UTC))
    ImportRun.objects.create(ended_at=None)

    text = Page.of(client.get("/etat-du-service/")).one("main").words()

    assert "le 24 novembre 2026 à 14 h 02" in text
    assert "Opus fonctionne normalement" in text


class TestProbes:
    """R15."""

    def test_all_is_well(self, client):
        assert client.get("/readyz").content == b"ok"

    @pytest.mark.parametrize("path", ["/livez", "/readyz"])
    def test_a_probe_answers_whatever_name_it_is_called_by(self, client, path):
        response = client.get(path, headers={"host": "10.0.0.3:8000"})

        assert (response.status_code, response.content) == (200, b"ok")

    @pytest.mark.parametrize(
        "make",
        [
            lambda at: DocumentFactory(state=FileState.WAITING, created_at=at),
            lambda at: LetterFactory(waiting=True, created_at=at),
            lambda at: OutboxEntry.objects.create(effect="a", key=at, created_at=at),
        ],
        ids=["document", "registered letter", "e-mail"],
    )
    def test_what_does_not_leave_degrades_the_service(self, client, make):
        """R15: by the age of the oldest that waits."""
        make(timezone.now() - dt.timedelta(minutes=4))
        assert client.get("/readyz").content == b"ok"
        make(timezone.now() - dt.timedelta(minutes=6))

        response = client.get("/readyz")

        assert (response.status_code, response.content) == (200, b"degraded")
        text = Page.of(client.get("/etat-du-service/")).one("main").words()
        assert "les documents ou les courriels ont du retard" in text

    def test_a_migration_that_was_not_applied_is_down(self, client, monkeypatch):
        monkeypatch.setattr(views, "_prepared", False)
        graph = MigrationLoader(connection).graph
        (last,) = graph.leaf_nodes("referrals")
        recorder = MigrationRecorder(connection)
        # One that replaces others is as good as applied where they were.
        with as_owner():
            for migration in [last, *graph.nodes[last].replaces]:
                recorder.record_unapplied(*migration)

        response = client.get("/readyz")

        assert (response.status_code, response.content) == (503, b"down")
