"""The limiter: counted before the hash, under lock, in PostgreSQL, without sleeping."""

import datetime as dt
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.signin import rate_limits
from accounts.signin.models import Throttle
from accounts.signin.rate_limits import TooManyTries, TryKind, count_try
from accounts.users.models import FirstAccess
from opus.celery import app as celery_app
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import PASSWORD, AdviserFactory
from tests.accounts.journeys import WRONG_CODE, code_of, enter, give_code, give_password
from tests.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

WRONG = "un tout autre mot de passe"
START = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def fail(times: int, account: str = "IDA-7K2F", address: str | None = None) -> None:
    for _ in range(times):
        count_try(TryKind.PASSWORD, account=account, address=address)


def wait_after(account: str = "IDA-7K2F", address: str | None = None) -> int:
    """How long the next try must wait, in seconds; 0 is not at all."""
    try:
        count_try(TryKind.PASSWORD, account=account, address=address)
    except TooManyTries as error:
        return error.seconds
    return 0


def test_five_tries_are_free_then_each_waits_longer_and_the_tenth_shuts_for_an_hour():
    """S6."""
    waits = []
    with time_machine.travel(START, tick=False) as clock:
        fail(5)
        while len(waits) < 6:
            waits.append(wait_after())
            clock.shift(waits[-1])
            fail(1)

    assert waits == [15, 30, 60, 120, 240, 3600]


def test_waiting_too_little_is_told_again_and_does_not_lengthen_the_wait():
    with time_machine.travel(START, tick=False) as clock:
        fail(5)
        clock.shift(14 * SECOND)

        assert [wait_after(), wait_after()] == [1, 1]
        clock.shift(SECOND)
        assert wait_after() == 0


ID, LINE, OTHER_LINE = "IDA-7K2F", "198.51.100.7", "203.0.113.1"
TEN_MINUTES = dt.timedelta(minutes=10)


def each_of(numbers: range, address: str = LINE) -> list[tuple[int, str, str]]:
    """One try on each of these accounts."""
    return [(1, f"IDA-{n}", address.format(n)) for n in numbers]


LOCKED = [(5, ID), *[step for delay in rate_limits.DELAYS for step in (delay, (1, ID))]]
FIFTEEN = each_of(range(15))
IPV6 = each_of(range(15), "2001:db8:1:2::{:x}")


@pytest.mark.parametrize(
    ("steps", "account", "address", "wait"),
    [
        # After the hour, and those of yesterday.
        ([*LOCKED, rate_limits.LOCK_LASTS, (5, ID)], ID, None, 15),
        ([(4, ID), rate_limits.FORGOTTEN_AFTER, (5, ID)], ID, None, 15),
        # Case and spaces make no other account.
        ([(3, "ida-7k2f "), (2, "ＩＤＡ-7K2F")], ID, None, 15),
        # Whatever the accounts, existing or not.
        (FIFTEEN, "IDA-new", LINE, 600),
        (FIFTEEN, "IDA-new", OTHER_LINE, 0),
        ([*FIFTEEN, TEN_MINUTES], "IDA-new", LINE, 0),
        ([*FIFTEEN[1:], TEN_MINUTES, *FIFTEEN[1:]], "IDA-new", LINE, 0),
        # A colleague is not shut out by who hammers, nor somebody else elsewhere.
        ([(35, ID, LINE)], "IDA-colleague", LINE, 0),
        ([*FIFTEEN, (30, "IDA-victim", LINE)], "IDA-victim", OTHER_LINE, 0),
        # A line of IPv6 is one address.
        (IPV6, "IDA-new", "2001:db8:1:2:ffff::1", 600),
        (IPV6, "IDA-new", "2001:db8:1:3::1", 0),
    ],
)
def test_what_is_in_a_row_shuts_the_account_or_the_address(
    steps, account, address, wait
):
    """S6: fifteen failures of one address shut it for ten minutes."""
    with time_machine.travel(START, tick=False) as clock:
        for step in steps:
            if isinstance(step, dt.timedelta):
                clock.shift(step)
                continue
            times, *who = step
            for _ in range(times):
                wait_after(*who)

        assert wait_after(account, address) == wait


