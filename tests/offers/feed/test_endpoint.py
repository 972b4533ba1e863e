"""The endpoint of the feed: who may speak, what is read, what is answered (S36, R3)."""

import datetime as dt
import json
import logging

import pytest
import time_machine
from django.db import connection
from django.test import Client

from offers.catalogue.models import Offer
from offers.catalogue.writes import upsert_offers
from offers.feed.events import MAX_BYTES
from offers.feed.models import EventQuarantine, FeedDelivery, FeedEvent, PendingOffer
from offers.payload.offer import read_offer
from tests.offers.helpers.factories import OfferFactory
from tests.offers.helpers.feed import (
    BATCH,
    OTHER_SECRET,
    SECRET,
    SINGLE,
    URL,
    body_of,
    content,
    event,
    figures_of,
    post,
    signed,
)
from tests.tables import as_owner, connected_as_served, planned_statements

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_feed")]


def state_of(reference: str = "188VMCV") -> str:
    return Offer.objects.get(pk=reference).state


def traces() -> list[int]:
    """What a delivery may leave behind, counted."""
    tables = [Offer, FeedDelivery, FeedEvent, EventQuarantine, PendingOffer]
    return [table.objects.count() for table in tables]


# --- What is applied -----------------------------------------------------------------


def test_a_batch_is_applied_and_answered_with_its_figures(client):
    OfferFactory(reference="188VMCV")
    first = event("suspendue", sequence=2)

    response = post(client, [event("creee", "199ABCD"), first, first, {"id": "seul"}])

    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "recus": 4,
        "appliques": 2,
        "ignores": 1,
        "rejetes": [{"id": "seul", "motif": "« source » manque."}],
    }
    assert (state_of(), state_of("199ABCD")) == ("suspendue", "active")
    assert not hasattr(Offer.objects.get(pk="188VMCV"), "search")
    delivery = FeedDelivery.objects.get()
    figures = (delivery.received, delivery.applied, delivery.ignored, delivery.rejected)
    assert figures == (4, 2, 1, 1)


def test_one_event_may_come_alone(client):
    OfferFactory(reference="188VMCV")

    assert figures_of(post(client, event("annulee"), SINGLE)) == (1, 1, 0, [])
    assert state_of() == "annulee"
    # A content type may name its charset.
    assert figures_of(post(client, [], f"{BATCH}; charset=utf-8")) == (0, 0, 0, [])


def test_an_event_fills_every_column_that_a_file_fills(client):
    whole = content(
        description="<p>Murs &amp; dalles</p>",
        nombrePostes=3,
        opus={"publiee": False, "preselection": True, "postesRestants": 2},
    )
    post(client, [event("creee", data=whole)])
    by_event = Offer.objects.values().get()
    upsert_offers([(read_offer(whole | {"id": "199ABCD"}), b"")])

    by_file = Offer.objects.values().get(pk="199ABCD")
    own = {"reference", "content_hash", "content_sequence", "state_sequence"}
    own |= {"mode_sequence", "mode_at", "state_at", "imported_at"}
    assert {k: v for k, v in by_event.items() if k not in own} == {
        k: v for k, v in by_file.items() if k not in own
    }
    assert by_event["content_sequence"] == by_event["state_sequence"] == 1


def test_the_history_tells_each_change_of_state_once(client):
    post(client, [event("creee", sequence=1)])
    post(client, [event("suspendue", sequence=2), event("reactivee", sequence=3)])
    post(client, [event("annulee", sequence=4)])

    steps = Offer.objects.get().steps.order_by("pk").values_list("origin", "target")
    assert list(steps) == [("", "active"), ("active", "annulee")]


# --- Who speaks ----------------------------------------------------------------------


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
def test_each_live_secret_signs_while_one_replaces_the_other(client, settings, secret):
    """S36: rotation."""
    settings.FEED_SECRETS = [SECRET, OTHER_SECRET]

    assert figures_of(post(client, [], secret=secret)) == (0, 0, 0, [])


def altered(headers: dict[str, str], **changes: str) -> dict[str, str]:
    return headers | {name.replace("_", "-"): value for name, value in changes.items()}


