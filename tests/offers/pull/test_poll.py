"""Pull: the API read through its windows and its moods, over real HTTP."""

import datetime as dt
import json
import logging
import threading
from email.utils import format_datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from demo.synthetic import make_offers
from demo.synthetic.stand_in_api import Answer, Fault
from offers import tasks
from offers.catalogue.models import Offer
from offers.feed.models import FeedDelivery
from offers.pull.api import PATIENCE, Budget, Window, next_window
from offers.pull.models import PullFinding, PullKind, PullRun
from offers.pull.poll import bring
from opus.lib import jobs
from opus.lib.jobs import JobRun
from referrals.acts.jobs import confirm_acts
from tests.offers.helpers.factories import (
    OfferFactory,
    PullFindingFactory,
    PullRunFactory,
)
from tests.offers.helpers.feed import content, event, figures_of, post
from tests.offers.helpers.pull import Turns, access_of, ago, seen
from tests.referrals.factories import ReferralFactory
from tests.tables import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def credentials(settings, source):
    """The settings of an operator who has them."""
    access = access_of(source.server)
    settings.API_URL, settings.API_TOKEN_URL = access.url, access.token_url
    settings.API_CLIENT_ID = access.client_id
    settings.API_CLIENT_SECRET = access.client_secret


def recent(reference: str = "199ABCD", hours: float = 1, **parts: Any) -> dict:
    return content(reference) | {
        "dateCreation": ago(hours=hours),
        "dateActualisation": ago(hours=hours),
        **parts,
    }


def many(count: int, *, within_hours: float = 20) -> list[dict[str, Any]]:
    """Offers spread evenly over the last hours."""
    return [
        recent(f"1{number:06d}", within_hours * (number + 0.5) / count)
        for number in range(count)
    ]


# --- What is brought ------------------------------------------------------------------


def test_new_offers_are_there_after_a_poll_and_the_next_one_asks_for_little(source):
    source.show(recent("199ABCD"), recent("199ABCE"))

    (run,) = source.poll(compare=False)

    assert seen() == {"199ABCD", "199ABCE"}
    assert (run.created, run.rejected, run.trouble) == (2, 0, "")
    assert run.ended_at
    asked = source.api.requests
    (again,) = source.poll(compare=False)
    assert (again.created, again.covers_from) == (
        0,
        run.covers_to - dt.timedelta(0, 600),
    )
    assert source.api.requests == asked + 2  # The time, and a page.


def test_a_later_content_replaces_and_an_earlier_one_does_not(source):
    """Precedence by ``dateActualisation``."""
    source.show(recent(intitule="Premier titre"))
    source.poll(compare=False)

    source.show(recent(hours=0.5, intitule="Second titre"))
    source.poll(compare=False)
    assert Offer.objects.get().title == "Premier titre"  # Created before the cursor.
    source.compare()
    assert Offer.objects.get().title == "Second titre"

    source.show(recent(hours=3, intitule="Titre ancien"))
    assert source.compare().updated == 0
    assert Offer.objects.get().title == "Second titre"


@pytest.mark.parametrize("kind", ["suspendue", "annulee", "pourvue"])
def test_no_poll_lifts_a_state_that_an_event_set(client, open_feed, source, kind):
    source.show(recent("188VMCV"))
    source.poll(compare=False)
    assert figures_of(post(client, [event(kind, sequence=2)]))[1] == 1

    source.show(recent("188VMCV", hours=0.1, intitule="Autre titre"))
    run = source.compare()

    assert Offer.objects.get().state == kind
    assert not seen()
    assert run.held == 1
    assert [f.get_kind_display() for f in run.findings.all()] == [
        "visible dans l’API, retirée par un évènement : reste retirée"
    ] or run.updated == 1


def test_a_mode_that_was_declared_stays(source):
    """The API has no word for it: it is neither inferred anew nor lost."""
    OfferFactory(
        reference="199ABCD", delegated_preselection=True, created_at=timezone.now()
    )

    source.show(recent("199ABCD", hours=-0.5))
    source.compare()

    offer = Offer.objects.get()
    assert (offer.preselection, offer.delegated, offer.mode_declared) == (
        *(True, True, True),
    )
    assert offer.title == "Maçon / Maçonne (H/F)"


def test_an_unsound_offer_is_kept_with_its_reason_and_the_others_come(source, caplog):
    source.show(
        recent("199ABCD"),
        recent("199ABCE", intitule=None),
        recent("199ABCF", description="a\x00b"),
        recent("199ABCG", nombrePostes=-1),
    )

    with caplog.at_level(logging.WARNING):
        (run,) = source.poll(compare=False)

    assert seen() == {"199ABCD"}
    assert (run.created, run.rejected) == (1, 3)
    reasons = dict(run.findings.values_list("reference", "reason"))
    assert reasons["199ABCE"] == "« intitule » manque."
    assert "Caractère nul" in reasons["199ABCF"]
    assert caplog.text.count("Pull: offer rejected") == 3