def test_a_success_ends_the_row_of_failures():
    with time_machine.travel(START, tick=False):
        fail(4)
        count_try(TryKind.PASSWORD, account="IDA-7K2F", address=None).forgive()

        fail(5)
        assert wait_after() == 15


def test_an_office_where_all_succeed_is_never_shut_out():
    for n in range(40):
        count_try(
            TryKind.PASSWORD, account=f"IDA-{n}", address="198.51.100.7"
        ).forgive()

    assert wait_after("IDA-new", "198.51.100.7") == 0


def test_counters_past_use_go_away_by_themselves():
    with time_machine.travel(START, tick=False) as clock:
        fail(3, "IDA-OLD")
        clock.shift(rate_limits.FORGOTTEN_AFTER + SECOND)
        fail(1, "IDA-NEW")

    assert Throttle.objects.count() == 1


def test_the_keys_hold_neither_identifier_nor_address():
    fail(1, "IDA-7K2F", "198.51.100.7")

    dump = str(list(Throttle.objects.values()))
    for clear in ["7K2F", "7k2f", "198.51"]:
        assert clear not in dump


def test_the_page_answers_429_with_the_time_to_wait_and_hashes_nothing(
    client, counting_hasher, adviser
):
    """S6, S7: for an account and for an unknown identifier alike."""
    answers = []
    for identifier in [adviser.identifier, "IDA-ZZZZ"]:
        for _ in range(5):
            give_password(client, identifier, WRONG)
        counting_hasher.reset()
        response = give_password(client, identifier, PASSWORD)
        answers.append(
            (response.status_code, response["Retry-After"], counting_hasher.count)
        )
        assert "Trop d’essais. Attendez 15 secondes" in response.text

    assert answers == [(429, "15", 0), (429, "15", 0)]


def test_the_right_password_opens_after_the_wait(client, adviser):
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(5):
            give_password(client, adviser.identifier, WRONG)
        clock.shift(15 * SECOND)

        assert give_password(client, adviser.identifier).status_code == 302
        assert give_password(client, adviser.identifier, WRONG).status_code == 200


def test_ipv4_addresses_mapped_to_ipv6_are_not_one_line(client, adviser):
    """S6: fifteen failures of one of them would shut the sign-in for all."""
    there = {"REMOTE_ADDR": "::ffff:198.51.100.7"}
    for n in range(15):
        give_password(client, f"IDA-{n}", WRONG, **there)

    other = {"REMOTE_ADDR": "::ffff:203.0.113.9"}
    same = {"REMOTE_ADDR": "198.51.100.7"}
    assert give_password(client, adviser.identifier, **there).status_code == 429
    assert give_password(client, adviser.identifier, **same).status_code == 429
    assert give_password(client, adviser.identifier, **other).status_code == 302
    told = AuditEntry.objects.values_list("ip", flat=True)
    assert set(told) == {"198.51.100.7", "203.0.113.9"}


@pytest.mark.parametrize("forwarded", ["inconnu", "1.2.3", "[::1", "fe80::1%eth0"])
def test_who_has_no_address_that_can_be_read_signs_in_all_the_same(
    client, settings, forwarded
):
    """S6: at each door and in each thing that counts by network."""
    settings.TRUSTED_PROXIES = 1
    adviser = AdviserFactory()
    nowhere = {"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": forwarded}

    assert enter(client, adviser, **nowhere).status_code == 302
    for path in ("/", reverse("sessions"), reverse("mailed_document", args=["0" * 64])):
        assert client.get(path, **nowhere).status_code in {200, 410}, path
    form = {"email": "nour@structure.example", "topic": "acces", "text": "Bonjour"}
    assert client.post("/contact/", form, **nowhere).status_code < 500


def test_codes_are_limited_too_even_the_right_one(client, adviser):
    """S6: one limiter for the second factor as well."""
    give_password(client, adviser.identifier)
    for _ in range(5):
        assert give_code(client, WRONG_CODE).status_code == 200

    response = give_code(client, code_of(adviser))

    assert (response.status_code, response["Retry-After"]) == (429, "15")
    assert not response.wsgi_request.user.is_verified()


