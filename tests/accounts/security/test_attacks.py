"""Scripted attacks raise their alerts in one pass; a month of work raises none (S39).

The attacks go through the doors that an attacker has: real addresses, forms, cookies.
"""

import datetime as dt
import itertools
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.security import detection
from accounts.security.models import Alert, Rule
from accounts.security.rules import WATCHES
from accounts.signin import rate_limits, user_agents
from accounts.signin.models import ProvedNetwork
from opus.lib.audit.journal import READS, Action
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import (
    AdviserFactory,
    RgcFactory,
    StructureFactory,
    lettered,
)
from tests.accounts.journal import line, paris, somebody, write
from tests.accounts.journeys import another_browser, enter, give_password
from tests.accounts.months import DAYS, FIRST_DAY, Manager, Worker
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

NOW = paris(2026, 11, 24, 10, 0)
WRONG = "une phrase qui n’est pas la bonne"
# Paris, four hundred kilometres from the structure of the factories.
FAR_AWAY = "75056"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def _quick_hasher(settings: Any) -> None:
    """Wrong passwords, by dozens: how long one takes is tested elsewhere (S7)."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def raised() -> Counter[str]:
    """The rules that one pass of detection finds broken."""
    detection.watch()
    return Counter(alert.rule for alert in Alert.objects.all())


def from_(address: str, agent: str = "curl/8") -> dict[str, str]:
    return {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}


# --- At the door ----------------------------------------------------------------------


@pytest.mark.usefixtures("_quick_hasher")
def test_a_list_of_stolen_passwords_tried_once_on_each(client, clock):
    """From as many addresses: no counter of the limiter fills up."""
    accounts = AdviserFactory.create_batch(3, structure=StructureFactory())
    known = [account.identifier for account in accounts]
    unknown = [f"IDA-{n:04d}" for n in range(9000, 9022)]
    for n, identifier in enumerate([*known, *unknown]):
        give_password(client, identifier, WRONG, **from_(f"203.0.{n}.1"))
        clock.shift(dt.timedelta(seconds=20))

    assert raised() == {Rule.STUFFING: 1}


@pytest.mark.usefixtures("_quick_hasher")
def test_the_same_list_from_one_address(client, clock):
    """The limiter shuts that address, and the alert names it."""
    for n in range(20):
        give_password(client, f"IDA-{n:04d}", WRONG, **from_("203.0.113.9"))
        clock.shift(dt.timedelta(seconds=5))

    assert raised() == {Rule.ADDRESS: 1}
    assert Alert.objects.get().address == "203.0.113.9"


@pytest.mark.usefixtures("_quick_hasher")
def test_brute_force_on_one_account_from_everywhere(client, adviser, clock):
    """It waits for each delay, and changes its address each time."""
    for n in range(10):
        give_password(client, adviser.identifier, WRONG, **from_(f"203.0.{n}.1"))
        clock.shift(dt.timedelta(minutes=5))

    assert raised() == {Rule.ACCOUNT: 1}
    assert Alert.objects.get().account == adviser


@pytest.mark.usefixtures("_quick_hasher")
def test_ten_tries_at_one_account_within_a_minute(client, adviser, clock):
    """S39: nearly all are answered 429 before their secret is looked at."""
    statuses = [
        give_password(
            client, adviser.identifier, WRONG, **from_(f"203.0.{n}.1")
        ).status_code
        for n in range(10)
    ]

    assert statuses == [200] * 5 + [429] * 5
    assert raised() == {Rule.TRIES: 1}
    assert Alert.objects.get().account == adviser


@pytest.mark.usefixtures("_quick_hasher")
def test_who_hammers_a_shut_door_does_not_fill_the_journal(client, adviser):
    """At one account from everywhere, then at every account from one address."""
    for n in range(60):
        give_password(client, adviser.identifier, WRONG, **from_(f"203.0.{n}.1"))
    assert AuditEntry.objects.count() == 5 + 20

    for n in range(60):
        give_password(client, f"IDA-{n + 9000}", WRONG, **from_("198.51.100.9"))
    assert AuditEntry.objects.count() == 25 + 15 + 20


def test_a_forger_at_the_feed(client):
    """S39: journaled with the address, nothing of the body; never more than twice
    what the alert needs."""
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": "v1,Zm9yZ2Vk",
    }
    statuses = {
        client.post(
            reverse("feed_events"),
            "[]",
            "application/json",
            headers=headers,
            REMOTE_ADDR="203.0.113.9",
        ).status_code
        for _ in range(40)
    }

    assert statuses == {401}
    lines = AuditEntry.objects.filter(action=Action.FEED_FORGED)
    assert {(entry.ip, str(entry.details)) for entry in lines} == {
        ("203.0.113.9", "{}")
    }
    assert lines.count() == 20
    assert raised() == {Rule.FEED_FORGED: 1}


def test_a_stolen_cookie(client, adviser, clock):
    """The same session, a minute later, on another machine elsewhere."""
    enter(client, adviser, **from_("198.51.100.7", "Firefox"))
    client.get(reverse("home"), **from_("198.51.100.7", "Firefox"))
    thief = another_browser()
    thief.cookies = client.cookies
    clock.shift(dt.timedelta(minutes=1))

    thief.get(f"{reverse('offers')}?lieu=", **from_("203.0.113.9", "Chrome"))

    assert raised() == {Rule.SESSION_MOVED: 1}


@pytest.mark.parametrize(
    ("there", "told"),
    [
        # The telephone leaves the building: the second factor is asked there.
        (("203.0.113.9", "Firefox"), {}),
        (("198.51.100.7", "Chrome"), {Rule.SESSION_CHANGED: 1}),
    ],
)
def test_a_browser_alone_is_a_signal_a_network_alone_is_none(
    client, adviser, there, told
):
    enter(client, adviser, **from_("198.51.100.7", "Firefox"))
    client.get(reverse("home"), **from_("198.51.100.7", "Firefox"))

    client.get(reverse("home"), **from_(*there))

    assert raised() == told


@pytest.mark.parametrize(
    "there",
    [
        ("198.51.7.9", "Firefox/150.0"),  # The same /16.
        ("::ffff:198.51.100.7", "Firefox/150.0"),  # The same, as IPv6 writes it.
        ("198.51.100.7", "Firefox/151.0"),  # Updated overnight.
    ],
)
def test_a_session_that_changes_neither_is_at_home(client, adviser, there):
    enter(client, adviser, **from_("198.51.100.7", "Firefox/150.0"))

    client.get(reverse("home"), **from_(*there))

    assert raised() == {}


def test_a_stolen_cookie_with_the_browsers_own_name(client, adviser, clock):
    """S39: two networks in turn, the same User-Agent: nobody travels to and fro."""
    enter(client, adviser, **from_("198.51.100.7", "Firefox"))
    thief = another_browser()
    thief.cookies = client.cookies
    for _ in range(2):
        for browser, place in [(thief, "203.0.113.9"), (client, "198.51.100.7")]:
            clock.shift(dt.timedelta(seconds=50))
            browser.get(f"{reverse('offers')}?lieu=", **from_(place, "Firefox"))

    assert raised() == {Rule.SESSION_FLIPS: 1}
    lines = AuditEntry.objects.filter(action=Action.SESSION_MOVED)
    assert {str(entry.details) for entry in lines} == {"{'only': 'network'}"}


def test_an_account_lent_to_a_colleague_elsewhere(client, adviser, clock):
    enter(client, adviser, **from_("198.51.100.7"))
    clock.shift(dt.timedelta(minutes=3))
    enter(another_browser(), adviser, **from_("203.0.113.9"))

    assert raised() == {Rule.TWO_PLACES: 1}


def test_an_account_lent_to_two_colleagues_of_the_office(adviser, clock):
    for _ in range(3):
        enter(another_browser(), adviser, **from_("198.51.100.7"))
        clock.shift(dt.timedelta(minutes=1))

    assert raised() == {Rule.SHARING: 1}


# --- Behind the door ------------------------------------------------------------------


def test_scraping_the_lists_by_turning_the_pages(as_adviser, adviser):
    CandidateFactory.create_batch(85, adviser=adviser)
    for page in range(1, 6):
        as_adviser.get(reverse("candidates"), {"page": page})

    assert raised() == {Rule.MANY_PERSONS: 1, Rule.PERSONS: 1}


def test_scraping_slowly_by_night(client, adviser, clock):
    """Below the ceiling of the hour, but at two in the morning."""
    clock.move_to(paris(2026, 11, 25, 2, 0))
    sign_in(client, adviser)
    for candidate in CandidateFactory.create_batch(16, adviser=adviser):
        client.get(candidate.get_absolute_url())
        clock.shift(dt.timedelta(minutes=2))

    assert raised() == {Rule.NIGHT: 1}


def test_persons_of_another_end_of_the_country(as_adviser, adviser, clock):
    for candidate in CandidateFactory.create_batch(
        15, adviser=adviser, commune_code=FAR_AWAY
    ):
        as_adviser.get(candidate.get_absolute_url())
        clock.shift(dt.timedelta(minutes=3))

    assert raised() == {Rule.FAR: 1}


@pytest.mark.parametrize(
    ("area", "name"),
    [
        ("candidats", "candidate"),
        ("mises-en-contact", "referral"),
        ("documents", "document"),
    ],
)
def test_guessing_the_numbers_of_persons_pages(as_adviser, area, name):
    for _ in range(15):
        assert as_adviser.get(f"/{area}/{uuid.uuid4()}/").status_code == 404

    assert raised() == {Rule.NOT_FOUND: 1}
    assert set(AuditEntry.objects.values_list("details__part", flat=True)) == {name}


def test_fishing_for_persons_by_exact_identifiers(as_adviser, clock):
    for n in range(15):
        as_adviser.post(reverse("candidates"), {"who": f"384219073{n:02d}"})
        clock.shift(dt.timedelta(minutes=2))

    assert raised() == {Rule.LOOK_UPS: 1}


def test_an_rgc_who_empties_the_house(as_rgc, rgc):
    """S39: three in an hour; France Travail alone is told (art. 4.1)."""
    for adviser in AdviserFactory.create_batch(3, structure=rgc.structure):
        page = reverse("account_suspend", args=[adviser.public_id])
        as_rgc.post(page, {"reason": "perte"})

    assert raised() == {Rule.RGC_GESTURES: 1}
    alert = Alert.objects.get()
    assert (alert.account, alert.structure) == (rgc, rgc.structure)
    assert "Aucune alerte" in as_rgc.get(reverse("alerts")).text
    OutboxEntry.objects.update(next_attempt_at=NOW)  # PostgreSQL has its own clock.
    outbox.relay()
    assert mail.outbox
    assert rgc.email not in {to for letter in mail.outbox for to in letter.to}


def test_fishing_for_colleagues_persons_by_adding_them(as_adviser, adviser):
    """« Votre collègue l’accompagne » answers as much as a look-up, and as often."""
    colleague = AdviserFactory(structure=adviser.structure)
    for n in range(16):
        CandidateFactory(adviser=colleague, ft_id=f"{n:07d}Z")
        form = {"first_name": "A", "last_name": f"B{lettered(n)}", "ft_id": f"{n:07d}Z"}
        response = as_adviser.post(reverse("candidate_add"), form)

    assert raised() == {Rule.LOOK_UPS: 1}
    assert response.status_code == 429
    assert "Votre collègue" not in response.text
    assert f'value="B{lettered(15)}"' in response.text


def test_files_one_after_the_other(as_ft_admin, adviser):
    write(line(Action.PERSON_READ, adviser, persons=[somebody()]))
    form = {
        "compte": adviser.identifier,
        "du": "2026-11-24T09:00",
        "au": "2026-11-24T11:00",
        "motif": "exercice",
        "download": "1",
    }
    statuses = [
        as_ft_admin.post(reverse("admin:persons_seen"), form).status_code
        for _ in range(6)
    ]

    assert statuses == [200] * 5 + [429]
    assert raised() == {Rule.MANY_EXPORTS: 1, Rule.EXPORTS: 1}


def test_copying_the_offers_by_searching(as_adviser, adviser):
    # One use of so many counts as so many uses (``test_rate_limits.py``).
    rate_limits.count_use(
        rate_limits.Use.SEARCH,
        account=adviser.pk,
        window=rate_limits.SEARCH_WINDOW,
        amount=rate_limits.SEARCHES_TOLD - 2,
    )
    rate_limits.count_search(adviser)
    assert not AuditEntry.objects.exists()

    as_adviser.get(reverse("offers"), {"q": "maçon"})

    assert raised() == {Rule.SEARCHES: 1}


# --- A month of work ------------------------------------------------------------------


def team_of(advisers: int, seed: int = 0) -> list[Worker]:
    structure = StructureFactory()
    accounts = AdviserFactory.create_batch(advisers, structure=structure)
    rgc = RgcFactory(structure=structure)
    return [
        *[Worker(account, rank, seed) for rank, account in enumerate(accounts)],
        Manager(rgc, advisers, seed),
    ]


@pytest.fixture
def team(db: None) -> list[Worker]:
    return team_of(4)


def seen_in(
    since: dt.datetime, until: dt.datetime, step: dt.timedelta, rules: set[str]
) -> list[tuple[str, detection.Hit]]:
    """What these rules find in that time, slice by slice."""
    found = []
    starts = itertools.takewhile(
        lambda start: start < until, (since + n * step for n in itertools.count())
    )
    for start in starts:
        for each in WATCHES.values():
            if each.rule in rules:
                hits = detection.run_query(each, start, start + step)
                found += [(each.rule, hit) for hit in hits]
    return found


def everything_seen(
    month: list[AuditEntry], first: int = 0, days: int = DAYS
) -> list[tuple[str, detection.Hit]]:
    """Every rule over these days: each asks once a minute or once a line, but the
    stolen list, which is asked as it is in a pass."""
    write(*month)
    midnight = dt.datetime.combine(FIRST_DAY, dt.time(), NOW.tzinfo)
    since = midnight + dt.timedelta(days=first)
    until = since + dt.timedelta(days=days)
    others = set(Rule) - {Rule.STUFFING}
    found = seen_in(since, until, dt.timedelta(days=1), others)
    failures = AuditEntry.objects.filter(action=Action.SIGN_IN_REFUSED, at__gte=since)
    for at in failures.values_list("at", flat=True):
        found += seen_in(at - detection.SLICE, at, detection.SLICE, {Rule.STUFFING})
    return found


@pytest.mark.parametrize(
    ("seed", "advisers"),
    [
        pytest.param(1, 4, marks=pytest.mark.thorough),
        pytest.param(0, 10, marks=pytest.mark.thorough),
        pytest.param(2, 4, marks=pytest.mark.thorough),
    ],
)
def test_a_month_of_heavy_use_raises_nothing(seed, advisers):
    """S39: three months, each another one; ten busy advisers and their RGC."""
    team = team_of(advisers, seed)
    month = [entry for worker in team for entry in worker.month()]
    prove_each_network(month)

    assert everything_seen(month) == []


def prove_each_network(month: list[AuditEntry]) -> None:
    """As the product asks of each network that is no habit."""
    places = {(entry.actor_id, entry.ip) for entry in month if entry.ip}
    at = dt.datetime.combine(FIRST_DAY, dt.time(), NOW.tzinfo)
    ProvedNetwork.objects.bulk_create(
        ProvedNetwork(account_id=account, network=network, proved_at=at)
        for account, network in {
            (account, user_agents.network_of(ip, 16, 32))
            for account, ip in places
            if account
        }
    )


def test_the_month_is_a_heavy_one(team):
    """The control: it comes near the thresholds, and work it is."""
    month = [entry for worker in team for entry in worker.month()]
    reads = [entry for entry in month if entry.action in READS]
    by_hour: dict[Any, set[uuid.UUID]] = {}
    for entry in reads:
        key = (entry.actor_id, entry.at.date(), entry.at.hour)
        by_hour.setdefault(key, set()).update(entry.person_ids)

    assert len(month) > 15_000
    assert max(len(persons) for persons in by_hour.values()) > 40
    assert sum(len(persons) > 30 for persons in by_hour.values()) > 100
    assert sum(entry.action == Action.SIGN_IN_REFUSED for entry in month) > 20
    assert any(timezone.localtime(entry.at).hour == 22 for entry in reads)
    assert any(len(entry.far_ids) > 15 for entry in reads)
    by_day: dict[Any, set[uuid.UUID]] = {}
    for entry in reads:
        if "unasked" not in entry.details:
            key = (entry.actor_id, entry.at.date())
            by_day.setdefault(key, set()).update(entry.person_ids)
    assert max(len(persons) for persons in by_day.values()) >= 100
    for action in [Action.TEAM_REVIEWED, Action.ACCOUNTS_IMPORTED]:
        assert any(entry.action == action for entry in month)
    assert sum(entry.action == Action.SESSION_MOVED for entry in month) > 50


def test_one_attack_in_the_middle_of_it_is_seen(team):
    """The control: the month hides nothing."""
    month = list(team[0].month())
    at = paris(2026, 11, 12, 11, 0)
    month += [
        line(
            Action.PERSON_READ,
            team[0].account,
            at=at + n * dt.timedelta(minutes=1),
            persons=[somebody()],
            session="0-1",
        )
        for n in range(30)
    ]

    found = everything_seen(month, first=10, days=1)
    assert [rule for rule, _ in found] == [Rule.MANY_PERSONS]


def test_its_lines_have_the_shape_of_those_that_the_pages_write(client, team):
    """Action, persons or none, and the names of the details."""
    worker = team[0]
    account = worker.account
    invented = {shape_of(entry) for entry in worker.month()}
    candidate = CandidateFactory(adviser=account)
    offer = OfferFactory()

    give_password(client, account.identifier, WRONG)
    enter(client, account)
    client.get(reverse("candidates"))
    CandidateFactory.create_batch(25, adviser=account)
    client.get(reverse("candidates"), {"page": 2})
    client.get(reverse("candidates"), REMOTE_ADDR="203.0.113.9")
    client.get(f"/candidats/{uuid.uuid4()}/")
    client.post(reverse("candidates"), {"who": "Personne Du Tout"})
    client.post(reverse("candidates"), {"who": str(candidate)})
    client.get(candidate.get_absolute_url())
    key = {"key": uuid.uuid4()}
    confirm = reverse("referral_confirm", args=[offer.pk, candidate.pk])
    page = client.post(confirm, key, follow=True)
    referral = page.context["referral"]
    client.get(referral.document.get_absolute_url())
    # PostgreSQL's clock goes its own way: the act is of this test's day.
    type(referral).objects.update(created_at=timezone.now())
    client.post(
        reverse("referral_hand_over", args=[referral.pk]),
        {"channel": "main", "on": timezone.localdate().isoformat()},
    )
    client.post(reverse("logout"))

    real = {shape_of(entry) for entry in AuditEntry.objects.all()}
    assert invented - real == set()


def shape_of(entry: AuditEntry) -> tuple[Any, ...]:
    return (
        str(entry.action),
        bool(entry.person_ids),
        bool(entry.actor_id),
        bool(entry.session),
        tuple(sorted(entry.details)),
    )
