"""R4: the comparison finds what events missed, withdraws only what is surely gone."""

import datetime as dt
import json
import logging
from random import Random
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from demo.synthetic import make_offers
from demo.synthetic.events import Life
from demo.synthetic.stand_in_api import Answer, Fault, StandIn, serving
from offers.catalogue.models import Offer
from offers.pull.models import FindingKind, PullRun
from referrals.acts.jobs import notify_withdrawals
from tests.offers.helpers.factories import OfferFactory
from tests.offers.helpers.feed import content, event, figures_of, post
from tests.offers.helpers.pull import Source, Turns, ago, seen
from tests.referrals.factories import ReferralFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_feed")]

# What an event brought just now, the API may not show yet.
LATER = dt.timedelta(minutes=30)


def later() -> Any:
    return time_machine.travel(timezone.now() + LATER)


def shown(source: Source, count: int) -> list[str]:
    """So many offers, in the API and in Opus."""
    for number in range(count):
        reference = f"199AB{chr(65 + number // 26)}{chr(65 + number % 26)}"
        source.show(
            content(reference)
            | {"dateCreation": ago(days=2), "dateActualisation": ago(days=2)}
        )
    source.compare()
    return sorted(source.held)


def kinds_of(run: PullRun) -> dict[str, str]:
    return dict(run.findings.values_list("reference", "kind"))


# --- What is surely gone -------------------------------------------------------------


def test_what_is_found_nowhere_twice_is_withdrawn_and_may_come_back(
    source, caplog, as_adviser
):
    first, *_ = shown(source, 6)
    back = source.held[first]
    source.drop(first)

    with later(), caplog.at_level(logging.WARNING, logger="offers"):
        run = source.compare()

    offer = Offer.objects.get(pk=first)
    assert (offer.state, first in seen()) == ("absente", False)
    assert (run.missing, run.withdrawn, run.still_there) == (1, 1, 0)
    assert kinds_of(run) == {first: "retiree"}
    assert source.stand_in.paths[-1] == f"/v2/offres/{first}"
    assert "comparison of 5 offers: 0 created, 0 updated, 1 withdrawn" in caplog.text
    assert as_adviser.get(f"/offres/{first}/").status_code == 410

    source.show(back)
    with time_machine.travel(timezone.now() + 2 * LATER):
        assert source.compare().updated == 1
    assert first in seen()


def test_one_look_is_not_enough(source):
    """The search lost it, the offer is there: an index of theirs that lags."""
    first, *_ = shown(source, 6)
    search = source.stand_in.search

    def lose_it(query):
        hidden = source.held.pop(first)
        try:
            return search(query)
        finally:
            source.show(hidden)

    source.stand_in.search = lose_it
    with later():
        run = source.compare()

    assert first in seen()
    assert (run.missing, run.still_there, run.withdrawn) == (1, 1, 0)
    assert kinds_of(run) == {first: "retrouvee"}


def test_only_what_is_published_may_be_missed(source):
    """The API never shows the others."""
    shown(source, 3)
    hidden = OfferFactory(unpublished=True)

    with later():
        run = source.compare()

    assert hidden.pk in seen()
    assert (run.missing, run.active_before) == (0, 3)


def test_nothing_is_withdrawn_from_a_window_that_was_not_read_in_full(source):
    first, *_ = shown(source, 6)
    source.drop(first)
    search = source.stand_in.search
    turns = iter(range(100_000))

    def waver(query):
        """Its totals never agree from one page to the next."""
        answer = search(query)
        headers = {"Content-Range": f"offres 0-4/{6 + next(turns) % 2}"}
        return type(answer)(answer.status, answer.body, headers)

    source.stand_in.search = waver
    with later():
        run = source.compare()

    assert first in seen()
    assert (run.missing, run.partial > 0) == (0, True)


def test_what_an_event_brought_just_now_is_left_in_peace(client, source):
    """The API shows it later than the feed."""
    shown(source, 3)
    news = content("188VMCV") | {"dateCreation": ago(hours=1)}
    post(client, [event("creee", data=news)])

    run = source.compare()

    assert "188VMCV" in seen()
    assert run.missing == 0


