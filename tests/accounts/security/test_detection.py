"""What is unusual in the journal becomes one alert a burst (S39)."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from accounts.security import detection
from accounts.security.models import (
    RGC_RULES,
    Alert,
    AlertState,
    DetectionCursor,
    Level,
    Rule,
)
from accounts.security.rules import WATCHES, Watch, words_about
from accounts.signin.models import ProvedNetwork, SessionEnd
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import (
    AdviserFactory,
    OpenSessionFactory,
    RgcFactory,
    SecurityEventFactory,
)
from tests.accounts.journal import FIREFOX, OFFICE, line, paris, somebody, write
from tests.cases import each_case
from tests.tables import analyze, as_owner

pytestmark = pytest.mark.django_db

NOW = paris(2026, 11, 24, 10, 0)
SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
ELSEWHERE = "203.0.113.9"
TELEPHONE = "Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0"

Lines = list[AuditEntry]
Make = Callable[[Any], Lines]


def spread(
    count: int, over: dt.timedelta, make: Callable[[int, dt.datetime], AuditEntry]
) -> Lines:
    """So many lines, evenly within that time, the last of them now."""
    gap = over / count
    return [make(n, NOW - gap * (count - 1 - n)) for n in range(count)]


def watch(at: dt.datetime = NOW) -> list[str]:
    """One pass, and the rules of all alerts since."""
    with time_machine.travel(at + SECOND, tick=False):
        detection.watch()
    return [alert.rule for alert in Alert.objects.order_by("first_at", "rule")]


def read_until(at: dt.datetime) -> None:
    """The passes before this test's own."""
    DetectionCursor.objects.update_or_create(pk=True, defaults={"read_until": at})


@pytest.fixture(autouse=True)
def _cursor(db: None) -> None:
    read_until(NOW - MINUTE)


# --- Each rule, at its threshold and one below ----------------------------------------


def reads(by: Any, count: int, over: dt.timedelta = 50 * MINUTE, **more: Any) -> Lines:
    return spread(
        count,
        over,
        lambda n, at: line(Action.PERSON_READ, by, at=at, persons=[somebody()], **more),
    )


def far_reads(by: Any, count: int) -> Lines:
    """Persons far away, in the day's course."""
    return far(reads(by, count, 9 * HOUR))


def repeated(action: str, over: dt.timedelta, **more: Any) -> Callable[..., Lines]:
    return lambda by, count: spread(
        count, over, lambda n, at: line(action, by, at=at, **more)
    )


def failures(count: int, **more: Any) -> Lines:
    return spread(
        count,
        9 * MINUTE,
        lambda n, at: line(
            Action.SIGN_IN_REFUSED,
            at=at,
            refused="secret inexact",
            details={"door": "mot-de-passe"},
            **more,
        ),
    )


def on_account(by: Any, count: int) -> Lines:
    """From anywhere: another address each time."""
    lines = failures(count, target_type="accounts.user", target_id=str(by.pk))
    for n, each in enumerate(lines):
        each.ip = f"203.0.{n}.1"
    return lines


def on_many(by: Any, count: int) -> Lines:
    """One failure on each of so many accounts, another address each time."""
    lines = failures(count, target_type="accounts.user")
    for n, each in enumerate(lines):
        each.ip, each.target_id = f"203.0.{n}.1", str(1000 + n)
    return lines


def in_one_minute(by: Any, count: int) -> Lines:
    """From anywhere, most of them answered 429."""
    return spread(
        count,
        50 * SECOND,
        lambda n, at: line(
            Action.SIGN_IN_REFUSED,
            at=at,
            ip=f"203.0.{n}.1",
            refused="secret inexact" if n < 5 else "trop d’essais",
            target_type="accounts.user",
            target_id=str(by.pk),
        ),
    )


def flips(by: Any, count: int) -> Lines:
    """One session that goes to and fro, with one browser throughout."""
    return [
        line(
            Action.SESSION_MOVED,
            by,
            at=NOW - (count - 1 - n) * 4 * MINUTE,
            ip=[ELSEWHERE, OFFICE][n % 2],
            details={"only": "network"},
        )
        for n in range(count)
    ]


