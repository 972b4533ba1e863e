"""A text about the service is warned about, and its author may pass it (V2)."""

import re

import pytest
from django.urls import reverse

from opus.lib.text_guard.models import TextGuardCount
from opus.support.news.models import Announcement
from opus.support.tickets.models import Message, Ticket
from tests.accounts.factories import AdviserFactory, FtAdminFactory
from tests.admin.registers import action_url
from tests.conftest import sign_in
from tests.support.factories import TicketFactory

pytestmark = pytest.mark.django_db

TEXT = "Le menu déroulant propose « dépressif »,\nest-ce <voulu> ?"
TICK = re.compile(r'type="checkbox"[^>]*name="([^"]+-passage)" value="([0-9a-f]{64})"')


def form_data(**changes):
    return {"topic": "offres", "subject": "Une liste", "text": TEXT} | changes


def send(client, **changes):
    return client.post(reverse("contact"), form_data(**changes))


def ticks(response):
    return dict(TICK.findall(response.text))


@pytest.fixture
def adviser(client):
    adviser = AdviserFactory()
    sign_in(client, adviser)
    return adviser


def test_a_warning_shows_the_words_and_lets_its_author_pass_it(client, adviser):
    """V2, V4: no script is needed; only the field, the category and the day stay."""
    assert ticks(client.get(reverse("contact"))) == {}

    warned = send(client)

    assert "« <mark>dépressif</mark> »,\nest-ce &lt;voulu&gt; ?" in warned.text
    assert "Ce passage ne décrit pas la situation d’une personne" in warned.text
    assert not Ticket.objects.exists()
    (refused,) = TextGuardCount.objects.all()
    assert (refused.place, refused.is_passed) == ("support.message.text", False)

    assert send(client, **ticks(warned)).status_code == 302

    assert Message.objects.get().text.replace("\r", "") == TEXT
    passed = TextGuardCount.objects.get(is_passed=True)
    assert (passed.account_id, passed.place, passed.category) == (
        adviser.pk,
        "support.message.text",
        "sante",
    )


def test_the_tick_of_one_text_passes_no_other(client, adviser):
    """V2: another text, another field or a made-up tick is warned about again."""
    given = ticks(send(client))
    (value,) = given.values()

    other = send(client, text="Le menu propose « schizophrène ».", **given)
    field = send(client, text="Rien.", subject=TEXT, **{"subject-passage": value})
    made_up = send(client, **{"text-passage": "0" * 64})

    assert "<mark>schizophrène</mark>" in other.text
    assert "<mark>dépressif</mark>" in field.text
    assert "<mark>dépressif</mark>" in made_up.text
    assert not Ticket.objects.exists()
    assert not TextGuardCount.objects.filter(is_passed=True).exists()


def test_an_identifier_is_refused_everywhere(client, adviser):
    """V6: no tick lets it pass."""
    for topic in ("offres", "accessibilite", "donnees"):
        refused = send(client, topic=topic, text=f"{TEXT} 06 39 98 12 34")

        assert "<mark>06 39 98 12 34</mark>" in refused.text
        assert ticks(refused) == {}
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("topic", ["accessibilite", "donnees"])
def test_the_author_may_speak_of_his_own_health(client, adviser, topic):
    """V3: at first, and in a later message."""
    send(client, topic=topic, text="Je suis malvoyant.")
    ticket = Ticket.objects.get()
    client.post(ticket.get_absolute_url(), {"text": "Je suis aussi dyslexique."})

    assert Message.objects.filter(ticket=ticket).count() == 2
    assert not TextGuardCount.objects.exists()


def test_staff_are_warned_too(client):
    """V2: a button of the admin."""
    sign_in(client, FtAdminFactory(agency=None))
    url = action_url(TicketFactory(), "repondre")
    text = {"text": "La liste ne propose plus « dépressif »."}

    warned = client.post(url, text)
    assert not Message.objects.filter(kind="reponse").exists()
    client.post(url, text | ticks(warned))

    assert Message.objects.filter(kind="reponse").exists()


def test_an_announcement_is_warned_about_in_the_admin(client):
    """V2: a form of a model."""
    sign_in(client, FtAdminFactory(agency=None))
    url = reverse("admin:support_announcement_add")
    typed = {
        "kind": "information",
        "title": "Une liste",
        "text": TEXT,
        "audience": "tous",
    }

    warned = client.post(url, typed)
    assert "<mark>dépressif</mark>" in warned.text
    assert not Announcement.objects.exists()
    client.post(url, typed | ticks(warned))

    assert Announcement.objects.get().text.replace("\r", "") == TEXT


def test_a_text_about_one_person_has_no_tick(client, adviser):
    """V2."""
    refused = client.post(
        reverse("candidate_add"), {"first_name": "Zoé", "last_name": "MARTIN autiste"}
    )

    assert "MARTIN <mark>autiste</mark>" in refused.text
    assert ticks(refused) == {}