@pytest.mark.django_db(transaction=True)
def test_what_an_event_tells_between_the_two_looks_has_the_last_word(client, source):
    first, second, *_ = shown(source, 8)
    source.drop(first, second)
    ask = source.api.offer

    def tell_then_ask(reference, budget):
        if reference == first:
            change = content(first, intitule="Toujours là")
            post(client, [event("modifiee", first, 1, data=change)])
        return ask(reference, budget)

    source.api.offer = tell_then_ask
    with later():
        run = source.compare()

    assert (first in seen(), second in seen()) == (True, False)
    assert kinds_of(run) == {first: "epargnee", second: "retiree"}


def test_a_cancelled_offer_stays_cancelled(client, source):
    """R3: whatever the API shows, and however often."""
    first, *_ = shown(source, 3)
    post(client, [event("annulee", first, 1)])

    with later():
        source.compare()
        source.poll(compare=False)

    assert Offer.objects.get(pk=first).state == "annulee"
    assert first not in seen()


def test_advisers_hear_of_what_pull_withdrew(source):
    first, *_ = shown(source, 6)
    referral = ReferralFactory(offer=Offer.objects.get(pk=first))
    source.drop(first)

    with later():
        source.compare()
    notify_withdrawals()

    referral.refresh_from_db()
    assert referral.offer.state == "absente"
    assert referral.withdrawal_told_at


# --- The guard -----------------------------------------------------------------------


def test_an_absurd_difference_withdraws_nothing_and_is_told(source, caplog):
    references = shown(source, 60)
    source.drop(*references[:25])

    with later(), caplog.at_level(logging.ERROR):
        run = source.compare()

    assert len(seen()) == 60
    assert run.refusal == (
        "Aucune offre retirée : 25 des 60 offres comparées sont introuvables, plus que"
        " les 20 % permis."
    )
    assert "Pull: nothing withdrawn, 25 offers are missing." in caplog.text
    assert not [path for path in source.stand_in.paths if path.endswith("ABAA")]

    with later():
        allowed = source.compare(max_withdrawn=50)
    assert (allowed.withdrawn, len(seen())) == (25, 35)


def test_an_api_that_shows_nothing_at_all_withdraws_nothing(source):
    references = shown(source, 5)
    source.drop(*references)

    with later():
        run = source.compare()

    assert len(seen()) == 5
    assert run.refusal == "Aucune offre retirée : l’API n’en a rendu aucune."


def test_a_few_are_no_breakdown_whatever_their_share(source):
    references = shown(source, 5)
    source.drop(*references[:3])

    with later():
        assert source.compare().withdrawn == 3


# --- Cut off -------------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_a_comparison_cut_off_anywhere_ends_as_if_it_had_not(source):
    references = shown(source, 60)
    source.drop(*references[:8])
    with later():
        turns = 0
        while True:
            turns += 1
            assert turns < 60
            run = source.compare(budget=Turns(3).budget())
            if run.ended_at:
                break

    assert turns > 3
    assert PullRun.objects.filter(kind="comparaison").count() == 2
    assert (run.missing, run.withdrawn, len(seen())) == (8, 8, 52)
    asked = [path for path in source.stand_in.paths if "search" not in path]
    assert len(asked) == 8  # Each was looked at a second time once.


def test_the_api_away_at_the_second_look_withdraws_nothing_yet(source):
    first, *_ = shown(source, 6)
    source.drop(first)
    one = source.stand_in.one
    source.stand_in.one = lambda reference: type(one(reference))(403)

    with later():
        run = source.compare()
        assert (run.ended_at, run.trouble) == (None, "L’API répond 403.")
        assert first in seen()
        source.stand_in.one = one
        again = source.compare()

    assert (again.pk, again.withdrawn) == (run.pk, 1)