def gestures(by: Any, count: int) -> Lines:
    """A closing, a suspension, an address, and again."""
    kinds = [
        (Action.ACCOUNT_CLOSED, {"reason": "depart"}),
        (Action.ACCOUNT_SUSPENDED, {"reason": "absence"}),
        (Action.ACCOUNT_CHANGED, {"fields": ["email"], "new_device": False}),
    ]
    return [
        about_account(kinds[n % 3][0], by, n, details=kinds[n % 3][1])
        for n in range(count)
    ]


def renewals(by: Any, count: int) -> Lines:
    kinds = [Action.FIRST_ACCESS_RENEWED, Action.FACTOR_RESET_ASKED]
    return [about_account(kinds[n % 2], by, n) for n in range(count)]


def about_account(action: str, by: Any, n: int, **more: Any) -> AuditEntry:
    """What an RGC does with one account after another, in less than an hour."""
    return line(
        action,
        by,
        at=NOW - n * 19 * MINUTE,
        target_type="accounts.user",
        target_id=str(9_000_000 + n),
        **more,
    )


THRESHOLDS: dict[Rule, tuple[int, Callable[[Any, int], Lines]]] = {
    Rule.MANY_PERSONS: (30, reads),
    Rule.MANY_PERSONS_DAY: (
        120,
        lambda by, count: reads(by, count, dt.timedelta(hours=10)),
    ),
    Rule.MANY_EXPORTS: (3, repeated(Action.EXPORT_MADE, 20 * HOUR)),
    Rule.FAR: (15, far_reads),
    Rule.LOOK_UPS: (
        15,
        repeated(
            Action.PERSON_LOOKED_UP,
            50 * MINUTE,
            details={"found": 0, "with_colleague": False},
        ),
    ),
    Rule.NOT_FOUND: (
        15,
        repeated(Action.NOT_FOUND, 9 * MINUTE, details={"part": "candidats"}),
    ),
    Rule.ADDRESS: (15, lambda by, count: failures(count, ip="203.0.113.9")),
    Rule.ACCOUNT: (10, on_account),
    Rule.TRIES: (10, in_one_minute),
    Rule.STUFFING: (25, on_many),
    Rule.SESSION_FLIPS: (2, flips),
    Rule.FEED_FORGED: (
        10,
        lambda _, count: repeated(Action.FEED_FORGED, 9 * MINUTE)(None, count),
    ),
    Rule.RGC_GESTURES: (3, gestures),
    Rule.RGC_RENEWALS: (2, renewals),
}
ONE_IS_ENOUGH: dict[Rule, AuditEntry] = {
    Rule.PERSONS: line(Action.CEILING_REACHED, details={"ceiling": "persons"}),
    Rule.PERSONS_DAY: line(Action.CEILING_REACHED, details={"ceiling": "persons_day"}),
    Rule.EXPORTS: line(Action.CEILING_REACHED, details={"ceiling": "exports"}),
    Rule.SESSION_MOVED: line(Action.SESSION_MOVED),
    Rule.SESSION_CHANGED: line(Action.SESSION_MOVED, details={"only": "agent"}),
    Rule.NEW_DEVICE: line(Action.FACTOR_ENROLLED, details={"new_device": True}),
    Rule.SHARING: line(Action.SESSION_CAPPED, details={"sessions": 3}),
    Rule.SEARCHES: line(Action.SEARCH_SURGE),
    Rule.TRANSFER: line(
        Action.CASELOAD_TRANSFER_ASKED, details={"to_self": True, "people": 2}
    ),
    # From a network where its author never signed in.
    Rule.NEW_RECEIVER: line(
        Action.CASELOAD_TRANSFER_ASKED, details={"new": True, "people": 2, "to": [1]}
    ),
}


def alone(rule: Rule, by: Any) -> Lines:
    fact = ONE_IS_ENOUGH[rule]
    return [line(fact.action, by, at=NOW, details=fact.details)]


def opened_and_closed(by: Any, age: dt.timedelta = 3 * HOUR) -> Lines:
    gone = AdviserFactory()
    type(gone).objects.filter(pk=gone.pk).update(created_at=NOW - age)
    return [
        line(
            Action.ACCOUNT_CLOSED,
            by,
            at=NOW,
            target_type="accounts.user",
            target_id=str(gone.pk),
        )
    ]


