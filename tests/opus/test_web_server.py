"""The site behind the real web server: what a client of Django's cannot send."""

import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse

import pytest
from django.db import connection

from opus.lib.web import DRAIN_STEP
from tests.conftest import wait_until
from tests.offers.feed.test_gunicorn import gunicorn
from tests.offers.helpers.feed import URL as FEED
from tests.opus.page import Page

pytestmark = pytest.mark.django_db(transaction=True)

TOO_LONG = 50_000_000


@pytest.fixture(scope="module")
def port(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None
) -> Iterator[int]:
    """One gunicorn for all these tests, which write nothing."""
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    database = f"{base}/{connection.settings_dict['NAME']}"
    folder = tmp_path_factory.mktemp("web")
    with gunicorn(
        folder,
        database,
        DJANGO_SETTINGS_MODULE="tests.opus.web_settings",
        SCRIPT_NAME="/x",
    ) as number:
        yield number


def get(port: int, path: str, **headers: str) -> tuple[int, str | None]:
    """(status, where it leads)."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as link:
        link.request("GET", path, headers={"Host": "localhost", **headers})
        response = link.getresponse()
        return response.status, response.headers["Location"]


def head_of_post(path: str, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode()


@pytest.mark.at_each_run(4)
@pytest.mark.parametrize("header", ["SCRIPT_NAME", "Script-Name", "PATH_INFO"])
@pytest.mark.parametrize("value", ["/x", "/candidats", "/", "//ailleurs.example"])
def test_no_header_of_a_client_moves_the_site_elsewhere(port, header, value):
    """S30: gunicorn would believe a SCRIPT_NAME of its own machine's proxy."""
    asked = get(port, "/candidats/", **{header: value})

    assert asked == (302, "/connexion/?next=/candidats/")
    assert get(port, "/x/candidats/", **{header: value})[0] == 404


def test_nor_does_what_another_web_server_would_pass_on(client):
    response = client.get("/candidats/", SCRIPT_NAME="/x")

    assert response["Location"] == "/connexion/?next=/candidats/"


@pytest.mark.parametrize("path", ["/", "/connexion/", "/candidats/", "/nulle-part/"])
def test_a_body_that_is_too_long_is_refused_before_it_is_read(port, path):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(head_of_post(path, f"Content-Length: {TOO_LONG}"))
        response = HTTPResponse(link)
        response.begin()  # Not a byte of the body has left.
        page = Page.of(response.read().decode())

    assert response.status == 413
    assert page.one("h1").words() == "Envoi trop volumineux"


def test_the_feed_refuses_a_long_batch_before_it_is_read_in_its_own_words(port):
    """S36."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(head_of_post(FEED, f"Content-Length: {TOO_LONG}"))
        response = HTTPResponse(link)
        response.begin()
        told = response.read()

    assert response.status == 413
    assert b"motif" in told


def test_who_still_sends_a_long_body_reads_the_answer(port):
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as link:
        link.request("POST", "/connexion/", b"x" * 20_000_000, {"Host": "localhost"})
        response = link.getresponse()
        page = response.read().decode()

    assert response.status == 413
    assert "Raccourcissez le texte" in page


def send_without_end(link: socket.socket) -> None:
    piece = b"%x\r\n%s\r\n" % (DRAIN_STEP, b"x" * DRAIN_STEP)
    for _ in range(TOO_LONG // DRAIN_STEP):
        link.sendall(piece)


def test_a_form_in_chunks_without_end_counts_as_empty_and_is_cut_off(port):
    """Django reads no body without a length, gunicorn 64 kB of it, then it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as link:
        link.sendall(head_of_post("/connexion/", "Transfer-Encoding: chunked"))
        response = HTTPResponse(link)
        response.begin()
        with pytest.raises(ConnectionError):
            send_without_end(link)

    assert response.status == 403


def test_slow_bodies_stop_neither_pages_nor_the_probe(port):
    """R13: sixty clients promise a body and send a byte of it."""
    with ExitStack() as at_the_end:
        links = [at_the_end.enter_context(slow_link(port)) for _ in range(60)]
        began = time.monotonic()

        answers = [get(port, path)[0] for path in ("/livez", "/connexion/", "/livez")]

        assert answers == [200, 200, 200]
        # Each link of its own would be waited for during five seconds.
        assert time.monotonic() - began < 30
        wait_until(lambda: len(answered_of(links)) >= 58)

        # A thread waited for the bodies of two.
        refused = [link for link in answered_of(links) if status_of(link) == 503]
        assert len(refused) >= 58


def answered_of(links: list[socket.socket]) -> list[socket.socket]:
    return select.select(links, [], [], 0)[0]


@pytest.mark.thorough
def test_who_falls_silent_within_a_body_is_told_so(port):
    with closing(slow_link(port)) as link:
        response = HTTPResponse(link)
        response.begin()
        page = Page.of(response.read().decode())

        assert response.status == 408
        assert page.one("h1").words() == "Envoi interrompu"
        # And nothing more is read from it.
        assert link.recv(1) == b""


def slow_link(port: int) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.sendall(head_of_post("/connexion/", "Content-Length: 1000") + b"x")
    return link


def status_of(link: socket.socket) -> int:
    response = HTTPResponse(link)
    response.begin()
    return response.status
