"""Odd addresses, odd queries, odd forms, odd methods: an answer, never a breakdown.

Drawn from the URL list and from the forms of the pages: what is new is tried by itself.
``bin/test --thorough`` tries every part, parameter and field, role by role, with the
worst values and some of the others, drawn anew by each run (``--randomly-seed=N``
repeats one).
"""

import copy
import dataclasses
import itertools
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from opus.lib.web import PROBES
from tests.forms import Form, forms_of, read_forms
from tests.pages import act_paths, desk_paths, is_page
from tests.refusals import SECRET, is_aside, refused_forms
from tests.routes import routes
from tests.test_access_matrix import TABLE, Cast
from tests.walk import FILLERS

pytestmark = [pytest.mark.django_db, pytest.mark.thorough, pytest.mark.timeout(3_600)]

STAFF = {"agent", "ft_admin"}
ROLES = ("anonymous", "adviser", "rgc", "agent", "ft_admin")
# Longer, and somebody waits before a page that says nothing.
SECONDS = 2.0
LONG = "x" * 3_000
# What broke something once, here or elsewhere.
WORST = ("\0", LONG, "9" * 40, "²", "\udce9")
OTHERS = (
    "",
    "-1",
    "0",
    "1e999",
    "NaN",
    "9" * 5_000,
    "2147483648",
    "99999-99-99",
    "9999-12-31",
    "0001-01-01",
    "24:61",
    "00000000-0000-0000-0000-000000000000",
    "'\"<script>%s{{x}}{%",
    "../../../etc/passwd",
    "a\r\nb",
    "\u202e\ufeff\uffff",
    "👩‍🦽",
    "[" * 2_000,
    '{"a": 1}',
)
# How many of the others one run tries in one place.
SOME = 2
PLACEHOLDER = re.compile(r"<(?:(\w+):)?(\w+)>")
NAME = re.compile(r'<(?:input|select|textarea|button)[^>]*\bname="([^"]+)"')
QUERY = re.compile(r'href="[^"?]*\?([^"#]+)"')
# Beside what a page shows: pages, orders, returns, the admin's own.
NAMES = (
    *("page", "q", "next", "retour", "suite", "etat", "tri", "o", "p", "e", "all"),
    *("_changelist_filters", "objet", "amendment", "structure", "personne", "offre"),
)
# Decoded once by the address, a second time by who reads an address in it.
TWICE = ("q=%00", "state__exact=%00", "id__exact=1e999", "%2500", "/offres/?q=%2500")
# What a page of ours writes in a field that nobody sees, written by hand.
HIDDEN = (
    *('{"v": 1e999, "f": {}}', '{"v": NaN, "f": {}}', '{"v": [], "f": 1}'),
    *("9" * 5_000, "1e999", "Infinity", "_00", "%00", "1:1e999", "²", "\0"),
)
# Keys that no row has, of every kind of key.
KEYS = ("autre", "\0", "_00", "-1", "1e999", "9" * 40, "9" * 5_000, "²", LONG)
ODD_METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
PROXY_METHODS = ("OPTIONS", "CONNECT", "TRACE", "PROPFIND", "QUERY", "GET")
# Without a slash, as a web server passes them on; and others that lead nowhere.
ODD_ADDRESSES = ("*", "", "opus.example:443", "//", "/%2e%2e/", "http://autre.example/")


@dataclasses.dataclass
class Walker:
    """Somebody who tries addresses; what they did is undone before the next one."""

    client: Client
    faults: list[str] = dataclasses.field(default_factory=list)
    count: int = 0
    is_timed: bool = False

    def send(
        self, method: str, address: str, data: Any = None, *, is_again: bool = False
    ) -> Any:
        cookies = copy.deepcopy(self.client.cookies)
        undone = transaction.atomic()
        undone._from_testcase = True
        begun = time.monotonic()
        told = f"{method} {address[:150]} {short(data)}".strip()
        with undone:
            kind = {} if data is None else {"data": data}
            try:
                response = getattr(self.client, method.lower())(address, **kind)
            except pytest.fail.Exception as error:  # An undefined variable.
                self.faults.append(f"{told}: {error}")
                response = HttpResponse()
            transaction.set_rollback(True)
        lasted = time.monotonic() - begun
        self.client.cookies = cookies
        self.count += 1
        if self.is_timed and lasted > SECONDS and not is_again:
            # The machine may have been busy with something else: once more.
            return self.send(method, address, data, is_again=True)
        if response.status_code >= 500:
            error = response.exc_info[1] if response.exc_info else None
            self.faults.append(f"{told}: {response.status_code} {error!r:.200}")
        if self.is_timed and lasted > SECONDS:
            self.faults.append(f"{told}: {lasted:.1f} s")
        return response