def denied(by: Any) -> Lines:
    details = {"disowned": True, "asked_by": by.pk, "by_link": True}
    return [line(Action.CASELOAD_TRANSFER_STOPPED, at=NOW, details=details)]


def author_of(rule: Rule) -> Any:
    """Whose abuse it is: some gestures are an RGC's alone."""
    return RgcFactory() if rule in RGC_RULES else AdviserFactory()


# The other tests of this page have theirs.
ELSEWHERE_HERE = {Rule.NIGHT, Rule.TWO_PLACES, Rule.NEW_PLACE}
ELSEWHERE_HERE |= {Rule.SHORT_LIVED, Rule.DISOWNED}


def test_every_rule_has_its_abuse_and_its_words():
    """S39: a rule without its abuse fails here."""
    played = [*THRESHOLDS, *ONE_IS_ENOUGH, *ELSEWHERE_HERE]
    assert sorted(played) == sorted(Rule)
    assert set(WATCHES) == set(Rule)
    for rule in Rule:
        assert all(words_about(Alert(rule=rule, peak=9), None).values()), rule


@each_case("rule", THRESHOLDS, at_each_run=10)
def test_a_rule_speaks_at_its_threshold_and_not_one_below(rule):
    """S39: in one pass, so within a minute."""
    threshold, make = THRESHOLDS[rule]
    lines = make(author_of(rule), threshold)

    write(*lines[1:])
    assert watch(NOW) == []
    write(lines[0])
    assert watch(NOW + 5 * SECOND) == [rule]
    assert Alert.objects.get(rule=rule).peak == threshold


@pytest.mark.at_each_run(6)
@pytest.mark.parametrize("rule", ONE_IS_ENOUGH)
def test_some_facts_speak_alone(rule):
    author = author_of(rule)
    write(*alone(rule, author))

    assert watch() == [rule]
    assert Alert.objects.get().account == author


# --- An RGC's gestures ----------------------------------------------------------------


def requested(by: Any, **details: Any) -> Lines:
    return [line(Action.CASELOAD_TRANSFER_ASKED, by, at=NOW, details=details)]


def closed_for(by: Any, *, to_self: bool) -> Lines:
    """The closing's line holds the request among its parts (S37)."""
    request = {"to_self": to_self, "people": 35, "new": False, "to": [1]}
    part = {"action": "caseload_transfer_asked", "details": request}
    details = {"reason": "depart", "parts": [part]}
    return [line(Action.ACCOUNT_CLOSED, by, at=NOW, details=details)]


def ordinary_gestures(by: Any) -> Lines:
    """Opus asked the first, and the second opens only: their parts do not count."""
    gone, opened = (
        [{"action": one, "target": f"accounts.user {n}"} for n in range(10)]
        for one in ("account_suspended", "account_opened")
    )
    opened += [{**one, "action": "first_access_renewed"} for one in opened]
    return [
        line(Action.TEAM_REVIEWED, by, at=NOW, details={"here": 5, "parts": gone}),
        line(Action.ACCOUNTS_IMPORTED, by, at=NOW, details={"parts": opened}),
        *[about_account(Action.ACCOUNT_OPENED, by, n) for n in range(3)],
    ]


def renamed(by: Any) -> Lines:
    named = {"details": {"fields": ["last_name"]}}
    return [about_account(Action.ACCOUNT_CHANGED, by, n, **named) for n in range(3)]


RGC_ROWS: list[tuple[Make, Rule | None]] = [
    (ordinary_gestures, None),
    # Names put right are no addresses; a departure comes after more than a day.
    (renamed, None),
    (lambda by: opened_and_closed(by, age=25 * HOUR), None),
    (opened_and_closed, Rule.SHORT_LIVED),
    (lambda by: requested(by, to_self=True, people=1), Rule.TRANSFER),
    (lambda by: requested(by, to_self=False, people=21), Rule.TRANSFER),
    (lambda by: requested(by, to_self=False, people=20), None),
    (lambda by: closed_for(by, to_self=True), Rule.TRANSFER),
    (lambda by: closed_for(by, to_self=False), None),
]


