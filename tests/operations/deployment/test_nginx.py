"""The shipped site of nginx before the real processes, with production's settings."""

import json
import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.db import connection

from offers.catalogue.models import Offer
from opus.lib.audit.models import AuditEntry
from tests import topology
from tests.accounts.factories import PASSWORD, AdviserFactory
from tests.accounts.journeys import code_of
from tests.conftest import wait_until
from tests.offers.feed.test_gunicorn import is_open, web_server
from tests.offers.helpers.feed import BATCH, URL, body_of, event, signed
from tests.operations.deployment.certificates import make_certificate
from tests.operations.deployment.production import OPERATIONS, ROOT, TOLD
from tests.opus.page import Page

NGINX = topology.program("nginx")

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]

SECOND = "# server 10.0.0.2:8000"
ELSEWHERE = "127.0.0.2"
CLAIMED = "203.0.113.9"
AWAY = "Opus est momentanément indisponible"


def free_ports() -> dict[str, int]:
    names = ("plain", "tls", "web", "feed")
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    found = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return dict(zip(names, found, strict=True))


def site_for(
    folder: Path, *, plain: int, tls: int, web: int, feed: int, second: int = 0
) -> str:
    """The shipped file; every place that an installation adapts is adapted."""
    site = (OPERATIONS / "nginx.conf").read_text()
    assert SECOND in site
    if second:
        site = site.replace(SECOND, f"server 127.0.0.1:{second}")
    for theirs, ours in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
        "/etc/ssl/opus.pem": f"{folder}/server.pem",
        "/etc/ssl/opus.key": f"{folder}/server.key",
        "/var/log/nginx/opus.log": f"{folder}/access.log",
        "/var/log/nginx/opus.error.log": f"{folder}/error.log",
        "/srv/opus/": f"{ROOT}/",
        "127.0.0.1:8000": f"127.0.0.1:{web}",
        "127.0.0.1:8001": f"127.0.0.1:{feed}",
        "opus.example.fr": "localhost",
    }.items():
        assert theirs in site
        site = site.replace(theirs, ours)
    return site


@contextmanager
def nginx(folder: Path, ports: dict[str, int]) -> Iterator[None]:
    process = topology.start_proxy(folder, site_for(folder, **ports))
    try:
        wait_until(lambda: is_open(ports["tls"]))
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_certificate(tmp_path)
    return tmp_path


@pytest.fixture
def ports(folder: Path) -> Iterator[dict[str, int]]:
    """nginx, the web process and the feed's, all real; the ports of each."""
    numbers = free_ports()
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    database = f"{base}/{connection.settings_dict['NAME']}"
    env = TOLD | {
        "OPUS_DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "tests.opus.web_settings",
        "OPUS_SMTP": "smtps://mail.example.fr",
        "OPUS_BIND": f"127.0.0.1:{numbers['web']}",
        "OPUS_FEED_BIND": f"127.0.0.1:{numbers['feed']}",
    }
    (folder / "feed").mkdir()
    with (
        web_server("gunicorn.py", folder, database, **env),
        web_server("gunicorn_feed.py", folder / "feed", database, **env),
        nginx(folder, numbers),
    ):
        wait_until(lambda: all(map(is_open, numbers.values())), seconds=60)
        yield numbers


def open_browser(folder: Path, ports: dict[str, int]) -> httpx2.Client:
    """A browser elsewhere, which claims to be somebody else still."""
    trust = ssl.create_default_context(cafile=folder / "authority.pem")
    transport = httpx2.HTTPTransport(verify=trust, local_address=ELSEWHERE)
    headers = {
        "Host": "localhost",
        "Origin": "https://localhost",
        "X-Forwarded-For": CLAIMED,
        "X-Request-ID": "claimed",
    }
    address = f"https://localhost:{ports['tls']}"
    return httpx2.Client(
        base_url=address, transport=transport, headers=headers, timeout=60
    )


@pytest.fixture
def browser(folder: Path, ports: dict[str, int]) -> Iterator[httpx2.Client]:
    with open_browser(folder, ports) as client:
        yield client