@pytest.mark.parametrize(
    "change",
    [
        {"webhook_id": "msg-autre"},
        {"webhook_id": ""},
        {"webhook_timestamp": "1"},
        {"webhook_timestamp": "hier"},
        {"webhook_timestamp": "nan"},
        {"webhook_timestamp": "1e400"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1"},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v1,%%%"},
        {"webhook_signature": "v1,é"},
        {"webhook_signature": "v2,AAAA"},
        {"webhook_signature": "v1,AAAA v1,BBBB"},
        {"webhook_signature": ",,,"},
    ],
)
def test_odd_or_wrong_headers_are_a_401_and_leave_nothing(client, caplog, change):
    """S36: no write, one log line."""
    OfferFactory(reference="188VMCV")
    before = traces()
    body = body_of([event("annulee")])

    with caplog.at_level(logging.WARNING):
        response = client.post(
            URL, body, content_type=BATCH, headers=altered(signed(body), **change)
        )

    assert response.status_code == 401
    assert traces() == before
    assert state_of() == "active"
    (line,) = [r.getMessage() for r in caplog.records if r.name == "offers.feed.views"]
    assert line.startswith("Feed: 401")


def test_an_altered_byte_is_a_401(client):
    """S36."""
    OfferFactory(reference="188VMCV")
    body = body_of([event("suspendue")])
    headers = signed(body)

    response = client.post(
        URL,
        body.replace(b"suspendue", b"annulee  "),
        content_type=BATCH,
        headers=headers,
    )

    assert response.status_code == 401
    assert state_of() == "active"


@pytest.mark.parametrize(
    ("age", "status"), [(-301, 401), (-299, 200), (299, 200), (301, 401)]
)
def test_a_signature_is_good_for_five_minutes(client, age, status):
    """S36."""
    now = dt.datetime(2026, 11, 24, 14, tzinfo=dt.UTC)
    with time_machine.travel(now, tick=False):
        response = post(client, [], at=now + dt.timedelta(seconds=age))

    assert response.status_code == status


def test_an_unknown_secret_a_body_that_is_no_text_and_a_closed_feed_are_a_401(
    client, settings
):
    """S36."""
    assert post(client, [], secret=OTHER_SECRET).status_code == 401
    assert post(client, b'["\xff\xfe"]').status_code == 401
    settings.FEED_SECRETS = []
    assert post(client, []).status_code == 401


def test_the_feed_needs_neither_session_nor_token_of_forms(settings):
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)

    response = post(client, [])

    assert figures_of(response) == (0, 0, 0, [])
    assert not response.cookies


def test_only_post_is_answered(client):
    assert client.get(URL).status_code == 405
    assert client.post(f"{URL}/").status_code == 404


# --- Seen before ---------------------------------------------------------------------


def test_a_delivery_seen_before_is_ignored_whole(client):
    """S36: a replay is answered 200."""
    events = [event("creee", sequence=1), {"id": "malsain"}]
    post(client, events, key="msg-42")
    before = traces()

    again = post(client, [event("annulee", sequence=2), {}, {}], key="msg-42")

    assert figures_of(again) == (3, 0, 3, [])
    assert state_of() == "active"
    assert traces() == before


def test_an_event_counts_once_by_its_id(client):
    """R3."""
    first = event("creee", sequence=1)
    post(client, [first])

    again = post(client, [first, event("suspendue", sequence=2, id=first["id"])])

    assert figures_of(again) == (2, 0, 2, [])
    assert state_of() == "active"


def test_an_event_counts_once_by_its_place(client):
    """R3: the same (offer, sequence), compared as a number."""
    post(client, [event("creee", sequence=7)])

    again = post(client, [event("annulee", sequence="007")])

    assert figures_of(again) == (1, 0, 1, [])
    assert state_of() == "active"
    assert figures_of(post(client, [event("annulee", "199ABCD", 7)])) == (1, 1, 0, [])


def test_a_sequence_that_goes_back_is_ignored(client):
    """R3."""
    post(client, [event("creee", sequence=10)])

    late = event("modifiee", sequence=9, data=content(intitule="Ancien titre"))

    assert figures_of(post(client, [late])) == (1, 0, 1, [])
    assert Offer.objects.get().title == "Maçon / Maçonne (H/F)"