@each_case(("make", "rule"), RGC_ROWS)
def test_an_rgcs_gestures_are_told_when_they_are_unusual(rgc, make, rule):
    write(*make(rgc))

    assert watch() == ([rule] if rule else [])


@pytest.mark.parametrize(
    "make", [gestures, renewals, lambda by, _: opened_and_closed(by)]
)
def test_the_staff_may_do_what_an_rgc_may_not_do_so_fast(make, ft_admin):
    write(*make(ft_admin, 6))

    assert watch() == []


def asked_for_new(by: Any, to: int, **fields: Any) -> AuditEntry:
    details = {"to_self": False, "people": 2, "new": True, "to": [to]}
    return line(
        Action.CASELOAD_TRANSFER_ASKED,
        by,
        details=details,
        **({"at": NOW, "target_id": "1"} | fields),
    )


@pytest.mark.parametrize(
    "sign", ["none", "night", "network", "burst", "access", "opened"]
)
def test_persons_for_a_new_account_are_told_with_one_more_sign(rgc, sign):
    """A leaver replaced by day, from the office, is ordinary."""
    new = AdviserFactory()
    at_work = [line(Action.SIGN_IN, rgc, at=NOW - DAY * n) for n in range(1, 30)]
    asked = [asked_for_new(rgc, new.pk)]
    at = NOW
    match sign:
        case "night":
            at = NOW + 13 * HOUR
            asked = [asked_for_new(rgc, new.pk, at=at)]
        case "network":
            asked = [asked_for_new(rgc, new.pk, ip=ELSEWHERE)]
        case "burst":
            asked.append(asked_for_new(rgc, new.pk, target_id="2"))
        case "access":
            event = SecurityEventFactory(account=rgc, kind="adresse")
            type(event).objects.filter(pk=event.pk).update(at=NOW - 6 * DAY)
        case "opened":
            opened = line(Action.ACCOUNT_OPENED, rgc, at=NOW - HOUR)
            opened.target_id = str(new.pk)
            asked.append(opened)
    write(*at_work, *asked)
    read_until(at - MINUTE)

    assert watch(at) == ([] if sign == "none" else [Rule.NEW_RECEIVER])


def test_a_request_that_its_giver_denies_is_told_of_its_author(rgc):
    write(*denied(rgc))

    assert watch() == [Rule.DISOWNED]
    assert Alert.objects.get().account == rgc


# --- What counts, and until when ------------------------------------------------------


def read(by: Any, *persons: Any, at: dt.datetime = NOW) -> AuditEntry:
    return line(Action.PERSON_READ, by, at=at, persons=persons or [somebody()])


def listed(by: Any, count: int, at: dt.datetime = NOW) -> AuditEntry:
    """What a page shows of itself: the desk, the first page of one's list."""
    persons, details = [somebody() for _ in range(count)], {"unasked": True}
    return line(Action.PERSONS_LISTED, by, at=at, persons=persons, details=details)


def far(lines: Lines) -> Lines:
    for each in lines:
        each.far_ids = each.person_ids
    return lines


def an_hour_ago(by: Any) -> Lines:
    before = [read(by, at=NOW - HOUR - SECOND) for _ in range(15)]
    return [*reads(by, 15, 10 * MINUTE), *before]


def the_same_again(by: Any) -> Lines:
    person = somebody()
    return spread(60, 50 * MINUTE, lambda n, at: read(by, person, at=at))


def far_since_yesterday(by: Any) -> Lines:
    """By the day of Paris."""
    lines = far_reads(by, 15)
    for each in lines[:8]:
        each.at = paris(2026, 11, 24, 0, 30) - HOUR
    return lines


def own_caseload_far(by: Any) -> Lines:
    """Opened one by one they count, and in one's own list they do not."""
    whole = listed(by, 20)
    return far([whole, read(by, *whole.person_ids[:2])])


def found_by_look_up(by: Any) -> Lines:
    details = {"found": 1, "with_colleague": False}
    return repeated(Action.PERSON_LOOKED_UP, 50 * MINUTE, details=details)(by, 20)