@pytest.mark.at_each_run(2)
@pytest.mark.parametrize("odd", [None, [], "x", {"id": "188VMCV"}, {}])
def test_an_odd_answer_at_the_second_look_withdraws_nothing_and_is_tried_again(
    source, odd, caplog
):
    """R4: only what is not there is withdrawn; the others are, meanwhile."""
    first, second, *_ = shown(source, 6)
    source.drop(first, second)
    one = source.stand_in.one
    body = b"null" if odd is None else json.dumps(odd).encode()

    def answer(reference):
        if reference != first:
            return one(reference)
        source.stand_in.faults.append(Fault(200, {}, 0, body))
        return Answer(503)

    source.stand_in.one = answer
    with later(), caplog.at_level(logging.WARNING, logger="offers.pull"):
        run = source.compare()
        assert run.trouble == (
            "L’API répond au numéro d’une offre par autre chose que cette offre."
        )
        pause = run.resume_at - timezone.now()
        assert dt.timedelta(minutes=9) < pause < dt.timedelta(minutes=11)
        assert (run.ended_at, run.withdrawn, first in seen()) == (None, 1, True)
        assert caplog.text.count("Pull: cut off") == 1
        source.compare()
        assert source.stand_in.paths.count(f"/v2/offres/{first}") == 2  # In peace.
    source.stand_in.one = one
    with time_machine.travel(timezone.now() + LATER + dt.timedelta(minutes=11)):
        again = source.compare()

    assert (again.pk, again.withdrawn, again.trouble) == (run.pk, 2, "")


def test_answers_that_stay_odd_end_the_run_after_two_hours(source):
    """A comparison that never ended would let none begin."""
    first, *_ = shown(source, 6)
    source.drop(first)
    source.stand_in.one = lambda reference: Answer(200, [])
    with later():
        run = source.compare()
    assert run.ended_at is None

    with time_machine.travel(timezone.now() + LATER + dt.timedelta(hours=2)):
        again = source.compare()

    assert again.pk == run.pk
    assert again.ended_at
    assert again.refusal.startswith("Offres introuvables non retirées : 1.")
    assert (again.withdrawn, first in seen()) == (0, True)


# --- What events missed --------------------------------------------------------------


@pytest.mark.timeout(300)
@pytest.mark.thorough
@pytest.mark.parametrize("seed", [3, 11])
def test_with_one_event_in_twenty_lost_one_comparison_converges(client, settings, seed):
    """R4. What events withdrew, and only they may bring back, stays out of sight."""
    life = Life(seed, make_offers(200, seed=seed + 100), now=timezone.now)
    dice = Random(seed)
    with serving(StandIn(life.shown)) as server:
        source = Source(server, {})
        source.compare()  # The offers that were there before the day began.
        # The API never told of those that are not published: files or events do.
        lost = 0
        for _ in range(30):
            events = [life.next_event() for _ in range(20)]
            arrived = [one for one in events if dice.random() >= 0.05]
            lost += len(events) - len(arrived)
            assert figures_of(post(client, arrived))[3] == []
        public = {offer["id"]: offer for offer in life.shown()}
        assert lost > 15
        assert missed(public) != (set(), set(), {})  # The control: it did lose.

        with time_machine.travel(timezone.now() + 3 * LATER):
            run = source.compare()
        source.close()

    unseen, stale, titles = missed(public)
    told_by_events = set(
        Offer.objects.filter(pk__in=unseen, state_sequence__isnull=False)
        .exclude(state="active")
        .values_list("pk", flat=True)
    )
    assert unseen == told_by_events
    assert run.held == len(unseen)
    assert (stale, titles) == (set(), {})
    assert run.differences > 0
    assert FindingKind.WITHDRAWN in kinds_of(run).values()


def missed(public: dict[str, Any]) -> tuple[set[str], set[str], dict[str, str]]:
    """(in the API and not seen, seen and no longer in the API, other descriptions)."""
    visible = {
        offer.pk: offer for offer in Offer.objects.filter(pk__in=seen(), published=True)
    }
    different = {
        reference: offer.description
        for reference, offer in visible.items()
        if reference in public
        and sentence_of(public[reference]) not in offer.description
    }
    return set(public) - set(visible), set(visible) - set(public), different


def sentence_of(offer: dict[str, Any]) -> str:
    """The last line of its description: what a change adds."""
    lines = (offer.get("description") or "").strip().splitlines()
    return lines[-1] if lines and "<" not in lines[-1] and "&" not in lines[-1] else ""
