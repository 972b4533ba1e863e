"""What was lost, doubled, left waiting or badly answered: a sentence for each."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import psycopg
from common import MANAGE, PYTHON, ROOT

from tests.chaos.pages import NO_ANSWER, Book, Sent
from tests.chaos.people import Done
from tests.chaos.stack import Received

ACTS = """
SELECT CASE kind
        WHEN 'mise_en_contact' THEN 'mise en contact'
        WHEN 'mec_preselection' THEN 'présélection'
        WHEN 'demande_cv' THEN 'demande de CV'
        ELSE kind
    END, id::text, idempotency_key::text, offer_id, candidate_id::text,
    state <> 'annulee', withdrawal_told_at IS NOT NULL
FROM referrals_act
WHERE created_at > current_setting('chaos.since')::timestamptz
"""
# One line for each hand-over of an act.
HAND_OVERS = """
SELECT act_id::text FROM referrals_actstep
JOIN referrals_act act ON act.id = act_id
WHERE target = 'remise' AND origin <> target AND kind <> 'convocation'
"""
UPLOADS = "SELECT cv_request_id::text FROM referrals_cvfile"
# One line for each e-mail of an act's document.
MAILED = """
SELECT act_id::text
FROM referrals_documentmail mail
JOIN referrals_document document ON document.id = mail.document_id
"""
PERSONS = "SELECT last_name FROM referrals_candidate"
PRINT_JOBS = "SELECT key::text, id::text FROM referrals_printjob"
EXPORTS = """
SELECT identifier FROM accounts_export
JOIN accounts_user account ON account.id = account_id
"""
EVENTS = "SELECT event_id FROM offers_feedevent"
OPEN_OFFERS = "SELECT reference FROM offers_offer WHERE state = 'active'"
LETTERS = """
SELECT id::text, effect FROM lib_outboxentry
WHERE sent_at > current_setting('chaos.since')::timestamptz
"""
GIVEN_UP = "SELECT effect FROM lib_outboxentry WHERE given_up_at IS NOT NULL"
FAILED = """
SELECT 'document' FROM referrals_document WHERE state = 'echec'
UNION ALL SELECT 'print job' FROM referrals_printjob WHERE state = 'echec'
UNION ALL SELECT 'export' FROM accounts_export WHERE state = 'echec'
"""
WAITING = """
SELECT 'document' FROM referrals_document WHERE state IN ('attente', 'en_cours')
UNION ALL
SELECT 'print job' FROM referrals_printjob WHERE state IN ('attente', 'en_cours')
UNION ALL
SELECT 'export' FROM accounts_export WHERE state IN ('attente', 'en_cours')
UNION ALL
SELECT 'letter: ' || effect FROM lib_outboxentry
WHERE sent_at IS NULL AND dropped_at IS NULL AND given_up_at IS NULL
"""


@dataclass(frozen=True)
class StoredAct:
    kind: str
    pk: str
    key: str
    offer: str
    person: str
    is_live: bool
    # The adviser knows that the offer is withdrawn.
    is_announced: bool


class Rows:
    """``since``: the rows of the data that were there before do not count."""

    def __init__(self, since: datetime) -> None:
        self.link = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        setting = "SELECT set_config('chaos.since', %s, false)"
        self.link.execute(setting, [since.isoformat()])

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        return self.link.execute(statement.encode()).fetchall()

    def column(self, statement: str) -> list[str]:
        return [one for (one,) in self.all(statement)]

    def acts(self) -> list[StoredAct]:
        """Return the acts made since the work began."""
        return [StoredAct(*row) for row in self.all(ACTS)]


# Seconds after all parts are back: a lease of a minute, its sweep, and one more try.
LEAVES_WITHIN = 240.0
# Seconds after a part is back, for what still met its absence: a page spends seven on
# PostgreSQL, and waits some for its turn behind others.
GRACE = 10.0
# Seconds for any answer, unless the site itself is away: ten on a machine of its own.
SLOW = 25.0
# The parts whose absence a page may show: 503 with PostgreSQL, nothing with the site,
# or a 503: the time of a page for PostgreSQL goes by while its site is frozen.
SHOWN = {
    "web": {("web", NO_ANSWER), ("web", 503)},
    "feed": {("feed", NO_ANSWER), ("feed", 503)},
    "postgres": {("web", 503), ("feed", 503)},
}


def allow(slowness: float) -> None:
    """Let all take so many times longer, on a machine that other programs fill."""
    global LEAVES_WITHIN, GRACE, SLOW
    LEAVES_WITHIN, GRACE, SLOW = (
        slowness * one for one in (LEAVES_WITHIN, GRACE, SLOW)
    )


@dataclass(frozen=True)
class Outage:
    part: str
    how: str
    begun: float
    ended: float


def pk_of(path: str) -> str:
    return path.strip("/").rpartition("/")[2]


# --- Left waiting ------------------------------------------------------------------


def left_waiting(rows: Rows, done: Done) -> Iterator[str]:
    """Wait until all has left; yield what has not."""
    deadline = time.monotonic() + LEAVES_WITHIN
    while (waiting := count_waiting(rows, done)) and time.monotonic() < deadline:
        time.sleep(1)
    for what, count in waiting.items():
        yield f"{what}: {count} still wait {LEAVES_WITHIN:.0f} s after the last absence"
    for what, count in Counter(rows.column(FAILED)).items():
        yield f"{what}: {count} failed"
    for effect, count in Counter(rows.column(GIVEN_UP)).items():
        yield f"letter {effect}: {count} given up"


def count_waiting(rows: Rows, done: Done) -> Counter[str]:
    """Return what waits, advisers to be told of a withdrawal included."""
    found = Counter(rows.column(WAITING))
    silent = [
        act
        for act in rows.acts()
        if act.is_live and act.offer in done.withdrawn and not act.is_announced
    ]
    return found + Counter({"withdrawal under an act": len(silent)})


# --- Lost and doubled --------------------------------------------------------------


def lost_or_doubled(rows: Rows, done: Done) -> Iterator[str]:
    yield from acts(rows, done)
    handed, uploads = (Counter(rows.column(one)) for one in (HAND_OVERS, UPLOADS))
    for path in done.handed:
        if (times := handed[pk_of(path)]) != 1:
            yield f"hand-over of {path}: stored {times} times"
    for path in done.uploaded:
        if (times := uploads[pk_of(path)]) != 1:
            yield f"upload to {path}: stored {times} times"
    persons = Counter(rows.column(PERSONS))
    for name in done.persons:
        if persons[name] != 1:
            yield f"person {name}: stored {persons[name]} times"
    jobs = dict(rows.all(PRINT_JOBS))
    for key, path in done.jobs.items():
        if jobs.get(key) != pk_of(path):
            yield f"print job {path}: not stored"
    if len(jobs) > len(done.jobs):
        yield f"print jobs: {len(jobs)} stored for {len(done.jobs)}"
    exports = Counter(rows.column(EXPORTS))
    for identifier, count in done.exports.items():
        if exports[identifier] != count:
            yield f"exports of {identifier}: {exports[identifier]} stored for {count}"


def acts(rows: Rows, done: Done) -> Iterator[str]:
    """Yield the acts that are not there exactly once."""
    made = rows.acts()
    by_key = {act.key: act for act in made}
    for key, path in done.acts.items():
        if key not in by_key or by_key[key].pk != pk_of(path):
            yield f"act {path}: acknowledged, not stored"
    for act in made:
        if act.key not in done.acts:
            answer = done.refused.get(act.key, "nothing")
            yield f"{act.kind} {act.pk}: stored, answered {answer}"
    live = Counter((a.kind, a.offer, a.person) for a in made if a.is_live)
    for (kind, offer, person), count in live.items():
        if count > 1:
            yield f"{kind} of {person} on {offer}: {count} live"


def events(rows: Rows, done: Done) -> Iterator[str]:
    known = set(rows.column(EVENTS))
    for event in done.events - known:
        yield f"event {event}: acknowledged, not stored"
    for reference in done.withdrawn.keys() & set(rows.column(OPEN_OFFERS)):
        yield f"offer {reference}: open after an acknowledged withdrawal"


def letters(
    rows: Rows, done: Done, arrived: Received, outages: list[Outage]
) -> Iterator[str]:
    """Yield the letters that are lost or doubled, by what arrived."""
    sent = dict(rows.all(LETTERS))
    for pk in sent.keys() - arrived.at.keys():
        yield f"letter {sent[pk]} {pk}: marked as sent, never received"
    for pk in arrived.at.keys() - sent.keys():
        yield f"letter {pk}: received, not marked as sent"
    for pk, times in arrived.at.items():
        for before, after in pairwise(times):
            if not may_repeat(before, after, outages):
                yield f"letter {sent.get(pk)} {pk}: received twice, nothing was away"
    mailed = Counter(rows.column(MAILED))
    for path in done.mailed:
        if (count := mailed[pk_of(path)]) != 1:
            yield f"document of {path}: {count} e-mails for one hand-over"


def may_repeat(before: float, after: float, outages: Iterable[Outage]) -> bool:
    """Return whether its sender may have died before it could write that down.

    It comes again under its own number, by which its receiver knows it.
    """
    return any(
        one.part in {"worker", "postgres"}
        and one.begun - GRACE < after
        and before < one.ended + GRACE
        for one in outages
    )


def broken_rules(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what ``check_invariants`` says, if a rule is broken."""
    done = subprocess.run(
        [PYTHON, MANAGE, "check_invariants"],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines()]
        broken = [line for line in lines if not line.startswith("0 ")]
        yield f"check_invariants: {'; '.join(broken) or done.stderr[-300:]}"