def success_after_a_failure(by: Any) -> Lines:
    lines = on_many(by, 25)
    target = {"target_type": "accounts.user", "target_id": lines[0].target_id}
    return [*lines, line(Action.FIRST_FACTOR_PROVED, by, at=NOW, **target)]


QUIET = [
    an_hour_ago,
    the_same_again,
    # Each morning would raise one.
    lambda by: [listed(by, 40)],
    far_since_yesterday,
    own_caseload_far,
    found_by_look_up,
    success_after_a_failure,
]


@each_case("make", QUIET)
def test_work_raises_nothing(adviser, make):
    write(*make(adviser))

    assert watch() == []


@pytest.mark.parametrize(
    ("hours", "is_told"),
    [
        ([(24, 22, 0), (25, 5, 59)], True),  # One night on two days.
        ([(24, 23, 30)], True),
        ([(24, 21, 59), (24, 22, 10)], False),  # Half of them in the evening.
        ([(25, 5, 58), (25, 6, 0)], False),
        ([(24, 5, 0), (24, 23, 0)], False),  # Two nights.
    ],
)
def test_fifteen_persons_of_one_night_are_told(adviser, hours, is_told):
    moments = [paris(2026, 11, *when) for when in hours]
    write(*[read(adviser, at=moments[n % len(moments)]) for n in range(15)])
    read_until(moments[0] - MINUTE)

    found = watch(moments[-1])

    assert (Rule.NIGHT in found) is is_told


def test_the_night_is_that_of_paris_when_the_clocks_change(adviser):
    """In July 20:00 UTC is ten in the evening; in November it is nine."""
    for month, expected in [(7, [Rule.NIGHT]), (11, [])]:
        Alert.objects.all().delete()
        at = dt.datetime(2026, month, 20, 20, 5, tzinfo=dt.UTC)
        read_until(at - MINUTE)
        write(listed(adviser, 15, at))

        assert watch(at) == expected


def test_a_night_is_one_burst_though_hours_pass_between_two_reads(adviser):
    for hours in (11, 6):
        at = NOW - hours * HOUR
        read_until(at - MINUTE)
        write(listed(adviser, 15, at))
        watch(at)

    assert Alert.objects.get(rule=Rule.NIGHT).peak == 30


def test_unknown_identifiers_count_as_accounts_of_a_stolen_list():
    lines = on_many(None, 25)
    for each in lines:
        each.target_type = each.target_id = ""
    write(*lines)

    assert watch() == [Rule.STUFFING]
    alert = Alert.objects.get()
    assert (alert.subject, alert.account, alert.address) == (
        "service:service",
        None,
        None,
    )


def test_an_address_of_ipv6_counts_with_its_whole_line():
    lines = failures(15)
    for n, each in enumerate(lines):
        each.ip = f"2001:db8:1:2::{n + 1:x}"
    write(*lines)

    assert watch() == [Rule.ADDRESS]
    assert Alert.objects.get().address == "2001:db8:1:2::"


# --- Two places, a new place ----------------------------------------------------------


def at_work(by: Any, at: dt.datetime, **where: Any) -> AuditEntry:
    return line(Action.CANDIDATE_ADDED, by, at=at, **where)


def two_places(first: str, second: str, apart: int = 9, session: str = "b") -> Make:
    """At work in two sessions, so many minutes apart."""
    return lambda by: [
        at_work(by, NOW - apart * MINUTE, session="a", ip=first),
        at_work(by, NOW, session=session, ip=second),
    ]


def signed_out_before(by: Any) -> Lines:
    return [
        at_work(by, NOW - 9 * MINUTE, session="a", ip=OFFICE),
        line(Action.SIGN_OUT, by, at=NOW - 8 * MINUTE, session="a"),
        line(Action.SIGN_IN, by, at=NOW, session="b", ip=ELSEWHERE),
    ]


def searched(account: Any, network: str, minutes_ago: int, **more: Any) -> None:
    """The journal has no line of a search; the session's last use shows it (S39)."""
    at = NOW - minutes_ago * MINUTE
    when = {"began_at": at, "seen_at": at} | more
    OpenSessionFactory(account=account, network=network, **when)


