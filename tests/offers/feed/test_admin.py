"""The feed at the desk: its figures, and what it rejected, replayed or set to rest."""

import datetime as dt
import json

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from offers.catalogue.models import Offer
from offers.feed.models import EventQuarantine, FeedDelivery, PendingOffer
from offers.pull.models import PullKind
from opus.lib.audit.models import AuditEntry
from opus.lib.jobs import JobRun
from tests.admin.registers import action_url, entries_since, record_url, text_of
from tests.offers.helpers.factories import (
    FeedDeliveryFactory,
    OfferFactory,
    PullFindingFactory,
    PullRunFactory,
    RejectedEventFactory,
)
from tests.offers.helpers.feed import SECRET, event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_feed")]


def press(client: Client, rejected: EventQuarantine, slug: str) -> str:
    """The page that the button leads to; the row is read again."""
    response = client.post(action_url(rejected, slug), follow=True)
    rejected.refresh_from_db()
    return text_of(response)


def test_a_rejected_event_is_replayed_and_its_result_told(as_ft_admin):
    OfferFactory(reference="188VMCV")
    rejected = RejectedEventFactory()
    count = AuditEntry.objects.count()

    page = press(as_ft_admin, rejected, "rejouer")

    assert "Appliqué : l’offre est à jour." in page
    assert Offer.objects.get().state == "suspendue"
    assert rejected.settled_at
    assert rejected.result == "Appliqué : l’offre est à jour."
    told = [entry for entry in entries_since(count) if entry[0] == "event_replayed"]
    assert told == [("event_replayed", str(rejected.pk), "")]


def test_a_replay_keeps_to_precedence(as_ft_admin):
    """R3: a newer event has the last word."""
    OfferFactory(reference="188VMCV", state_sequence=6)
    rejected = RejectedEventFactory()

    page = press(as_ft_admin, rejected, "rejouer")

    assert "Sans effet" in page
    assert Offer.objects.get().is_active
    assert rejected.settled_at


def test_an_event_that_is_unsound_still_waits_on(as_ft_admin):
    raw = json.dumps(event("creee", data=None))
    rejected = RejectedEventFactory(raw=raw)
    count = AuditEntry.objects.count()

    page = press(as_ft_admin, rejected, "rejouer")

    assert "Toujours rejeté : « data » manque" in page.replace("\xa0", " ")
    assert rejected.settled_at is None
    refused = [
        entry[2] for entry in entries_since(count) if entry[0] == "event_replayed"
    ]
    assert [reason[:15] for reason in refused] == ["refusé : Rejoue"]


def test_a_settled_event_is_not_replayed_twice(as_ft_admin):
    rejected = RejectedEventFactory()
    press(as_ft_admin, rejected, "classer")

    assert rejected.result == "Classé sans suite."
    assert "cela ne se peut pas" in text_of(
        as_ft_admin.get(action_url(rejected, "rejouer"))
    )
    press(as_ft_admin, rejected, "rejouer")
    assert rejected.result == "Classé sans suite."


def test_one_cut_short_cannot_be_replayed(as_ft_admin):
    rejected = RejectedEventFactory(raw='{"id": "evt', is_cut=True)

    page = text_of(as_ft_admin.get(record_url(rejected)))

    assert "Classer sans suite" in page
    assert "Rejouer" not in page


def tile(client: Client, label: str) -> tuple[str, str]:
    """The value and the hint of a line of the desk."""
    page = text_of(client.get("/admin/")).replace("\xa0", " ")
    page = page[page.index("Tout ce qui attend") :]
    part = page[page.index(f">{label}</a>") :]
    value = part.split("<b>")[1].split("</b>")[0]
    hint = part.split("<small>")[1].split("</small>")[0]
    return value, hint


def test_the_desk_tells_the_last_sign_and_the_lag(as_ft_admin):
    """R5."""
    now = timezone.now()
    old = now - dt.timedelta(seconds=42)
    FeedDeliveryFactory(received_at=old, lag_seconds=300.0)
    with time_machine.travel(now, tick=False):
        value, hint = tile(as_ft_admin, "Flux des offres")

    assert value == "il y a 42 s"
    assert hint == "dernier évènement : il y a 42 s (retard : 5 min)"