@pytest.mark.at_each_run(12)
def test_an_unsound_event_uses_up_nothing(client):
    """R3: neither its id nor its place."""
    broken = event("creee", sequence=1, data=None)
    assert figures_of(post(client, [broken]))[1:3] == (0, 0)

    mended = broken | {"data": content()}

    assert figures_of(post(client, [mended])) == (1, 1, 0, [])


# --- What is no batch ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", BATCH),
        (b"{", BATCH),
        (b'[{"id": "evt-1", "so', BATCH),
        (b"{}", BATCH),
        (b'"texte"', BATCH),
        (b"12", BATCH),
        (b"[]", SINGLE),
        (b"null", SINGLE),
        (b"[]", "application/json"),
        (b"[]", ""),
        (b"\xef\xbb\xbf[]", BATCH),
        (b"[" * 100_000, BATCH),
    ],
)
def test_what_is_no_batch_is_a_400(client, body, content_type, caplog):
    with caplog.at_level(logging.WARNING):
        response = post(client, body, content_type)

    assert response.status_code == 400
    assert response.json()["motif"]
    assert "Feed: 400" in caplog.text
    assert traces() == [0] * 5


def test_a_body_over_five_megabytes_is_a_413(client, caplog):
    body = body_of([event("creee", data=content(description="x" * 6_000_000))])

    with caplog.at_level(logging.WARNING):
        response = post(client, body)

    assert response.status_code == 413
    assert "Feed: 413" in caplog.text
    assert traces() == [0] * 5


def test_a_body_just_under_is_above_what_forms_may_send(client, settings):
    filler = "x" * (MAX_BYTES - 1_000)
    body = body_of([event("creee", data=content(description=filler))])
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < len(body) < MAX_BYTES

    assert figures_of(post(client, body)) == (1, 1, 0, [])


@pytest.mark.parametrize(("count", "status"), [(1_000, 200), (1_001, 413)])
def test_a_batch_holds_a_thousand_events(client, count, status):
    events = [event("creee", f"1{n:06d}") for n in range(count)]

    response = post(client, events)

    assert response.status_code == status
    assert Offer.objects.count() == (count if status == 200 else 0)


# --- Unsound events, each alone ------------------------------------------------------

NO_ID = {name: value for name, value in event("annulee").items() if name != "id"}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("texte", "Un objet JSON est attendu."),
        (None, "Un objet JSON est attendu."),
        (NO_ID, "« id » manque."),
        (event("annulee", id=""), "« id »"),
        (event("annulee", id=12), "« id »"),
        (event("annulee", id="x" * 10_000), "« id » : 200 caractères au plus."),
        (event("annulee", specversion="0.3"), "« specversion »"),
        (event("annulee", specversion=None), "« specversion » manque."),
        (event("annulee", source=""), "« source »"),
        (event("annulee", type="fr.francetravail.offre.volee"), "évènement inconnu"),
        (event("annulee", type="annulee"), "évènement inconnu"),
        (event("annulee", type=["x"]), "« type »"),
        (event("annulee", subject=None), "« subject »"),
        (event("annulee", subject="1" * 21), "« subject »"),
        (event("annulee", subject="../../etc"), "« subject »"),
        (event("annulee", time="hier"), "« time »"),
        (event("annulee", time=12), "« time »"),
        (event("annulee", Majuscule="x"), "« Majuscule »"),
        (event("annulee", data="texte"), "« data » : un objet est attendu."),
        (event("annulee", data=content("199ABCD")), "ne désignent pas la même offre"),
        (event("creee", data=None), "« data » manque"),
        (event("modifiee", data=None), "« data » manque"),
        (event("reactivee", data=None), "« data » manque"),
        (event("annulee", sequence=None), "« sequence »"),
        (event("annulee") | {"sequence": 5}, "« sequence »"),
        (event("annulee", sequence=""), "« sequence »"),
        (event("annulee", sequence="-1"), "« sequence »"),
        (event("annulee", sequence="1.5"), "« sequence »"),
        (event("annulee", sequence="1e3"), "« sequence »"),
        (event("annulee", sequence="٣"), "« sequence »"),
        (event("annulee", sequence="9" * 39), "« sequence »"),
        (event("annulee", sequence="9" * 5_000), "« sequence »"),
        (event("creee", data=content(intitule=None)), "« intitule » manque."),
        (event("creee", data=content(intitule="a\x00b")), "Caractère nul"),
        (event("creee", data=content(intitule="\ud800")), "Caractère Unicode"),
        (event("annulee", id="\ud800"), "Caractère Unicode"),
        (event("creee", data=content(x=float("nan"))), "Nombre illisible"),
        (event("creee", data=content(nombrePostes=-1)), "« nombrePostes »"),
    ],
)  # fmt: skip
def test_an_unsound_event_is_rejected_alone(client, caplog, item, reason):
    OfferFactory(reference="188VMCV")
    neighbours = [event("creee", "199ABCD"), event("creee", "199ABCE")]

    with caplog.at_level(logging.WARNING):
        response = post(client, [neighbours[0], item, neighbours[1]])

    received, applied, ignored, reasons = figures_of(response)
    assert (received, applied, ignored) == (3, 2, 0)
    (found,) = reasons
    assert reason in found
    assert state_of() == "active"
    assert (state_of("199ABCD"), state_of("199ABCE")) == ("active", "active")
    kept = EventQuarantine.objects.get()
    assert kept.reason == found
    assert json.loads(kept.raw) == item or "x" in str(item)
    assert f"Feed: event rejected: {found}" in caplog.text