def two_searches(second: str, apart: int) -> Make:
    def make(by: Any) -> Lines:
        searched(by, "198.51.100.0/24", apart)
        searched(by, second, 0)
        return []

    return make


def searched_in_turn(by: Any) -> Lines:
    """The first ended before the other began."""
    ended = {"ended_at": NOW - 4 * MINUTE, "how": SessionEnd.SIGNED_OUT}
    searched(by, "198.51.100.0/24", 5, began_at=NOW - HOUR, **ended)
    searched(by, "203.0.113.0/24", 0, began_at=NOW - 3 * MINUTE)
    return []


def two_accounts_search(by: Any) -> Lines:
    searched(by, "198.51.100.0/24", 0)
    searched(AdviserFactory(), "203.0.113.0/24", 0)
    return []


def telephone(days: int, **thief: Any) -> Make:
    """The office and one's own telephone, for so many days; a thief at the end."""
    own = {"ip": ELSEWHERE, "agent": TELEPHONE}
    return lambda by: [
        *sign_ins(by, days),
        *sign_ins(by, days, **own),
        at_work(by, NOW - 5 * MINUTE, session="a"),
        at_work(by, NOW, session="b", **{**own, **thief}),
    ]


def searched_by_telephone(days: int) -> Make:
    def make(by: Any) -> Lines:
        ago = NOW - dt.timedelta(days=days)
        for network, browser in [
            ("198.51.100.0/24", "Firefox sous Windows"),
            ("203.0.113.0/24", "Firefox sur Android"),
        ]:
            was = {"began_at": ago, "seen_at": ago, "ended_at": ago}
            searched(by, network, 0, browser=browser, how="deconnexion", **was)
            searched(by, network, 0, browser=browser, began_at=NOW - MINUTE)
        return []

    return make


def moves(*steps: tuple[int, str, str]) -> Make:
    """Minutes ago, address, session."""
    how = {"details": {"only": "network"}}
    return lambda by: [
        line(
            Action.SESSION_MOVED, by, at=NOW - ago * MINUTE, ip=ip, session=name, **how
        )
        for ago, ip, name in steps
    ]


def by_two_protocols(other: str) -> Make:
    """IPv4 and IPv6 were proved by a factor; a thief's network was not."""

    def make(by: Any) -> Lines:
        for network in ["198.51.0.0/16", "2001:db8::/32"]:
            ProvedNetwork.objects.create(account=by, network=network, proved_at=NOW)
        return moves(*[(8 - n, [other, OFFICE][n % 2], "s1") for n in range(8)])(by)

    return make


def sign_in_elsewhere(days: int, **where: Any) -> Make:
    return lambda by: [*sign_ins(by, days), line(Action.SIGN_IN, by, at=NOW, **where)]


PLACES: list[tuple[Make, Rule | None]] = [
    (two_places(OFFICE, ELSEWHERE), Rule.TWO_PLACES),
    (two_places(OFFICE, "198.51.200.7"), None),  # One /16.
    (two_places("2001:db8::1", "2001:db8:ffff::1"), None),  # One /32.
    (two_places("2001:db8::1", "2001:db9::1"), Rule.TWO_PLACES),
    (two_places(OFFICE, "2001:db8::1"), Rule.TWO_PLACES),
    (two_places(OFFICE, ELSEWHERE, session="a"), None),  # One session travels.
    (two_places(OFFICE, ELSEWHERE, apart=11), None),  # A journey.
    (signed_out_before, None),
    # Who only searches is seen by his sessions.
    (two_searches("203.0.113.0/24", 9), Rule.TWO_PLACES),
    (two_searches("203.0.113.0/24", 11), None),
    (two_searches("198.51.7.0/24", 1), None),
    (two_searches("", 1), None),
    (searched_in_turn, None),
    (two_accounts_search, None),
    # A habit is two weeks old, and of one network with one browser.
    (telephone(30), None),
    (telephone(10), Rule.TWO_PLACES),
    (telephone(30, agent="Mozilla/5.0 (X11) Chrome/150.0"), Rule.TWO_PLACES),
    (telephone(30, ip="192.0.2.9"), Rule.TWO_PLACES),
    (searched_by_telephone(20), None),
    (searched_by_telephone(10), Rule.TWO_PLACES),
    # One journey told by two requests; two that move once; two journeys.
    (moves((1, ELSEWHERE, "s1"), (1, ELSEWHERE, "s1")), None),
    (moves((2, ELSEWHERE, "a"), (1, OFFICE, "b")), Rule.TWO_PLACES),
    (moves((11, ELSEWHERE, "s1"), (0, OFFICE, "s1")), None),
    (by_two_protocols("2001:db8::9"), None),
    (by_two_protocols("2001:db9::9"), Rule.SESSION_FLIPS),
    # A place that an account with habits never used; another version is no other.
    (sign_in_elsewhere(30, ip=ELSEWHERE), Rule.NEW_PLACE),
    (sign_in_elsewhere(30, agent=f"{FIREFOX} Chrome/150.0"), Rule.NEW_PLACE),
    (sign_in_elsewhere(30, ip="198.51.3.4"), None),
    (sign_in_elsewhere(30, agent=FIREFOX.replace("150.0", "151.0")), None),
    (sign_in_elsewhere(7, ip=ELSEWHERE), None),
]