def test_what_the_database_refuses_costs_its_offer_alone(source):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE offers_offer ALTER title TYPE varchar(60)")
    source.show(*(recent(f"199ABC{letter}") for letter in "DEFG"))
    source.show(recent("199ABCH", intitule="x" * 61))

    (run,) = source.poll(compare=False)

    assert len(seen()) == 4
    assert (run.created, run.unchanged, run.rejected) == (4, 0, 1)


# --- Windows --------------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_windows_are_halved_until_they_fit(source):
    source.show(*many(4_000))

    (run,) = source.poll(compare=False)

    assert (run.read, run.created, run.partial) == (4_000, 4_000, 0)
    assert Offer.objects.count() == 4_000
    assert run.requests < 45  # 27 full pages at least.
    starts = [path.partition("range=")[2].split("-")[0] for path in source.searches()]
    assert max(map(int, starts)) <= 3_000


@pytest.mark.thorough
def test_a_second_that_holds_too_many_is_read_as_far_as_it_goes(source):
    at = ago(hours=2)
    crowd = [recent(f"1{n:06d}") | {"dateCreation": at} for n in range(3_200)]
    source.show(*crowd, recent("199ABCD", hours=3))

    (run,) = source.poll(compare=False)

    assert Offer.objects.count() >= 3_150
    assert "199ABCD" in seen()
    assert run.partial >= 1
    assert run.ended_at


def test_a_window_always_goes_on_and_never_beyond():
    at = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)

    assert next_window(at, at + 10 * second, dt.timedelta(0)) == Window(at, at + second)
    assert next_window(at, at + 10 * second, dt.timedelta(days=1)).end == (
        at + 10 * second
    )
    assert Window(at, at + 5 * second).half == 2 * second
    assert Window(at, at + second).half == second


# --- Cut off --------------------------------------------------------------------------


@pytest.mark.timeout(300)
def test_cut_off_anywhere_it_goes_on_from_what_was_written(source):
    """Turns of three requests: none is lost, nothing is counted twice."""
    source.show(*many(900))
    turns = 0
    while True:
        turns += 1
        assert turns < 60
        (run,) = source.poll(compare=False, budget=Turns(3).budget())
        if run.ended_at:
            break

    assert turns > 3
    assert PullRun.objects.count() == 1
    assert Offer.objects.count() == 900
    assert run.created == 900
    assert FeedDelivery.objects.count() == 1


@pytest.mark.thorough
def test_a_crash_while_writing_leaves_the_cursor_with_what_was_written(
    source, monkeypatch
):
    """A window and its cursor are one transaction."""
    source.show(*many(4_000))
    written = []

    def crash(items):
        brought = bring(items)
        written.append(len(brought.created))
        if len(written) == 2:
            raise KeyboardInterrupt
        return brought

    with monkeypatch.context() as patch:
        patch.setattr("offers.pull.poll.bring", crash)
        with pytest.raises(KeyboardInterrupt):
            source.poll(compare=False)

    run = PullRun.objects.get()
    assert Offer.objects.count() == run.created == written[0]
    assert run.covers_from < run.read_to < run.covers_to
    (done,) = source.poll(compare=False)
    assert (done.pk, done.created) == (run.pk, 4_000)
    assert Offer.objects.count() == 4_000


def test_an_offer_that_goes_between_two_pages_has_the_window_read_again(source):
    source.show(*many(310))
    search = source.stand_in.search
    gone = iter(["1000005"])

    def search_then_lose_one(query):
        answer = search(query)
        for reference in gone:
            source.drop(reference)
        return answer

    source.stand_in.search = search_then_lose_one

    run = source.compare()

    assert run.partial == 0
    assert len(seen()) == 309


# --- Moods of the API -----------------------------------------------------------------


def test_a_token_is_kept_and_renewed_when_it_ends(source):
    source.show(recent())
    source.poll()
    source.poll(compare=False)
    assert source.stand_in.tokens_given == 1

    with time_machine.travel(timezone.now() + dt.timedelta(seconds=1_450)):
        source.poll(compare=False)

    assert source.stand_in.tokens_given == 2


def test_a_token_revoked_before_its_time_costs_one_more_try(source):
    source.poll(compare=False)
    source.stand_in.tokens.clear()
    source.show(recent(hours=0))

    (run,) = source.poll(compare=False)

    assert run.created == 1
    assert (source.waited, source.stand_in.tokens_given) == ([], 2)