def figure(client: Client, label: str) -> tuple[str, str, bool]:
    """The value and the hint of a figure of the feed's page; whether it waits."""
    page = text_of(client.get("/admin/offers/feeddelivery/")).replace("\xa0", " ")
    part = page[page.index(f"<dt>{label}</dt>") :]
    part = part[: part.index("</dd>")]
    value = part.split("<strong>")[1].split("</strong>")[0]
    hint = part.split("<span>")[1].split("</span>")[0] if "<span>" in part else ""
    return value, hint, "à voir" in part


def test_the_page_of_the_feed_tells_its_figures(as_ft_admin, settings):
    """R4, R5, R25: pushed, pulled, rejected, waiting, late."""
    settings.API_CLIENT_ID = "PAR_essai"
    now = timezone.now()

    def at(**length: float) -> dt.datetime:
        return now - dt.timedelta(**length)

    FeedDeliveryFactory(received_at=at(minutes=4), lag_seconds=8.0)
    FeedDeliveryFactory(received_at=at(seconds=20), channel="releve", lag_seconds=None)
    PullRunFactory(kind=PullKind.NEWS, started_at=at(seconds=20), read=3)
    PullRunFactory(started_at=at(hours=3))
    RejectedEventFactory()
    PendingOffer.objects.create(
        reference="199ABCD", state="suspendue", state_sequence=2, at=at(hours=5)
    )
    JobRun.objects.create(
        name="purge-journal", every=dt.timedelta(hours=1), ended_at=at(hours=9)
    )
    with time_machine.travel(now, tick=False):
        found = [
            figure(as_ft_admin, label)
            for label in (
                "Dernier signe de vie",
                "Dernier évènement",
                "Dernière relève de l’API",
                "Dernière comparaison complète",
                "Évènements rejetés, à traiter",
                "Offres dont seul l’état est connu",
                "Tâches de fond en retard",
            )
        ]

    assert found == [
        ("il y a 20 s", "évènements ou relève", False),
        ("il y a 4 min", "retard : 8 s", False),
        ("il y a 20 s", "offres lues : 3", False),
        ("il y a 3 h", "écarts corrigés : 5", False),
        ("1", "à relire", True),
        ("1", "la plus ancienne : il y a 5 h", False),
        ("1", "purge-journal", True),
    ]


def test_a_refused_comparison_and_a_poll_in_trouble_stand_on_the_desk(
    as_ft_admin, settings
):
    """R4."""
    settings.API_CLIENT_ID = "PAR_essai"
    PullRunFactory(refusal="Aucune offre retirée : 25 des 60.")
    PullRunFactory(kind=PullKind.NEWS, ended_at=None, trouble="L’API répond 500.")

    value, hint = tile(as_ft_admin, "Relève de l’API")

    assert value == "jamais"
    assert hint.startswith("L’API répond 500. ; comparaison complète : il y a")
    assert "Aucune offre retirée : 25 des 60." in hint
    assert figure(as_ft_admin, "Dernière comparaison complète")[2]


def test_without_feed_nor_api_the_page_says_so(as_ft_admin, settings):
    settings.FEED_SECRETS = []

    assert figure(as_ft_admin, "Dernier signe de vie") == (
        *("—", "aucun flux n’est configuré", False),
    )
    assert figure(as_ft_admin, "Dernière relève de l’API")[:2] == (
        *("—", "aucun identifiant d’API"),
    )


def test_a_run_leads_to_its_own_differences(as_ft_admin):
    """R4."""
    mine = PullFindingFactory(reference="199ABCD")
    PullFindingFactory(reference="199ABCE")

    page = text_of(as_ft_admin.get(record_url(mine.run)))
    address = f"/admin/offers/pullfinding/?run__id__exact={mine.run_id}"
    assert f'href="{address}"' in page

    found = text_of(as_ft_admin.get(address))
    assert ("199ABCD" in found, "199ABCE" in found) == (True, False)
    assert "introuvable deux fois : retirée" in found


def test_the_desk_counts_the_rejected_events_that_wait(as_ft_admin):
    RejectedEventFactory()
    RejectedEventFactory(settled_at=timezone.now())

    assert tile(as_ft_admin, "Évènements rejetés")[0] == "1"


@pytest.mark.parametrize(
    ("secrets_set", "told"), [([], "fermé"), ([SECRET], "aucun signe")]
)
def test_the_desk_tells_a_feed_that_never_spoke(
    as_ft_admin, settings, secrets_set, told
):
    settings.FEED_SECRETS = secrets_set

    assert not FeedDelivery.objects.exists()
    assert tile(as_ft_admin, "Flux des offres")[0] == told