# --- Answers -----------------------------------------------------------------------


def bad_answers(book: Book, outages: list[Outage]) -> Iterator[str]:
    """Yield, once each, the errors and the slowness that no absence explains."""
    found: Counter[str] = Counter()
    for one in book.sent:
        near = [out for out in outages if meets(one, out)]
        if is_bad(one):
            if not any(is_shown(one, out) for out in near):
                away = ", ".join(sorted({f"{out.part} {out.how}" for out in near}))
                what = one.status or "no answer"
                found[f"{one.what}: {what}, with {away or 'every part there'}"] += 1
        elif one.seconds > SLOW and not any(out.part == one.part for out in near):
            found[f"{one.what}: an answer after {one.seconds:.0f} s"] += 1
    for sentence, times in found.items():
        yield f"{sentence} ({times} times)"


def is_bad(sent: Sent) -> bool:
    return sent.status == NO_ANSWER or sent.status >= 500


def is_shown(sent: Sent, outage: Outage) -> bool:
    return (sent.part, sent.status) in SHOWN.get(outage.part, ())


def meets(sent: Sent, outage: Outage) -> bool:
    return outage.begun <= sent.ended and sent.begun <= outage.ended + GRACE


def seen(book: Book, outages: list[Outage]) -> dict[str, dict[str, Any]]:
    """Return what clients saw during each kind of absence."""
    table: dict[str, dict[str, Any]] = {}
    for out in outages:
        row = table.setdefault(
            f"{out.part} {out.how}",
            {"times": 0, "longest": 0.0, "sent": 0, "bad": Counter(), "slowest": 0.0},
        )
        row["times"] += 1
        row["longest"] = max(row["longest"], out.ended - out.begun)
        for one in book.sent:
            if one.begun <= out.ended and one.ended >= out.begun:
                row["sent"] += 1
                row["slowest"] = max(row["slowest"], one.seconds)
                if is_bad(one) and is_shown(one, out):
                    row["bad"][str(one.status or "no answer")] += 1
    return table
