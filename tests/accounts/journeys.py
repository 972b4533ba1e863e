"""The steps of a sign-in, through the front door, for the tests to repeat."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.accounts.factories import PASSWORD

WRONG_CODE = "000000"


def give_password(
    client: Client, identifier: str, password: str = PASSWORD, **extra: Any
) -> HttpResponse:
    data = {"identifier": identifier, "password": password}
    return client.post(reverse("login"), data, **extra)


def code_of(user: Any) -> str:
    """What the person's application shows now."""
    return user.totpdevice_set.get(confirmed=True).current_token()


def give_code(client: Client, code: str, **extra: Any) -> HttpResponse:
    return client.post(reverse("login_code"), {"code": code}, **extra)


def enter(client: Client, user: Any, **extra: Any) -> HttpResponse:
    """A whole sign-in; the code is one that was not used yet."""
    user.totpdevice_set.update(last_t=-1)
    give_password(client, user.identifier, **extra)
    return give_code(client, code_of(user), **extra)


def queue_of(client: Client, label: str) -> Any:
    """Return a queue of the desk by its title."""
    queues = client.get(reverse("admin:index")).context["queues"]
    return next(queue for queue in queues if queue.label == label)


def another_browser(**extra: Any) -> Client:
    """A browser with nothing in it yet."""
    return Client(SERVER_NAME="localhost", headers={"host": "localhost"}, **extra)
