"""The charter, version by version: accepted, kept, readable later (V23)."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.signin.models import CharterAcceptance
from tests.accounts.factories import FtAdminFactory
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

FOLDER = Path(settings.BASE_DIR, "templates", "accounts", "signin", "charters")
# What somebody accepted does not change: another text is another version.
PUBLISHED = {
    "2026-11": "e2bf8a2016a5ee7d35016d27716b7d6adafd4fc8e99aea4d19155cb65a5ee88f"
}
NEXT = "2027-06"


@pytest.fixture
def new_version(settings, tmp_path):
    """Another version of the charter comes into force."""
    folder = tmp_path / "accounts" / "signin" / "charters"
    folder.mkdir(parents=True)
    (folder / f"{NEXT}.html").write_text("<p>Une règle de plus.</p>", encoding="utf-8")
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**templates, "DIRS": [tmp_path, *templates["DIRS"]]}]
    settings.CHARTER_VERSION = NEXT


def test_a_new_version_forces_its_acceptance_and_both_are_kept(
    as_adviser, new_version, adviser
):
    """V23."""
    sent = as_adviser.get("/candidats/")
    page = as_adviser.get(sent.url)
    refused = as_adviser.post(sent.url, {"next": "/candidats/"})
    still = as_adviser.get("/candidats/").status_code
    accepted = as_adviser.post(sent.url, {"accepted": "on", "next": "/candidats/"})
    after = as_adviser.get("/candidats/").status_code

    assert sent.url == "/charte/?next=%2Fcandidats%2F"
    assert "Une règle de plus." in page.text
    assert "La charte a changé" in page.text
    assert "Cochez la case" in refused.text
    assert (still, accepted.url, after) == (302, "/candidats/", 200)
    kept = CharterAcceptance.objects.filter(account=adviser).order_by("accepted_at")
    assert set(kept.values_list("version", flat=True)) == {"2026-11", NEXT}


def test_each_version_accepted_is_read_again_from_the_charters_page(
    as_adviser, new_version
):
    as_adviser.post(reverse("charter"), {"accepted": "on"})

    page = as_adviser.get(reverse("charter")).text
    old = as_adviser.get(reverse("charter_version", args=["2026-11"])).text

    assert reverse("charter_version", args=["2026-11"]) in page
    assert reverse("charter_version", args=[NEXT]) in page
    assert "Mon accès est à moi seul" in old
    assert "n’est plus en vigueur" in old
    assert reverse("charter") in as_adviser.get(reverse("profile")).text


def test_the_present_version_is_public_from_the_legal_notice(client):
    path = reverse("charter_version", args=[settings.CHARTER_VERSION])

    assert path in client.get(reverse("legal")).text
    assert "Mon accès est à moi seul" in client.get(path).text


@pytest.mark.parametrize("version", ["2019-01", "base"])
def test_a_version_that_never_was_is_not_found(client, version):
    assert client.get(reverse("charter_version", args=[version])).status_code == 404


def test_staff_accept_no_charter(client):
    """It is the partners' engagement."""
    assert sign_in(client, FtAdminFactory()).get("/admin/").status_code == 200


def test_a_published_charter_never_changes():
    """V23: what is accepted is versioned here."""
    digests = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.glob("*.html")
    }

    assert digests == PUBLISHED
    assert settings.CHARTER_VERSION in PUBLISHED
