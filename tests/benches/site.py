"""The processes of bin/run for a bench, and browsers."""

import base64
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django_otp import DEVICE_ID_SESSION_KEY
from processes import Process, parts_of, start, stop, wait_for_site
from stack import free_port

from accounts.signin import sessions
from accounts.signin.sessions import SessionStore
from accounts.users.models import User
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    PartnershipFactory,
    StructureFactory,
)
from tests.benches.browser import Browser
from tests.benches.command import BENCH

FACTORIES = (AdviserFactory, ConventionFactory, PartnershipFactory, StructureFactory)


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    # Address of the feed's process.
    feed_url: str
    feed_secret: str

    def adviser(self) -> Browser:
        """Return a new adviser's browser, with separate rate counters."""
        session = open_session(AdviserFactory())
        cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        return Browser(self.url, cookie)


def number_accounts() -> None:
    """Make the factories count on from other numbers than those of earlier runs."""
    first = secrets.randbelow(99_000_000)  # A SIREN counts to eight digits.
    for factory in FACTORIES:
        factory.reset_sequence(first, force=True)


def open_session(user: User) -> SessionStore:
    """Save a session with both factors."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[DEVICE_ID_SESSION_KEY] = user.totpdevice_set.get().persistent_id
    sessions.begin(session)
    sessions.confirm(session)
    session.save()
    return session


def feed_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


@contextmanager
def site(environment: Mapping[str, str]) -> Iterator[Site]:
    """Run Opus on this database and a free port."""
    port, feed_port = free_port(), free_port()
    secret = feed_secret()
    variables = {
        **environment,
        "OPUS_PORT": str(port),
        "OPUS_BIND": f"127.0.0.1:{port}",
        "OPUS_FEED_BIND": f"127.0.0.1:{feed_port}",
        "OPUS_FEED_SECRETS": secret,
    }
    number_accounts()
    processes: dict[str, Process] = {}
    try:
        words = parts_of(BENCH)
        for name in ("web", "feed", "worker"):
            command = (name, *words[name])
            processes[name] = start(*command, environment=variables, state=BENCH)
        wait_for_site(port, processes, state=BENCH)
        wait_for_site(feed_port, processes, state=BENCH)
        yield Site(f"http://localhost:{port}", f"http://localhost:{feed_port}", secret)
    finally:
        stop(processes)