def test_a_401_that_stays_is_no_endless_loop(source):
    source.stand_in.faults.extend([Fault(401)] * 3)

    (run,) = source.poll(compare=False)

    assert run.trouble == "L’API répond 401."
    assert len(source.searches()) == 2
    assert not FeedDelivery.objects.exists()


def test_wrong_credentials_are_told_and_end_the_turn(source):
    source.api = source.new_api(client_secret="faux")

    (run,) = source.poll(compare=False)

    assert run.trouble == "L’API refuse les identifiants (invalid_client)."
    assert (run.ended_at, source.searches()) == (None, [])


@pytest.mark.parametrize(
    ("faults", "waits"),
    [
        ([Fault(500), Fault(502), Fault(503)], [1, 2, 4]),
        ([Fault(429, {"Retry-After": "7"})], [7]),
        ([Fault(503, {"Retry-After": "3"}), Fault(504)], [3, 2]),
        ([Fault(429, {"Retry-After": "bientôt".encode().decode("latin-1")})], [1]),
    ],
)
def test_what_passes_is_waited_for(source, faults, waits):
    source.show(recent())
    source.stand_in.faults.extend(faults)

    (run,) = source.poll(compare=False)

    assert (run.created, run.trouble) == (1, "")
    assert source.waited == waits


def test_retry_after_may_be_a_date(source):
    at = timezone.now() + dt.timedelta(seconds=9)
    text = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    source.stand_in.faults.append(Fault(429, {"Retry-After": text}))

    source.poll(compare=False)

    (waited,) = source.waited
    assert 5 < waited <= 9


def test_what_does_not_pass_ends_the_turn_and_the_next_one_goes_on(source):
    source.show(recent())
    source.stand_in.faults.extend([Fault(500)] * 5)
    (run,) = source.poll(compare=False)
    assert (run.trouble, run.requests) == ("L’API répond 500.", 5)
    assert not FeedDelivery.objects.exists()

    (again,) = source.poll(compare=False)

    assert (again.pk, again.created, again.trouble) == (run.pk, 1, "")


def test_a_long_retry_after_is_honoured_over_turns(source):
    source.show(recent())
    source.stand_in.faults.append(Fault(429, {"Retry-After": "600"}))
    (run,) = source.poll(compare=False)
    assert run.resume_at > timezone.now() + dt.timedelta(seconds=590)
    assert (len(source.searches()), source.waited) == (1, [])

    source.poll(compare=False)
    assert len(source.searches()) == 1  # Left in peace.

    with time_machine.travel(timezone.now() + dt.timedelta(seconds=601)):
        (again,) = source.poll(compare=False)
    assert (again.pk, again.created) == (run.pk, 1)


def test_nobody_at_the_other_end_is_told(source):
    source.api = source.new_api(url="http://127.0.0.1:1")

    (run,) = source.poll(compare=False)

    assert run.trouble == "L’API ne répond pas (ConnectError)."
    assert source.waited == [1, 2, 4, 8]
    assert max(source.waited) < PATIENCE


@pytest.mark.at_each_run(3)
@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault(200, {}, 0, b"<html>"), "Réponse illisible de l’API (JSON)."),
        (Fault(200, {}, 0, b"\xff\xfe"), "Réponse illisible de l’API (JSON)."),
        (Fault(200, {}, 0, b"[" * 100_000), "Réponse illisible de l’API (JSON)."),
        (Fault(200, {}, 0, b"[]"), "Réponse de l’API sans « resultats »."),
        (Fault(206, {}, 0, b'{"resultats": []}'), "Réponse partielle"),
        (Fault(400), "L’API répond 400."),
        (Fault(403), "L’API répond 403."),
    ],
)
def test_an_answer_that_is_none_ends_the_turn(source, fault, trouble):
    source.stand_in.faults.append(fault)

    (run,) = source.poll(compare=False)

    assert run.trouble.startswith(trouble)
    assert not FeedDelivery.objects.exists()


def test_a_number_beyond_reason_costs_its_offer_alone(source):
    odd = b'{"resultats": [{"id": "199ABCX", "intitule": "x", "n": %b}, {"id": 7}]}'
    body = odd % (b"9" * 5_000)
    source.stand_in.faults.extend([Fault(204), Fault(200, {}, 0, body)])

    (run,) = source.poll(compare=False)

    assert (run.rejected, run.trouble) == (2, "")