def send_form(browser: httpx2.Client, path: str, **fields: str) -> httpx2.Response:
    """Open a page, fill its form in, send it."""
    page = Page.of(browser.get(path).text)
    tokens = [
        tag["value"]
        for tag in page.all("input")
        if tag.attrs.get("name") == "csrfmiddlewaretoken"
    ]
    return browser.post(path, data={"csrfmiddlewaretoken": tokens[0], **fields})


def test_sign_in_events_and_limits_through_nginx(browser, ports, folder):
    """R14, S6, S14, S36: one start of all processes for the whole way."""
    adviser = AdviserFactory()

    wrong = send_form(
        browser, "/connexion/", identifier=adviser.identifier, password="x" * 20
    )
    sent = send_form(
        browser, "/connexion/", identifier=adviser.identifier, password=PASSWORD
    )
    code = send_form(browser, sent.headers["Location"], code=code_of(adviser))
    home = browser.get("/")

    assert (wrong.status_code, sent.status_code, code.status_code) == (200, 302, 302)
    assert home.status_code == 200
    assert home.http_version == "HTTP/1.1"
    assert "max-age=31536000" in home.headers["Strict-Transport-Security"]
    # The client's own header does not count: nginx says who spoke to it.
    assert set(AuditEntry.objects.values_list("ip", flat=True)) == {ELSEWHERE}

    created = body_of([event("creee")])
    accepted = post_events(browser, created, signed(created))
    forged = post_events(browser, created, {})

    assert (accepted.status_code, accepted.json()["appliques"]) == (200, 1)
    assert forged.status_code == 401
    assert Offer.objects.count() == 1
    # Both went to the feed's process.
    told = (folder / "feed" / "web.log").read_text()
    assert "Feed: 401" in told
    assert "Feed: 401" not in (folder / "web.log").read_text()

    check_limits(browser)
    check_plain_address(ports["plain"])
    check_what_is_logged(folder, adviser.identifier)


def post_events(
    browser: httpx2.Client, body: bytes, headers: dict[str, str]
) -> httpx2.Response:
    return browser.post(URL, content=body, headers={"Content-Type": BATCH, **headers})


def check_limits(browser: httpx2.Client) -> None:
    """Above 6 MB nginx answers, above 5 Opus does: both a page in French."""
    for size in (5_500_000, 7_000_000):
        answer = browser.post("/connexion/", content=b"x" * size)
        assert answer.status_code == 413
        assert Page.of(answer.text).one("h1").words() == "Envoi trop volumineux"
    assert browser.get("/" + "x" * 9_000).status_code == 414
    assert browser.get("/metriques/").status_code == 404
    answer = browser.get("/", headers={"X-Odd": "x" * 9_000})
    assert answer.status_code in {400, 431, 494}
    assert Page.of(answer.text).one("h1").words() == "Demande incompréhensible"


def check_plain_address(port: int) -> None:
    answer = httpx2.get(f"http://127.0.0.1:{port}/offres/", headers={"Host": "other"})

    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://localhost/offres/"


def check_what_is_logged(folder: Path, identifier: str) -> None:
    """S41: no address of a person or a page; the same id as Opus received."""
    text = (folder / "access.log").read_text()
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]

    assert {line["status"] for line in lines} >= {200, 302, 401, 413, 414}
    assert all(re.fullmatch(r"[0-9a-f]{32}", line["id"]) for line in lines)
    assert not re.search(rf"{identifier}|127\.0\.0\.|connexion|{CLAIMED}", text)
    assert (folder / "error.log").read_text() == ""


def test_when_opus_is_away_nginx_says_so_in_french(folder):
    """S30, S41."""
    numbers = free_ports()
    with nginx(folder, numbers), open_browser(folder, numbers) as client:
        answer = client.get("/offres/?q=secret")

    assert answer.status_code == 502
    assert Page.of(answer.text).one("h1").words() == AWAY
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "secret" not in "".join(each.read_text() for each in folder.glob("*.log"))