def test_first_secrets_are_limited_too(client):
    """S6."""
    adviser = AdviserFactory(created=True)
    _, secret = FirstAccess.draw(adviser, by=None)
    page = reverse("first_access")
    for _ in range(5):
        client.post(page, {"identifier": adviser.identifier, "secret": "AAAAA"})

    response = client.post(page, {"identifier": adviser.identifier, "secret": secret})

    assert (response.status_code, response["Retry-After"]) == (429, "15")


# --- The tenth failure is told to the holder, while the attack goes on (S11) ----------


def fail_ten_times(knock: Callable[[], object]) -> None:
    """Each as soon as the limiter allows it."""
    with time_machine.travel(START, tick=False) as clock:
        for n in range(rate_limits.LOCK_AFTER):
            if n >= rate_limits.FREE_TRIES:
                clock.shift(rate_limits.DELAYS[n - rate_limits.FREE_TRIES])
            knock()


def letters() -> list[str]:
    """Send what waits; return the letters' texts with plain spaces."""
    # The rows bear the clock of PostgreSQL.
    OutboxEntry.objects.update(next_attempt_at=START)
    outbox.relay()
    return [letter.body.replace("\N{NO-BREAK SPACE}", " ") for letter in mail.outbox]


def test_the_holder_is_written_to_at_the_lock_and_once(client, adviser):
    """S11: not at the tries before, nor at those that the lock refuses."""
    told = []

    def knock() -> None:
        give_password(client, adviser.identifier, WRONG)
        told.append(OutboxEntry.objects.filter(effect="locked-out").count())

    fail_ten_times(knock)
    for _ in range(3):
        with time_machine.travel(START + dt.timedelta(minutes=30), tick=False):
            assert give_password(client, adviser.identifier).status_code == 429

    (text,) = letters()
    assert told == [0] * 9 + [1]
    assert mail.outbox[0].to == [adviser.email]
    assert adviser.identifier not in text
    assert "dix fois de suite de mot de passe" in text
    # 9:00 UTC, and the delays.
    assert "le 24 novembre 2026 à 10 h 07" in text
    assert "jusqu’à 11 h 07" in text
    assert "mot de passe n’a pas été trouvé" in text
    assert reverse("password_forgotten") in text


def test_a_second_lock_is_told_again_and_a_right_tenth_try_is_none(client, adviser):
    with time_machine.travel(START, tick=False) as clock:
        for lock in range(2):
            for _ in range(rate_limits.LOCK_AFTER):
                clock.shift(dt.timedelta(minutes=4))
                give_password(client, adviser.identifier, WRONG)
            assert OutboxEntry.objects.count() == lock + 1
            clock.shift(rate_limits.LOCK_LASTS)
        for n in range(rate_limits.LOCK_AFTER):
            clock.shift(dt.timedelta(minutes=4))
            right = n == rate_limits.LOCK_AFTER - 1
            give_password(client, adviser.identifier, PASSWORD if right else WRONG)

    assert OutboxEntry.objects.filter(effect="locked-out").count() == 2


def test_an_unknown_identifier_gets_the_same_page_and_the_same_work(client, adviser):
    """S7: a row too, of which no letter comes."""
    seen: list[tuple[int, int, str]] = []
    for identifier in [adviser.identifier, "IDA-ZZZZ"]:
        with time_machine.travel(START, tick=False) as clock:
            for _ in range(rate_limits.LOCK_AFTER - 1):
                clock.shift(dt.timedelta(minutes=4))
                give_password(client, identifier, WRONG)
            clock.shift(dt.timedelta(minutes=4))
            with CaptureQueriesContext(connection) as queries:
                page = give_password(client, identifier, WRONG)
        text = page.text.replace(identifier, "")
        seen.append((page.status_code, len(queries), without_tokens(text)))

    assert seen[0] == seen[1]
    assert OutboxEntry.objects.filter(effect="locked-out").count() == 2
    assert len(letters()) == 1


def without_tokens(page: str) -> str:
    return re.sub(r'(value|nonce|content)="[^"]{16,}"', "", page)


