"""The cast and the guards of the whole suite."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import sessions
from referrals.models import OutcomeCode
from tests.accounts.factories import AdviserFactory, FtAdminFactory, RgcFactory

OUTCOMES: list[dict[str, Any]] = []


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Reference data once for all; and leave to empty the tables between tests."""
    with django_db_blocker.unblock():
        call_command("load_reference", verbosity=0)
        OUTCOMES.extend(OutcomeCode.objects.values())
        with connection.cursor() as cursor:
            # Transactional tests empty every table. ``test_audit`` turns it on again.
            cursor.execute(
                "ALTER TABLE lib_auditentry DISABLE TRIGGER lib_auditentry_no_truncate"
            )


@pytest.fixture(autouse=True)
def _reference_survives_flush(request: Any, django_db_blocker: Any) -> Iterator[None]:
    """A transactional test empties the tables: put back what migrations had put."""
    yield
    marker = request.node.get_closest_marker("django_db")
    is_transactional = bool(marker and marker.kwargs.get("transaction"))
    if is_transactional or "transactional_db" in request.fixturenames:
        with django_db_blocker.unblock():
            call_command("load_reference", verbosity=0)
            OutcomeCode.objects.bulk_create(
                (OutcomeCode(**values) for values in OUTCOMES), ignore_conflicts=True
            )


def sign_in(client: Client, user: Any) -> Client:
    """A session with both factors, as after a sign-in of this instant."""
    client.force_login(user, "accounts.backends.IdentifierBackend")
    session = client.session
    device = user.totpdevice_set.get()
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    sessions.begin(session)
    sessions.confirm(session)
    session.save()
    return client


@pytest.fixture
def client() -> Client:
    """A browser that speaks HTTPS, since every cookie is ``Secure``."""
    return Client(headers={"host": "localhost"}, SERVER_NAME="localhost")


@pytest.fixture
def adviser(db: None) -> Any:
    return AdviserFactory()


@pytest.fixture
def rgc(db: None) -> Any:
    return RgcFactory()


@pytest.fixture
def ft_admin(db: None) -> Any:
    return FtAdminFactory()


@pytest.fixture
def as_adviser(client: Client, adviser: Any) -> Client:
    return sign_in(client, adviser)


@pytest.fixture
def as_rgc(client: Client, rgc: Any) -> Client:
    return sign_in(client, rgc)


@pytest.fixture
def as_ft_admin(client: Client, ft_admin: Any) -> Client:
    return sign_in(client, ft_admin)