@pytest.mark.at_each_run(3)
@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ("²", [1]),
        ("-5", [1]),
        ("1.5", [1]),
        ("9" * 5_000, []),
        ("Sat, 28 Nov 2026 10:00:00 -0000", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", [1]),
        ("Fri, 31 Dec 9999 23:59:59 GMT", []),
        ("Sat, 28 Nov 2026 10:00:00 +99999999999999", None),
    ],
)
def test_an_odd_retry_after_is_no_breakdown_and_silences_pull_for_an_hour_at_most(
    source, text, waits
):
    source.show(recent())
    latin = text.encode().decode("latin-1")
    source.stand_in.faults.append(Fault(429, {"Retry-After": latin}))

    (run,) = source.poll(compare=False)

    if waits == []:
        hour = timezone.now() + dt.timedelta(hours=1)
        assert abs(run.resume_at - hour) < dt.timedelta(minutes=1)
        assert (run.trouble, run.created) == ("L’API répond 429.", 0)
    else:
        assert (run.trouble, run.created) == ("", 1)
        assert waits is None or source.waited == waits


@pytest.mark.at_each_run(2)
@pytest.mark.parametrize("token", ["null", "[]", '"x"', "7", "{}"])
def test_an_odd_token_is_trouble_and_no_breakdown(source, token, monkeypatch):
    give = source.stand_in.give_token
    odd = Answer(200, json.loads(token))
    monkeypatch.setattr(source.stand_in, "give_token", lambda form: odd)

    (run,) = source.poll(compare=False)

    assert run.trouble.startswith(("Réponse illisible", "L’API refuse"))
    monkeypatch.setattr(source.stand_in, "give_token", give)
    assert source.poll(compare=False)[0].trouble == ""


# --- Its clock, not ours --------------------------------------------------------------


@pytest.mark.parametrize("minutes", [40, -40])
def test_no_offer_is_missed_while_opus_clock_is_wrong(source, minutes):
    """R4: windows and cursor are of the API's own time."""
    true = timezone.now()
    source.stand_in.date = lambda: format_datetime(true, usegmt=True)
    wrong = true + dt.timedelta(minutes=minutes)
    with time_machine.travel(wrong):
        (run,) = source.poll(compare=False)
    assert abs(run.covers_to - true) < dt.timedelta(seconds=2)

    source.show(*(recent(f"199ABC{n}", n / 3_600) for n in range(5)))
    later = timezone.now() + dt.timedelta(seconds=1)
    source.stand_in.date = lambda: format_datetime(later, usegmt=True)
    with time_machine.travel(wrong + dt.timedelta(minutes=1)):
        (run,) = source.poll(compare=False)

    assert (run.created, len(seen())) == (5, 5)


def test_a_cursor_that_a_wrong_clock_wrote_does_not_lead_into_the_future(source):
    now = timezone.now()
    PullRunFactory(kind=PullKind.NEWS, covers_to=now + dt.timedelta(minutes=40))
    source.show(recent(hours=0.1))

    (run,) = source.poll(compare=False)

    assert run.created == 1