def test_ten_wrong_codes_say_that_the_password_is_known(client, adviser):
    with time_machine.travel(START, tick=False):
        give_password(client, adviser.identifier)

    fail_ten_times(lambda: give_code(client, WRONG_CODE))

    (text,) = letters()
    assert "dix fois de suite de code" in text
    assert "il en connaît le mot de passe" in text
    assert "choisissez aussitôt un nouveau mot de passe" in text


def test_ten_wrong_first_secrets_are_told_without_a_button_to_a_password(client):
    adviser = AdviserFactory(created=True)
    FirstAccess.draw(adviser, by=None)
    page = reverse("first_access")
    typed = {"identifier": adviser.identifier, "secret": "AAAAA"}

    fail_ten_times(lambda: client.post(page, typed))

    (text,) = letters()
    assert "dix fois de suite de code de premier accès" in text
    assert reverse("password_forgotten") not in text


def test_a_closed_account_gets_no_letter(client):
    adviser = AdviserFactory(closed=True)

    fail_ten_times(lambda: give_password(client, adviser.identifier, WRONG))

    assert OutboxEntry.objects.filter(effect="locked-out").count() == 1
    assert letters() == []


def knock_together(adviser: object, threads: int) -> list[int]:
    """So many wrong passwords at once for one account, each from its own address."""
    together = threading.Barrier(threads)
    # A web server has no more connections than that.
    connections = threading.BoundedSemaphore(20)

    def knock(n: int) -> int:
        client = Client(
            SERVER_NAME="localhost",
            headers={"host": "localhost"},
            REMOTE_ADDR=f"203.0.113.{n}",
        )
        together.wait()
        with connections:
            try:
                return give_password(client, adviser.identifier, WRONG).status_code
            finally:
                connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(knock, range(threads)))


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_on_one_account_get_at_most_ten_hashes(
    counting_hasher, monkeypatch
):
    """S6. Each has its own connection; Redis is not there at all."""
    monkeypatch.setitem(celery_app.conf, "broker_write_url", "redis://localhost:1")
    adviser = AdviserFactory()
    counting_hasher.reset()

    statuses = knock_together(adviser, 50)

    assert counting_hasher.count == statuses.count(200)
    assert 1 <= counting_hasher.count <= 10
    assert statuses.count(429) == 50 - counting_hasher.count


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would_get_more(counting_hasher, monkeypatch):
    """The negative control: the same knocks, the counter read without a lock."""
    adviser = AdviserFactory()
    counting_hasher.reset()

    def read(key: str, now: dt.datetime) -> Throttle:
        return Throttle.objects.filter(pk=key).first() or Throttle(
            key=key, expires_at=now + rate_limits.FORGOTTEN_AFTER
        )

    def write_nothing_yet(self: Throttle, **options: object) -> None:
        """As if all had read before the first one wrote."""

    monkeypatch.setattr(rate_limits, "locked", read)
    monkeypatch.setattr(Throttle, "save", write_nothing_yet)
    statuses = knock_together(adviser, 15)

    assert counting_hasher.count == statuses.count(200) == 15


def test_with_redis_stopped_every_door_is_limited_all_the_same(client, monkeypatch):
    """S6, R14: nothing of it is asked of Redis, the letter of a reset waits."""
    monkeypatch.setitem(celery_app.conf, "broker_write_url", "redis://localhost:1")
    adviser = AdviserFactory()
    with time_machine.travel(START, tick=False):
        entered = give_password(client, adviser.identifier).status_code
        code = give_code(client, code_of(adviser)).url
        client.cookies.clear()
        asked = [
            client.post(reverse("password_forgotten"), {"who": adviser.identifier})
            for _ in range(6)
        ]

    assert (entered, code) == (302, "/")
    assert [response.status_code for response in asked] == [302] * 5 + [429]
    assert OutboxEntry.objects.count() == 5


def test_the_counter_is_committed_before_the_secret_is_looked_at(client, monkeypatch):
    """A worker killed in the middle of a hash has still counted the try."""
    seen = []
    adviser = AdviserFactory()
    check = type(adviser).check_password

    def spy(self, password):
        seen.append(len(Throttle.objects.get(key__startswith="mot-de-passe").tries))
        return check(self, password)

    monkeypatch.setattr(type(adviser), "check_password", spy)

    give_password(client, adviser.identifier, WRONG)

    assert seen == [1]
    assert timezone.now() >= Throttle.objects.first().tries[0]


