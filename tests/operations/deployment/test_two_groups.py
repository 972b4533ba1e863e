"""Two groups of web processes behind nginx: one dies, and people work on."""

import os
import signal
import socket
import threading
from collections import Counter
from pathlib import Path

import httpx2
import pytest
from django.db import connection

from tests.accounts.factories import PASSWORD, AdviserFactory
from tests.accounts.journeys import code_of
from tests.conftest import wait_until
from tests.offers.feed.test_gunicorn import is_open, web_server
from tests.offers.helpers.factories import OfferFactory
from tests.operations.deployment.certificates import make_certificate
from tests.operations.deployment.production import TOLD
from tests.operations.deployment.test_nginx import (
    NGINX,
    free_ports,
    nginx,
    open_browser,
    send_form,
)
from tests.opus.page import Page

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]
READERS = 4
# A page whose group dies after its first bytes.
CUT_OFF = 0


def kill(master: int) -> None:
    """The whole group, as when its machine loses its current."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    for pid in (master, *map(int, children)):
        os.kill(pid, signal.SIGKILL)


def test_a_group_dies_and_whoever_is_signed_in_reads_and_writes_on(tmp_path):
    make_certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        ports = free_ports() | {"second": free.getsockname()[1]}
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    database = f"{base}/{connection.settings_dict['NAME']}"
    env = TOLD | {
        "OPUS_DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "tests.opus.web_settings",
        "OPUS_SMTP": "smtps://mail.example.fr",
    }
    folders = [tmp_path / name for name in ("web", "second")]
    for folder in folders:
        folder.mkdir()
    binds = [{"OPUS_BIND": f"127.0.0.1:{ports[each.name]}"} for each in folders]
    adviser, offer = AdviserFactory(), OfferFactory()
    with (
        web_server("gunicorn.py", folders[0], database, **env, **binds[0]) as first,
        web_server("gunicorn.py", folders[1], database, **env, **binds[1]),
        nginx(tmp_path, ports),
        open_browser(tmp_path, ports) as browser,
    ):
        both = [ports["web"], ports["second"]]
        wait_until(lambda: all(map(is_open, both)), seconds=60)
        sent = send_form(
            browser, "/connexion/", identifier=adviser.identifier, password=PASSWORD
        )
        send_form(browser, sent.headers["Location"], code=code_of(adviser))

        statuses: Counter[int] = Counter()
        ends = threading.Event()

        def read() -> None:
            with open_browser(tmp_path, ports) as reader:
                reader.cookies = browser.cookies
                while not ends.is_set():
                    try:
                        status = reader.get(f"/offres/{offer.pk}/").status_code
                    except httpx2.RemoteProtocolError:
                        status = CUT_OFF
                    statuses[status] += 1

        readers = [threading.Thread(target=read) for _ in range(READERS)]
        for each in readers:
            each.start()
        wait_until(lambda: statuses[200] > 20, seconds=60)
        assert set(statuses) == {200}
        kill(first)
        seen = statuses.total()
        wait_until(lambda: statuses.total() > seen + 40, seconds=60)
        ends.set()
        for each in readers:
            each.join()
        # Also what was under way: nginx asks the other group again for a page, unless
        # its first bytes had left.
        assert statuses.total() - statuses[200] <= READERS
        # A form that finds its group dead is sent to the other one.
        token = Page.of(browser.get("/").text).all("input")
        fields = {each.attrs.get("name"): each.attrs.get("value") for each in token}
        data = {"csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]}
        assert browser.post("/deconnexion/", data=data).status_code == 302
        assert browser.get("/offres/").status_code == 302