@each_case(("make", "rule"), PLACES)
def test_a_place_is_told_when_it_is_no_habit(adviser, make, rule):
    """S39: a new place is a signal, two at once are grave."""
    write(*make(adviser))

    assert watch() == ([rule] if rule else [])
    for alert in Alert.objects.all():
        assert (alert.level == Level.SOFT) is (alert.rule == Rule.NEW_PLACE)


# --- Habits: the office and one's own telephone ---------------------------------------


def sign_ins(by: Any, days: int, **where: Any) -> Lines:
    """One a day, until yesterday."""
    return [
        line(Action.SIGN_IN, by, at=NOW - dt.timedelta(days=n), **where)
        for n in range(1, days + 1)
    ]


# --- One alert a burst ----------------------------------------------------------------


def capped(by: Any, at: dt.datetime) -> AuditEntry:
    return line(Action.CEILING_REACHED, by, at=at, details={"ceiling": "persons"})


@pytest.mark.thorough
def test_a_burst_is_one_alert_however_long(adviser):
    for n in range(6):
        write(capped(adviser, NOW + n * 30 * MINUTE))
        watch(NOW + n * 30 * MINUTE)

    alert = Alert.objects.get()
    assert (alert.first_at, alert.last_at) == (NOW, NOW + 150 * MINUTE)


def test_after_an_hour_of_quiet_the_next_hit_is_another_burst(adviser):
    for at in [NOW, NOW + HOUR + 2 * SECOND]:
        write(capped(adviser, at))
        watch(at)

    assert Alert.objects.count() == 2


def test_each_account_has_its_own_burst(adviser):
    other = AdviserFactory()
    write(capped(adviser, NOW), capped(other, NOW))

    watch()

    assert {alert.account for alert in Alert.objects.all()} == {adviser, other}


def test_a_burst_goes_on_though_somebody_closed_its_alert(adviser, ft_admin):
    write(capped(adviser, NOW))
    watch()
    Alert.objects.get().close(by=ft_admin, conclusion="legitime")
    write(capped(adviser, NOW + 10 * MINUTE))

    watch(NOW + 10 * MINUTE)

    assert Alert.objects.get().state == AlertState.CLOSED


def test_the_database_refuses_two_alerts_of_one_burst(adviser):
    write(capped(adviser, NOW))
    watch()
    twin = Alert.objects.get()
    twin.pk = somebody()

    with (
        pytest.raises(IntegrityError, match="one_alert_for_a_burst"),
        transaction.atomic(),
    ):
        twin.save(force_insert=True)


# --- Passes: twice, late, after an interruption ---------------------------------------


def test_a_pass_may_run_twice(adviser):
    """R25."""
    write(*reads(adviser, 30))

    assert watch() == watch(NOW + SECOND) == [Rule.MANY_PERSONS]