# --- Uses -----------------------------------------------------------------------------

EVERYWHERE = "/offres/?lieu="


def use(
    account: object = 7, *, limit: int | None = None, amount: int = 1, what: str = "x"
) -> int:
    return rate_limits.count_use(
        what, account=account, window=TEN_MINUTES, limit=limit, amount=amount
    )


def test_uses_are_counted_by_account_and_by_kind():
    """S6."""
    told = [use(), use(), use(amount=5), use(8), use(what="y")]

    assert told == [1, 2, 7, 1, 1]


def test_a_use_leaves_the_count_when_the_window_has_slid_past_it():
    with time_machine.travel(START, tick=False) as clock:
        use(amount=3)
        clock.shift(dt.timedelta(minutes=5))
        use(amount=2)
        clock.shift(dt.timedelta(minutes=5))
        within = use()
        clock.shift(dt.timedelta(seconds=20))

        assert (within, use()) == (6, 4)


def test_above_its_limit_a_use_is_refused_not_counted_and_told_when_to_come_back():
    """S6."""
    with time_machine.travel(START, tick=False) as clock:
        use(amount=3, limit=5)
        clock.shift(dt.timedelta(minutes=4))
        use(amount=2, limit=5)
        refusals = []
        for amount in [1, 4, 6]:
            said = "Trop de demandes en peu de temps"
            with pytest.raises(rate_limits.TooManyUses, match=said) as refusal:
                use(amount=amount, limit=5)
            refusals.append(refusal.value.seconds)

        assert refusals == [370, 610, 610]
        clock.shift(370 * SECOND)
        assert use(limit=5) == 3


def race_for_uses(threads: int) -> tuple[int, int]:
    """So many at once, three allowed: how many were let through, how many counted."""
    together = threading.Barrier(threads)

    def one(_: int) -> bool:
        together.wait()
        try:
            use(limit=3)
        except rate_limits.TooManyUses:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(threads) as pool:
        let_through = list(pool.map(one, range(threads))).count(True)
    return let_through, sum(rate_limits.Usage.objects.get().counts.values())


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_get_no_more_uses_than_one():
    """S6."""
    with time_machine.travel(START, tick=False):
        assert race_for_uses(20) == (3, 3)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would_get_more_uses(monkeypatch):
    """The negative control of the test above: the same race, the row merely read."""
    use()
    everyone_has_read = threading.Barrier(5)

    def add(key: str, *, slot: int, amount: int, limit: int, **rest: Any) -> int | None:
        usage = rate_limits.Usage.objects.get(pk=key)
        everyone_has_read.wait()
        total = sum(usage.counts.values()) + amount
        if total > limit:
            return None
        rate_limits.Usage.objects.filter(pk=key).update(counts={slot: total})
        return total

    monkeypatch.setattr(rate_limits.Usage.objects, "add", add)

    let_through, counted = race_for_uses(5)

    assert (let_through, counted) == (5, 2)


def test_a_burst_is_told_once_however_long_it_lasts():
    with time_machine.travel(START, tick=False) as clock:
        told = []
        for pause in [0, 5, 5, 5, 10, 5]:
            clock.shift(dt.timedelta(minutes=pause))
            told.append(rate_limits.is_new_burst("storm", account=7, quiet=TEN_MINUTES))

    assert told == [True, False, False, False, True, False]


def test_a_ceiling_reached_is_a_page_that_says_when_to_come_back(
    as_adviser, monkeypatch
):
    """S6: whatever the view, the middleware answers 429."""
    wait = dt.timedelta(hours=3)

    def refuse(*args, **kwargs):
        raise rate_limits.TooManyUses(wait)

    monkeypatch.setattr("accounts.signin.views.render", refuse)
    response = as_adviser.get(reverse("profile"))

    assert (response.status_code, response["Retry-After"]) == (429, "10800")
    assert "3 heures" in response.text


# --- Searches -------------------------------------------------------------------------


