"""Odd addresses, bodies and methods: each has its answer, in French."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from tinyhtml5.parser import HTMLParser

from opus import gunicorn
from tests.opus.page import Page

pytestmark = pytest.mark.django_db

PROXY = Path(settings.BASE_DIR, "root_files", "erreurs")
SITE = Path(settings.BASE_DIR, "docs", "operations", "nginx.conf")
CODES = {"400", "413", "414", "431", "494", "502", "503", "504"}


@pytest.mark.parametrize(
    "address",
    [
        "/offres/?q=%00",
        "/comptes/?statut=a%00b",
        "/offres/%00/",
        "/%00",
        "/static/%00",
        "/admin/offers/offer/%00/change/",
        "/admin/accounts/agency/?q=%00",
        "/questions/?q=\0",
    ],
)
def test_a_nul_in_an_address_is_a_400_with_its_page(as_ft_admin, address):
    response = as_ft_admin.get(address)

    assert response.status_code == 400
    assert Page.of(response).one("h1").words() == "Demande incompréhensible"
    assert response["Permissions-Policy"]
    assert response["Content-Security-Policy"]


def test_a_zero_that_is_no_nul_is_searched_for(as_adviser):
    assert as_adviser.get("/offres/?q=100%2500").status_code == 200


@pytest.mark.parametrize("version", ["x" * 3_000, "2026-99", "é"])
def test_a_charter_that_never_was_is_not_found(client, version):
    assert client.get(f"/charte/{version}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[" * 15_000, 204),
        ('[{"body":' * 1_500, 204),
        (json.dumps({"body": {"blockedURL": [{}], "documentURL": 3}}), 204),
        ("x" * 17_000, 413),
        ("x" * 2_600_000, 413),
    ],
)
def test_an_odd_report_of_the_policy_is_answered(client, body, status):
    response = client.post("/csp/", body, content_type="application/csp-report")

    assert response.status_code == status


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_an_acts_page_of_the_desk_takes_no_other_method(as_ft_admin, referral, method):
    path = f"/admin/referrals/referral/{referral.pk}/change/"
    assert as_ft_admin.get(path).status_code == 200  # The control.

    response = as_ft_admin.generic(method, path)

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
    assert "Cette page ne s’ouvre pas ainsi" in response.text


def test_without_its_token_another_method_is_a_405_all_the_same(referral):
    strict = Client(
        enforce_csrf_checks=True, headers={"host": "localhost"}, SERVER_NAME="localhost"
    )
    strict.force_login(referral.adviser)

    assert strict.put("/profil/").status_code == 405
    assert strict.post("/profil/").status_code == 403  # The control.


def test_a_filter_that_does_not_exist_leads_to_the_whole_list_and_says_so(as_ft_admin):
    odd = as_ft_admin.get("/admin/offers/offer/?nom__x=1&e=1", follow=True)

    assert odd.status_code == 200
    assert "Un filtre de cette adresse n’existe pas" in odd.text
    assert "base de données" not in odd.text


# --- What the proxy answers by itself -------------------------------------------------


def test_the_proxy_has_a_page_for_each_of_its_own_answers():
    told = re.findall(r"error_page ([\d ]+) /erreurs/(\S+);", SITE.read_text())

    assert {code for codes, _ in told for code in codes.split()} == CODES
    assert {page for _, page in told} == {page.name for page in PROXY.glob("*.html")}
    text = Path(settings.BASE_DIR, "docs", "operations", "install.md").read_text()
    assert "(nginx.conf)" in text
    assert "root_files/erreurs/" in text


@pytest.mark.parametrize("page", sorted(PROXY.glob("*.html")), ids=lambda p: p.stem)
def test_a_page_of_the_proxy_stands_alone_in_french(page):
    html = page.read_text()
    parser = HTMLParser(namespace_html_elements=False)
    root = parser.parse(html)

    assert parser.errors == []
    assert root.get("lang") == "fr"
    (heading,) = root.iter("h1")
    assert f"<title>{heading.text} – Opus</title>" in html
    assert [link.get("href") for link in root.iter("a")] == ["/"]
    assert not list(root.iter("style")) + list(root.iter("script"))
    assert not re.search(r"\s(style|on\w+)=|{[{%]", html)
    assert not re.search(r"[ \w][:;!?]\s", root.findtext(".//main") or "")
    for sheet in root.iter("link"):
        assert (PROXY / sheet.get("href").removeprefix("/erreurs/")).exists()


def test_gunicorn_reads_what_the_proxy_lets_through():
    found = re.search(r"large_client_header_buffers \d+ (\d+);", SITE.read_text())

    assert found
    assert int(found[1]) < gunicorn.limit_request_line <= 8_190
    assert int(found[1]) < gunicorn.limit_request_field_size