def test_a_line_whose_transaction_ends_late_is_seen_by_the_next_pass(adviser):
    """Dated before the cursor, committed after it."""
    watch(NOW)
    write(capped(adviser, NOW - 90 * SECOND))

    assert watch(NOW + 20 * SECOND) == [Rule.PERSONS]


def test_after_two_hours_of_interruption_each_burst_is_told_once(adviser):
    read_until(NOW - 2 * HOUR)
    write(capped(adviser, NOW - 110 * MINUTE), capped(adviser, NOW - 20 * MINUTE))

    watch()

    told = [alert.first_at for alert in Alert.objects.order_by("first_at")]
    assert told == [NOW - 110 * MINUTE, NOW - 20 * MINUTE]


def test_a_night_without_lines_is_skipped_in_one_step(django_assert_max_num_queries):
    read_until(NOW - 12 * HOUR)

    with django_assert_max_num_queries(60):
        watch()

    assert DetectionCursor.objects.get().read_until == NOW + SECOND


def test_a_pass_that_another_one_precedes_does_nothing(adviser, monkeypatch):
    """R25: two beats at once."""
    write(capped(adviser, NOW))
    read_until(NOW + HOUR)

    assert watch() == []


def test_the_first_pass_ever_looks_an_hour_back(adviser):
    DetectionCursor.objects.all().delete()
    write(capped(adviser, NOW - 50 * MINUTE), capped(adviser, NOW - 3 * HOUR))

    watch()

    assert Alert.objects.get().first_at == NOW - 50 * MINUTE


def test_an_rgcs_account_is_watched_like_any_other(rgc):
    write(*reads(rgc, 30))

    assert watch() == [Rule.MANY_PERSONS]
    assert Alert.objects.get().structure == rgc.structure


# --- What it costs --------------------------------------------------------------------


def fill_a_year(cursor: Any) -> None:
    """Sixty thousand lines over a year; the planner has statistics of them."""
    since = NOW - dt.timedelta(days=350)
    cursor.execute("SELECT opus_open_audit_months(%s, 12)", [since])
    cursor.execute(
        """
        INSERT INTO lib_auditentry (
            at, actor_id, actor, role, action, target_type, target_id, persons,
            person_ids, refused, request_id, ip, agent, details, session
        )
        SELECT %s::timestamptz - n * interval '8 minutes', n %% 500, 'x', 'conseiller',
            (ARRAY['person_read', 'sign_in', 'sign_in_refused', 'referral_made'])
                [n %% 4 + 1],
            '', '', 1, ARRAY[gen_random_uuid()], '', '', '198.51.100.7', 'x', '{}', 's'
        FROM generate_series(1, 60000) n
        """,
        [NOW],
    )
    analyze(AuditEntry)


def read_whole(cursor: Any, each: Watch) -> list[str]:
    """The partitions that a rule's plan reads from end to end, the empty ones aside.

    Along its primary key is from end to end too: the number tells no instant.
    """
    parameters = {**each.parameters(NOW - 20 * SECOND, NOW), "threshold": 10}
    cursor.execute(f"EXPLAIN (FORMAT JSON) {each.query}", parameters)
    ((plan,),) = cursor.fetchall()
    plan = plan if isinstance(plan, list) else json.loads(plan)
    tables = [
        node["Relation Name"]
        for node in nodes(plan[0]["Plan"])
        if node["Node Type"] == "Seq Scan" or "pkey" in node.get("Index Name", "")
    ]
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND reltuples > 1000",
        [tables],
    )
    return [f"{each.rule}: {name}" for (name,) in cursor.fetchall()]


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *[node for below in plan.get("Plans", []) for node in nodes(below)]]


def test_no_rule_reads_the_journal_from_end_to_end():
    """The plan, not the clock; without its index, a rule would (the control)."""
    with connection.cursor() as cursor:
        fill_a_year(cursor)
        found = [name for each in WATCHES.values() for name in read_whole(cursor, each)]
        assert found == []

        indexes = ["action", "at", "actor", "target", "signins"]
        names = ", ".join(f"lib_auditentry_{name}" for name in indexes)
        with as_owner():
            cursor.execute(f"DROP INDEX {names}")
        assert read_whole(cursor, WATCHES[Rule.LOOK_UPS]) != []
