"""What leaves Opus, as national staff see it: letters and notices, and a new try."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import AdviserFactory, AgentFactory
from tests.admin.registers import action_url, list_url, text_of
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(db):
    account = AdviserFactory()
    return OutboxEntry.objects.create(
        effect="backup-code-used",
        key="a",
        arguments={"account": account.pk},
        given_up_at=timezone.now(),
    )


def test_letters_and_notices_are_told_apart(as_ft_admin: Client, letter) -> None:
    OutboxEntry.objects.create(effect="act-moved", key="b")

    def shown(nature: str) -> set[str]:
        page = as_ft_admin.get(list_url("lib.outboxentry"), {"nature": nature})
        return {row.effect for row in page.context["cl"].result_list}

    assert shown("courriel") == {"backup-code-used"}
    assert shown("avis") == {"act-moved"}
    page = text_of(as_ft_admin.get(list_url("lib.outboxentry")))
    assert "courriels à envoyer" not in page.casefold()


def test_what_was_given_up_leaves_once_more(as_ft_admin: Client, letter) -> None:
    """R6: a dead letter is seen, and may be tried again."""
    as_ft_admin.post(action_url(letter, "relancer"))
    outbox.relay()

    letter.refresh_from_db()
    assert (letter.sent_at is not None, letter.given_up_at) == (True, None)
    assert mail.outbox[0].extra_headers["Message-ID"] == letter.message_id
    told = AuditEntry.objects.get(action=Action.EFFECT_RETRIED)
    assert told.target_id == str(letter.pk)


def test_what_waits_by_itself_is_not_pressed(as_ft_admin: Client, letter) -> None:
    OutboxEntry.objects.update(given_up_at=None, sent_at=timezone.now())

    as_ft_admin.post(action_url(letter, "relancer"))
    outbox.relay()

    assert mail.outbox == []
    assert not AuditEntry.objects.filter(
        action=Action.EFFECT_RETRIED, refused=""
    ).exists()


def test_an_agent_of_an_agency_sends_nothing_again(client: Client, letter) -> None:
    sign_in(client, AgentFactory())

    assert client.post(action_url(letter, "relancer")).status_code in {403, 404}
    assert OutboxEntry.objects.waiting().count() == 0