@pytest.mark.parametrize("date", ["", "hier", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_an_api_that_does_not_give_its_time_is_trouble_and_the_next_turn_goes_on(
    source, date
):
    source.show(recent())
    right = source.stand_in.date
    source.stand_in.date = lambda: date

    (run,) = source.poll(compare=False)

    assert run.trouble == "Réponse de l’API sans heure (en-tête Date)."
    assert not FeedDelivery.objects.exists()
    source.stand_in.date = right
    (again,) = source.poll(compare=False)
    assert (again.pk, again.created, again.trouble) == (run.pk, 1, "")


# --- Command, task, signs of life -----------------------------------------------------


def test_without_credentials_there_is_one_log_line_and_nothing_else(caplog, settings):
    assert not settings.API_CLIENT_ID
    with caplog.at_level(logging.INFO, logger="offers"):
        call_command("poll_offers")
        tasks.poll_offers()

    lines = [r.getMessage() for r in caplog.records if r.name.startswith("offers")]
    assert lines == ["Pull: no credentials, nothing to do."] * 2
    assert not PullRun.objects.exists()


def test_the_command_reads_and_prints_its_figures(source, credentials):
    source.show(*make_offers(30))
    out = StringIO()

    call_command("poll_offers", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[0] == "nouveautés (terminée)"
    assert "comparaison complète (terminée)" in lines
    assert Offer.objects.count() == len(source.held) == 30


def test_the_command_fails_where_the_api_does(source, credentials):
    source.stand_in.faults.append(Fault(403))

    with pytest.raises(CommandError, match="L’API répond 403"):
        call_command("poll_offers", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_one_poll_at_a_time(source, credentials):
    """R25."""
    held, done = threading.Event(), threading.Event()

    def keep_lock() -> None:
        with jobs.lock("poll-offers"):
            held.set()
            done.wait(20)
        connections.close_all()

    other = threading.Thread(target=keep_lock)
    other.start()
    held.wait(20)
    tasks.poll_offers()
    with pytest.raises(CommandError, match="Une autre relève est en cours"):
        call_command("poll_offers", verbosity=0)
    done.set()
    other.join()

    assert source.stand_in.paths == []
    tasks.poll_offers()
    assert JobRun.objects.get(pk="poll-offers").error == ""
    assert FeedDelivery.objects.get().channel == "releve"


def test_the_task_goes_on_within_its_turn(source, credentials, monkeypatch):
    monkeypatch.setattr(tasks, "TURN_SECONDS", 0.0)
    source.show(recent())
    tasks.poll_offers()
    run = PullRun.objects.get()
    assert (run.ended_at, run.kind) == (None, PullKind.NEWS)

    monkeypatch.setattr(tasks, "TURN_SECONDS", 25.0)
    tasks.poll_offers()

    assert seen() == {"199ABCD"}
    assert PullRun.objects.underway().count() == 0
    assert set(PullRun.objects.values_list("kind", flat=True)) == set(PullKind.values)


def test_a_comparison_comes_at_its_hour(source, settings):
    settings.COMPARE_EVERY = dt.timedelta(minutes=60)
    now = timezone.now()
    kinds = []
    for minutes in (0, 1, 59, 61):
        with time_machine.travel(now + dt.timedelta(minutes=minutes)):
            kinds.append([run.kind for run in source.poll()])

    news, both = ["nouveautes"], ["nouveautes", "comparaison"]
    assert kinds == [both, news, news, both]
    settings.COMPARE_EVERY = dt.timedelta(0)
    with time_machine.travel(now + dt.timedelta(days=1)):
        assert [run.kind for run in source.poll()] == news


def test_a_successful_poll_is_a_sign_of_life_and_a_failed_one_is_not(
    as_adviser, source, credentials
):
    """R5: with pull alone, too."""
    silence = "Opus n’a encore reçu aucune mise à jour"
    source.stand_in.faults.append(Fault(403))
    source.poll(compare=False)
    assert silence in as_adviser.get("/offres/?lieu=").content.decode()

    source.poll(compare=False)

    assert silence not in as_adviser.get("/offres/?lieu=").content.decode()
    delivery = FeedDelivery.objects.get()
    assert (delivery.channel, delivery.lag_seconds) == ("releve", None)


def test_a_poll_confirms_the_acts_that_were_made_in_the_silence(source):
    """R5: any sign of life does."""
    before = timezone.now() - dt.timedelta(hours=1)
    referral = ReferralFactory(to_confirm=True)
    type(referral).objects.update(created_at=before)
    source.stand_in.faults.append(Fault(403))
    source.poll(compare=False)
    confirm_acts()
    referral.refresh_from_db()
    assert referral.to_confirm  # The control: a failed one confirms nothing.

    source.poll(compare=False)
    confirm_acts()

    referral.refresh_from_db()
    assert not referral.to_confirm


def test_old_runs_are_dropped_and_those_underway_are_not():
    now = timezone.now()
    for days in (29, 31):
        PullRunFactory(kind=PullKind.NEWS, started_at=now - dt.timedelta(days=days))
    for days in (89, 91):
        run = PullRunFactory(started_at=now - dt.timedelta(days=days))
        PullFindingFactory(run=run)
    PullRunFactory(started_at=now - dt.timedelta(days=99), ended_at=None)

    tasks.tidy_pull()

    assert PullRun.objects.count() == 3
    assert PullFinding.objects.count() == 1


def test_an_access_does_not_show_its_secret(source):
    assert "tres-secret" not in repr(
        access_of(source.server, client_secret="tres-secret")
    )


def test_a_turn_never_waits_longer_than_it_may(source):
    source.stand_in.faults.append(Fault(503, {"Retry-After": "15"}))

    (run,) = source.poll(compare=False, budget=Budget(10))

    assert (source.waited, run.trouble, run.ended_at) == ([], "", None)


def test_the_queries_of_a_window_do_not_grow_with_it(
    source, django_assert_max_num_queries
):
    """R23: a constant number for a window, however full."""
    source.show(*many(40))
    (first,) = source.poll(compare=False)
    assert first.created == 40
    source.show(*(recent(f"2{n:06d}", 0.01) for n in range(1_000)))
    with django_assert_max_num_queries(40):
        (run,) = source.poll(compare=False)
    assert run.created == 1_000
