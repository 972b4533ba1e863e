"""R3: the result depends on the set of events, whatever their order and number."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offers.catalogue.models import Offer, OfferSearch, OfferStep
from offers.catalogue.writes import writing_offers
from offers.feed.apply import OfferAfterEvents, deliver
from offers.feed.events import read_event
from offers.feed.models import FeedEvent, PendingOffer
from offers.files.importer import import_offers
from offers.pull.poll import bring
from tests.offers.helpers.feed import content, event, figures_of, numbers, post
from tests.offers.helpers.naive_precedence import STATES, NaiveOffer, kind_of

REFERENCES = ("188VMCV", "199ABCD")
KINDS = [*STATES, "modifiee"]

days = st.integers(1, 28)
posts_left = st.none() | st.integers(0, 9)


@st.composite
def contents(draw: Any, reference: str) -> dict[str, Any]:
    """An offer told apart by its title, and where it has one by its mode."""
    told_posts = draw(posts_left)
    parts: dict[str, Any] = {"intitule": f"Titre {next(numbers)}"}
    if told_posts is not None:
        parts["opus"] = {"preselection": True, "postesRestants": told_posts}
    return content(reference, draw(days), **parts)


@st.composite
def histories(draw: Any) -> list[dict[str, Any]]:
    """Events of two offers, each with its own sequence."""
    events = []
    for reference in REFERENCES:
        kinds = draw(st.lists(st.sampled_from(KINDS), max_size=6))
        for sequence, kind in enumerate(kinds, 1):
            needs_one = kind in {"creee", "modifiee", "reactivee"}
            data = (
                draw(contents(reference)) if needs_one or draw(st.booleans()) else None
            )
            events.append(event(kind, reference, sequence, data=data))
    return events


@st.composite
def deliveries(draw: Any) -> list[list[dict[str, Any]]]:
    """A history shuffled, with repeats, cut into batches."""
    history = draw(histories())
    repeats = draw(st.lists(st.sampled_from(history), max_size=4)) if history else []
    events = draw(st.permutations(history + repeats))
    cuts = sorted(draw(st.lists(st.integers(0, len(events)), max_size=4)))
    return [
        events[start:end]
        for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True)
    ]


@st.composite
def files(draw: Any) -> tuple[bool, list[dict[str, Any]]]:
    """(whether it is a snapshot, its offers)."""
    held = draw(st.lists(st.sampled_from(REFERENCES), max_size=3))
    return draw(st.booleans()), [draw(contents(reference)) for reference in held]


@st.composite
def polls(draw: Any) -> tuple[str, list[dict[str, Any]]]:
    """What the API shows, at most once an offer, and never its mode."""
    held = draw(st.lists(st.sampled_from(REFERENCES), unique=True))
    shown = [draw(contents(reference)) for reference in held]
    for offer in shown:
        offer.pop("opus", None)
    return "poll", shown


@st.composite
def lives(draw: Any) -> list[Any]:
    """Batches, files and polls, interleaved."""
    steps: list[Any] = draw(deliveries())
    for other in draw(st.lists(files() | polls(), max_size=4)):
        steps.insert(draw(st.integers(0, len(steps))), other)
    return steps


def empty_tables() -> None:
    with writing_offers():
        for model in (OfferStep, OfferSearch, Offer, PendingOffer, FeedEvent):
            model.objects.all().delete()


def found(reference: str) -> Any:
    """(state, title, mode declared, posts left) as stored; None where it is not."""
    rows = Offer.objects.filter(pk=reference).values_list(
        "state", "title", "mode_declared", "posts_left"
    )
    return rows.first()


def expected(offer: NaiveOffer) -> Any:
    if offer.content is None:
        return None
    return (offer.state, offer.content["intitule"], *offer.mode)


@pytest.mark.django_db
@pytest.mark.timeout(600)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(life=lives())
def test_any_life_ends_as_the_oracle_says(tmp_path, life):
    """R3, with files, snapshots and polls in between; who is cancelled stays so."""
    empty_tables()
    oracle = {reference: NaiveOffer() for reference in REFERENCES}
    for step in life:
        if isinstance(step, list):
            deliver(step, key=f"msg-{next(numbers)}")
            for one in step:
                oracle[one["subject"]].hear(one)
        elif step[0] == "poll":
            with transaction.atomic():
                bring(step[1])
            for offer in step[1]:
                oracle[offer["id"]].read(offer)
        else:
            is_snapshot, offers = step
            path = tmp_path / "offres.jsonl"
            path.write_text("".join(json.dumps(offer) + "\n" for offer in offers))
            import_offers([str(path)], snapshot=is_snapshot, max_withdrawn=100)
            for offer in offers:
                oracle[offer["id"]].read(offer)
            # An image that holds nothing is no truth: it withdraws nothing.
            if is_snapshot and offers:
                for reference in {*REFERENCES} - {offer["id"] for offer in offers}:
                    oracle[reference].miss()
        for reference in REFERENCES:
            assert found(reference) == expected(oracle[reference])
            is_seen = OfferSearch.objects.filter(pk=reference).exists()
            assert is_seen == (oracle[reference].state == "active")
            is_cancelled = "annulee" in map(kind_of, oracle[reference].events.values())
            assert not (is_seen and is_cancelled)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), history=histories())
def test_the_order_of_arrival_changes_nothing(data, history):
    """R3, without the database: every order gives the one standing."""
    now = timezone.now()
    events = [read_event(item, received_at=now) for item in history]
    shuffled = data.draw(st.permutations(events + events[:3]))
    ends = []
    for order in (events, shuffled):
        standings = {reference: OfferAfterEvents(reference) for reference in REFERENCES}
        for one in order:
            standings[one.reference].apply(one)
        ends.append(standings)
    assert ends[0] == ends[1]
    for reference in REFERENCES:
        kinds = {kind_of(item) for item in history if item["subject"] == reference}
        assert ends[0][reference].is_cancelled == ("annulee" in kinds)


# --- By example -----------------------------------------------------------------------

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_feed")]


def get(reference: str = "188VMCV") -> Offer:
    return Offer.objects.get(pk=reference)


def test_events_before_content_are_kept_until_it_comes(client):
    early = [event("suspendue", sequence=2), event("pourvue", sequence=3)]
    assert figures_of(post(client, early)) == (2, 2, 0, [])
    assert not Offer.objects.exists()
    assert PendingOffer.objects.get().state == "pourvue"

    post(client, [event("creee", sequence=1)])

    assert get().state == "pourvue"
    assert get().state_sequence == 3
    assert not PendingOffer.objects.exists()


def test_a_file_brings_the_content_that_events_waited_for(client, write_file):
    post(client, [event("annulee", sequence=5)])
    file = write_file([content()])

    import_offers([file])

    assert (get().state, get().state_sequence) == ("annulee", 5)
    assert not OfferSearch.objects.exists()
    assert not PendingOffer.objects.exists()


def test_a_late_creation_still_gives_the_mode_that_nothing_else_told(client):
    post(client, [event("modifiee", sequence=2)])
    late = content(intitule="Ancien titre", opus={"preselection": True})

    post(client, [event("creee", sequence=1, data=late)])

    assert get().title == "Maçon / Maçonne (H/F)"
    assert (get().preselection, get().mode_declared) == (True, True)
    assert get().search.mode == "preselection"


def test_a_cancelled_offer_never_comes_back(client, write_file):
    """R3."""
    post(client, [event("creee", sequence=1), event("annulee", sequence=2)])

    post(client, [event("reactivee", sequence=9), event("creee", sequence=10)])
    file = write_file([content(day=28)])
    import_offers([file])

    assert get().state == "annulee"
    assert not OfferSearch.objects.exists()


def test_an_event_brings_back_what_a_snapshot_missed(client, write_file):
    post(client, [event("creee", sequence=1)])
    file = write_file([content("199ABCD")])
    import_offers([file], snapshot=True, max_withdrawn=100)
    assert get().state == "absente"

    post(client, [event("modifiee", sequence=2)])

    assert get().is_active
    assert get().search


def test_a_content_without_its_posts_leaves_their_instant_alone(client):
    """Hires recorded before that content still count."""
    posts = {"preselection": False, "postesRestants": 1}
    post(client, [event("creee", data=content(opus=posts))])
    known_at = get().posts_left_at

    post(client, [event("modifiee", sequence=2, data=content(day=9))])
    silent = get()
    post(client, [event("modifiee", sequence=3, data=content(day=12, opus=posts))])

    assert known_at.day == 2
    assert (silent.updated_at.day, silent.posts_left_at) == (9, known_at)
    assert get().posts_left_at.day == 12


def test_a_file_lifts_no_mode_that_an_event_told(client, write_file):
    told_mode = content(opus={"preselection": True, "postesRestants": 1})
    post(client, [event("creee", data=told_mode)])
    file = write_file([content(day=9, opus={"preselection": False})])

    run = import_offers([file]).run

    assert (get().preselection, get().posts_left) == (True, 1)
    assert (run.updated, get().updated_at.day) == (1, 9)
    assert import_offers([file]).run.unchanged == 1