@pytest.mark.parametrize(
    "number", [b"9" * 5_000, b"-" + b"9" * 5_000, b"1e999", b"Infinity", b"NaN"]
)
def test_a_number_beyond_reason_costs_its_event_alone(client, number):
    body = body_of([event("creee", data=content(x="N")), event("creee", "199ABCD")])

    response = post(client, body.replace(b'"N"', number))

    assert figures_of(response) == (2, 1, 0, ["Nombre illisible (NaN ou infini)."])


def test_a_sequence_of_38_digits_is_told_from_its_neighbour(client):
    highest = 10**38 - 1
    post(client, [event("creee", sequence=highest)])

    assert figures_of(post(client, [event("annulee", sequence=highest)]))[2] == 1
    late = event("modifiee", sequence=highest - 1, data=content(intitule="Autre"))
    assert figures_of(post(client, [late])) == (1, 0, 1, [])
    assert Offer.objects.get().content_sequence == highest


def test_the_same_event_rejected_again_is_one_row_counted(client):
    broken = event("creee", sequence=1, data=None)
    post(client, [broken, broken])
    post(client, [broken])

    kept = EventQuarantine.objects.get()
    assert (kept.times, kept.event_id, kept.reference) == (2, broken["id"], "188VMCV")


def test_what_the_database_refuses_costs_its_event_alone(client):
    """R3: the other events of the same offer count."""
    # The day a column is shorter than what the reader lets through.
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE offers_offer ALTER title TYPE varchar(60)")
    long = content(intitule="x" * 61)
    events = [event("creee", f"199ABC{letter}") for letter in "DEFG"]
    events += [event("creee"), event("modifiee", sequence=2, data=long)]
    events += [event("suspendue", sequence=3)]

    response = post(client, events)

    assert figures_of(response) == (7, 6, 0, ["Refusée par la base."])
    assert state_of() == "suspendue"
    assert Offer.objects.count() == 5
    assert not FeedEvent.objects.filter(sequence=2).exists()


def test_an_offer_without_a_date_takes_that_of_its_event(client):
    undated = {"id": "188VMCV", "intitule": "Maçon"}

    post(client, [event("creee", data=undated)])

    assert Offer.objects.get().created_at == dt.datetime(
        2026, 11, 24, 14, tzinfo=dt.UTC
    )


def test_the_lag_is_that_of_the_newest_event(client):
    now = dt.datetime(2026, 11, 24, 14, 0, 8, tzinfo=dt.UTC)
    with time_machine.travel(now, tick=False):
        post(client, [event("creee"), event("annulee", time="2026-11-24T13:00:00Z")])

    assert FeedDelivery.objects.get().lag_seconds == 8


@pytest.mark.django_db(transaction=True)
def test_the_statements_of_a_delivery_are_planned_once(client):
    """P3: Django's own threshold would leave each to be planned at each delivery."""
    OfferFactory(reference="188VMCV")
    with connected_as_served():
        post(client, [event("suspendue", sequence=2)])
        planned = planned_statements()

    assert any("INSERT INTO offers_feeddelivery" in statement for statement in planned)