def search_times(account: object, count: int) -> None:
    """So many searches of that account, without their pages."""
    rate_limits.count_use(
        rate_limits.Use.SEARCH,
        account=account.pk,
        window=rate_limits.SEARCH_WINDOW,
        amount=count,
    )


def surges() -> list[tuple[str, dict]]:
    found = AuditEntry.objects.filter(action="search_surge").order_by("pk")
    return [(entry.actor, entry.details) for entry in found]


def test_six_hundred_searches_in_ten_minutes_are_told_once_and_not_refused(
    client, adviser
):
    """S6."""
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, adviser)
        search_times(adviser, 598)
        statuses = [client.get(EVERYWHERE).status_code for _ in range(4)]
        clock.shift(dt.timedelta(minutes=9))
        statuses.append(client.get(EVERYWHERE).status_code)

    assert statuses == [200] * 5
    told = {"searches": 600, "minutes": 10}
    assert surges() == [(adviser.identifier, told)]


def test_a_day_of_many_searches_spread_out_tells_nothing(client, adviser):
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, adviser)
        for _ in range(4):
            search_times(adviser, 500)
            client.get(EVERYWHERE)
            clock.shift(dt.timedelta(minutes=11))

    assert surges() == []


def test_above_the_operators_limit_a_search_is_refused_with_the_time_to_wait(
    client, settings
):
    """S6: OPUS_SEARCH_LIMIT."""
    settings.SEARCH_LIMIT = 50
    adviser = AdviserFactory()
    with time_machine.travel(START, tick=False):
        sign_in(client, adviser)
        search_times(adviser, 49)
        last = client.get(EVERYWHERE)
        refused = client.get(EVERYWHERE)
        elsewhere = sign_in(client, AdviserFactory()).get(EVERYWHERE)

    assert (last.status_code, refused.status_code) == (200, 429)
    assert refused["Retry-After"] == "610"
    assert "11 minutes" in refused.text
    assert elsewhere.status_code == 200


def test_without_a_limit_nothing_is_refused(client, settings):
    """As in a demonstration, and where the operator writes 0."""
    settings.SEARCH_LIMIT = 0
    adviser = AdviserFactory()
    sign_in(client, adviser)
    search_times(adviser, 100_000)

    assert client.get(EVERYWHERE).status_code == 200


def test_a_search_pays_one_query_for_its_count(django_assert_num_queries, adviser):
    """P8."""
    rate_limits.count_search(adviser)

    with django_assert_num_queries(1):
        rate_limits.count_search(adviser)


def test_counters_of_uses_past_use_are_dropped():
    with time_machine.travel(START, tick=False) as clock:
        use()
        clock.shift(2 * TEN_MINUTES + SECOND)
        rate_limits.tidy_counters()

    assert not rate_limits.Usage.objects.exists()


def test_the_keys_of_uses_hold_nobodys_number():
    use(987654)

    assert "987654" not in str(list(rate_limits.Usage.objects.values("key")))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("lasts", "commits"), [(True, "on"), (False, "off")])
def test_a_search_does_not_wait_for_the_disk_and_what_is_limited_does(lasts, commits):
    """P1, P3: eight advisers who search would else keep the disk from the feed."""
    told = []
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        with transaction.atomic():
            rate_limits.count_use(
                "essai", account=1, window=dt.timedelta(minutes=10), lasts=lasts
            )
            cursor.execute("SHOW synchronous_commit")
            told += cursor.fetchone()
        cursor.execute("SHOW synchronous_commit")
        told += cursor.fetchone()
        cursor.execute("RESET synchronous_commit")

    assert told == [commits, "on"]


def test_searches_are_counted_without_waiting_for_the_disk(monkeypatch):
    """P1, P3."""
    told = []
    real = rate_limits.Usage.objects.add
    monkeypatch.setattr(
        rate_limits.Usage.objects,
        "add",
        lambda *args, **kwargs: told.append(kwargs["lasts"]) or real(*args, **kwargs),
    )

    rate_limits.count_search(AdviserFactory())
    rate_limits.count_use("essai", account=1, window=dt.timedelta(minutes=10))

    assert told == [False, True]