def some() -> tuple[str, ...]:
    """The worst values, and of the others each run others."""
    return (*WORST, *random.sample(OTHERS, SOME))


def conclude(walk: Walker) -> None:
    """Tell how many requests were sent, and fail on what broke down."""
    sys.stdout.write(f"{walk.count} odd requests\n")
    assert not walk.faults, "\n".join(walk.faults)


def short(data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    return " ".join(f"{name}={ascii(value)[:30]}" for name, value in data.items())[:300]


def walker(role: str, cast: Cast, *, is_timed: bool = False) -> Walker:
    client = cast.client(role)
    client.raise_request_exception = False
    return Walker(client, is_timed=is_timed)


def pages(role: str, cast: Cast) -> list[str]:
    """The addresses that this role may be shown."""
    if role in STAFF:
        return list(desk_paths())
    told = [cast.url(route) for method, route in TABLE if method == "GET"]
    return [*told, *act_paths(cast)] if role != "anonymous" else told


def encoded(value: str) -> str:
    return quote(value, safe="", errors="surrogateescape")


def odd_paths(route: str, values: Sequence[str]) -> Iterator[str]:
    """The route with one of its parts odd, the others sound."""
    if "(?P" in route or "^" in route or ".*" in route:
        return
    parts = list(PLACEHOLDER.finditer(route))
    for odd in parts:
        for value in values:
            yield PLACEHOLDER.sub(
                lambda found, odd=odd, value=value: (
                    encoded(value)
                    if found[2] == odd[2]
                    else FILLERS.get(found[1] or "str", "188VMCV")
                ),
                route,
            )


def names_in(response: Any) -> list[str]:
    """The parameters that a page sends or links to."""
    if not is_page(response):
        return list(NAMES)
    html = response.content.decode()
    linked = (
        name
        for query in QUERY.findall(html)
        for name, _ in parse_qsl(unescape(query), keep_blank_values=True)
    )
    return list(dict.fromkeys([*NAMES, *NAME.findall(html), *linked]))


def queries(names: list[str], value: str) -> str:
    return urlencode(dict.fromkeys(names, value), errors="surrogateescape")


def fuzz_fields(walk: Walker, form: Form, value: str, names: list[str]) -> None:
    """Send the form with these fields odd; what was typed comes back with a refusal."""
    # Of what a browser sends: no half of a character.
    value = value.encode(errors="replace").decode()
    sent = form.values | form.button | {name: [value] for name in names}
    response = walk.send("POST", form.action, sent)
    if not is_page(response) or not refused_forms(response):
        return
    lost = losses(form, response, value, names)
    walk.faults += [f"POST {form.action} {name}: lost {value[:20]!r}" for name in lost]


def losses(form: Form, response: Any, value: str, names: list[str]) -> Iterator[str]:
    """The fields whose text did not come back."""
    if "\0" in value or "\r" in value or not value.isprintable():
        return  # HTML has no such characters.
    kept = max(
        read_forms(form.action, response.content.decode()),
        key=lambda other: len(other.names & form.names),
    )
    for name in set(names) & {*form.typed}:
        if any(part in name for part in SECRET):
            continue
        if kept.values.get(name) != [value]:
            yield name


def own_forms(response: Any, seen: set[Any]) -> Iterator[Form]:
    """The forms of a page that were not met on a page of its kind."""
    if not is_page(response):
        return
    for form in forms_of(response):
        found = response.resolver_match
        kind = (found and found.route, frozenset(form.names))
        if kind not in seen and not is_aside(form):
            seen.add(kind)
            yield form


@pytest.mark.parametrize("role", ROLES)
def test_odd_parts_of_addresses_are_answered(role):
    """R13, S19."""
    walk = walker(role, Cast(), is_timed=True)
    for route, _ in routes():
        for path in odd_paths(route, some()):
            walk.send("GET", path)
        for path in odd_paths(route, random.sample(WORST, 1)):
            walk.send("POST", path, {})

    conclude(walk)
    assert walk.count > 500


@pytest.mark.parametrize("role", ROLES)
def test_odd_parameters_are_answered(role):
    """R13."""
    cast = Cast()
    walk = walker(role, cast, is_timed=True)
    for path in pages(role, cast):
        sign = "&" if "?" in path else "?"
        names = names_in(walk.send("GET", path))
        for value in some():
            walk.send("GET", f"{path}{sign}{queries(names, value)}")
        for name in names:
            value = random.choice(WORST)
            walk.send("GET", f"{path}{sign}{queries([name], value)}")

    conclude(walk)
    assert walk.count > 500


@pytest.mark.parametrize("role", ROLES)
def test_odd_forms_are_answered_and_nothing_typed_is_lost(role):
    """R13, A5."""
    cast = Cast()
    walk = walker(role, cast, is_timed=True)
    seen: set[Any] = set()
    for path in pages(role, cast):
        for form in own_forms(walk.send("GET", path), seen):
            for value in some():
                fuzz_fields(walk, form, value, form.typed)
                fuzz_fields(walk, form, value, [*form.names, "next", "autre"])
            for name in form.names:
                fuzz_fields(walk, form, random.choice(some()), [name])

    conclude(walk)
    assert walk.count > 100


@pytest.mark.parametrize("role", ROLES)
def test_what_only_a_hand_writes_is_answered(role):
    """R13: hidden fields, keys, actions of lists, addresses within addresses."""
    cast = Cast()
    walk = walker(role, cast)
    seen: set[Any] = set()
    for path in pages(role, cast):
        response = walk.send("GET", path)
        sign = "&" if "?" in path else "?"
        for value in TWICE:
            walk.send("GET", f"{path}{sign}{queries(names_in(response), value)}")
        for form in own_forms(response, seen):
            for name, value in itertools.product(form.hidden, HIDDEN):
                fuzz_fields(walk, form, value, [name])
            for name in form.choices:
                fuzz_fields(walk, form, random.choice(KEYS), [name])
        act_on_rows(walk, path, response)

    conclude(walk)
    assert walk.count > 500


def act_on_rows(walk: Walker, path: str, response: Any) -> None:
    """Press each action of the desk's list on rows that it does not show."""
    if not is_page(response) or b'name="_selected_action"' not in response.content:
        return
    lists = [form for form in forms_of(response) if "select_across" in form.values]
    for form in lists:
        actions = [*filter(None, form.choices.get("action", [])), "autre", "\0"]
        for action, key in itertools.product(actions, KEYS):
            sent = {"action": [action], "_selected_action": [key]}
            for odd in ("0", "9" * 40, "-1", "²"):
                more = {"index": odd, "select_across": odd}
                walk.send("POST", path, form.values | sent | more)


@pytest.mark.parametrize("role", ROLES)
def test_a_method_with_an_address_of_no_page_is_answered(role):
    """« OPTIONS * », « CONNECT opus.example:443 »."""
    walk = walker(role, Cast())
    for method, address in itertools.product(PROXY_METHODS, ODD_ADDRESSES):
        response = walk.client.generic(method, "/", PATH_INFO=address)
        walk.count += 1
        if response.status_code >= 500:
            walk.faults.append(f"{method} {address}: {response.status_code}")

    conclude(walk)
    assert walk.count == len(PROXY_METHODS) * len(ODD_ADDRESSES)


# --- Methods -------------------------------------------------------------------------


def odd_methods(walk: Walker, found: list[str], methods: tuple[str, ...]) -> set[str]:
    """Try methods that no browser sends: a 405, or the door's own answer."""
    met = set()
    for path in found:
        asked = walk.send("GET", path)
        met.add(asked.resolver_match.route if asked.resolver_match else path)
        for method in methods:
            response = walk.send(method, path)
            is_page = b"<h1>" in response.content or path in PROBES
            is_refused = response.status_code == 405 and response["Allow"] and is_page
            is_closed = asked.status_code in {302, 403, 404, 410}
            if not is_refused and not (
                is_closed and response.status_code == asked.status_code
            ):
                walk.faults.append(f"{method} {path}: {response.status_code}")
    return met


@pytest.mark.parametrize("role", ROLES)
def test_a_method_that_no_browser_sends_is_a_405_and_does_nothing(role):
    """Every address, each register of the desk: none acts, none breaks down."""
    cast = Cast()
    walk = walker(role, cast, is_timed=True)
    found = pages(role, cast)
    posted = [cast.url(route) for method, route in TABLE if method == "POST"]
    addresses = dict.fromkeys([*found, *(posted if role not in STAFF else [])])

    met = odd_methods(walk, list(addresses), ODD_METHODS)
    for path in found:
        asked = walk.send("GET", path)
        if walk.send("HEAD", path).status_code != asked.status_code:
            walk.faults.append(f"HEAD {path}")

    conclude(walk)
    assert len(met) > 60
