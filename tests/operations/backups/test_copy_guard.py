"""A restored copy is mute until somebody takes it over (R21)."""

from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from opus.lib.outbound import outbox
from opus.lib.outbound.models import Instance, OutboxEntry
from opus.lib.outbound.outbox import Channel, compose_email, webhook
from opus.lib.outbound.outbox import mail as declared
from tests.accounts.factories import FtAdminFactory
from tests.conftest import sign_in
from tests.opus.page import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def effect(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A letter that always has something to say."""
    monkeypatch.setattr(outbox, "REGISTRY", {})

    def compose() -> Any:
        return compose_email(
            to="a@mairie.example",
            subject="essai",
            template="emails/frame.txt",
            context={"paragraphs": "Bonjour.", "items": [], "button": None, "stop": ""},
        )

    return declared("essai")(compose)


@pytest.fixture
def a_copy() -> Instance:
    """The rows say that they live somewhere else, as those of a dump would."""
    return Instance.objects.create(mark="opus.example.fr 7000000000000000001/16384")


def test_the_first_relay_makes_the_rows_its_own(effect: Any) -> None:
    """R21."""
    effect.post(key="a")

    outbox.relay()

    assert Instance.objects.get().mark == outbox.mark_here()
    assert len(mail.outbox) == 1


def test_nothing_leaves_from_a_copy_and_nothing_is_lost(
    effect: Any, a_copy: Instance
) -> None:
    """R21: the outbox relay is disabled unless the instance matches."""
    effect.post(key="a")

    assert outbox.relay() == 0

    assert mail.outbox == []
    assert OutboxEntry.objects.waiting().count() == 1


def test_no_notice_leaves_from_a_copy(
    monkeypatch: pytest.MonkeyPatch, a_copy: Instance
) -> None:
    """R21."""
    monkeypatch.setattr(outbox, "REGISTRY", {})
    asked: list[str] = []
    webhook("fait")(lambda: asked.append("asked")).post(key="a")

    assert outbox.relay(Channel.WEBHOOK) == 0

    assert asked == []


def test_another_name_of_the_site_makes_a_copy_of_the_whole_cluster_mute(
    settings: Any,
) -> None:
    """R21: a copy of the files keeps the cluster's number and the database's."""
    outbox.adopt()
    assert not outbox.is_mute()

    settings.ALLOWED_HOSTS = ["recette.example.fr"]

    assert outbox.is_mute()


@pytest.mark.parametrize(("waiting", "letters"), [("send", 1), ("drop", 0)])
def test_taking_over_says_what_becomes_of_what_waited(
    effect: Any, a_copy: Instance, waiting: str, letters: int
) -> None:
    """R21: what the other instance may have sent since is not sent twice."""
    effect.post(key="a")

    call_command("adopt_instance", waiting=waiting, verbosity=0)
    outbox.relay()

    assert not outbox.is_mute()
    assert len(mail.outbox) == letters
    assert not OutboxEntry.objects.waiting().exists()


def test_taking_over_wants_to_be_told_what_becomes_of_what_waited() -> None:
    with pytest.raises(CommandError, match="--waiting"):
        call_command("adopt_instance")


def test_a_copy_says_so_to_supervisors_and_on_the_desk(
    client: Client, a_copy: Instance
) -> None:
    """R15, R21."""
    assert client.get("/readyz").content == b"degraded"
    desk = sign_in(client, FtAdminFactory()).get("/admin/")

    assert "Copie muette." in Page.of(desk).one("main").words()


def test_the_desk_of_the_service_itself_says_nothing_of_copies(client: Client) -> None:
    """The control."""
    outbox.adopt()

    assert client.get("/readyz").content == b"ok"
    desk = sign_in(client, FtAdminFactory()).get("/admin/")
    assert "Copie muette." not in desk.content.decode()
