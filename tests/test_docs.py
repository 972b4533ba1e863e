"""What the documents say is what the code does."""

import dataclasses
import datetime as dt
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from accounts.security.models import AT_ONCE, RGC_RULES, SIGNALS
from accounts.security.rules import WATCHES, Watch
from opus.lib.database.states import Stateful
from referrals.acts.models import Act
from tests.cases import each_case

STATES_PAGE = Path(settings.BASE_DIR, "docs", "states.md").read_text(encoding="utf-8")
MACHINES = [
    model
    for model in apps.get_models()
    if issubclass(model, Stateful) and hasattr(model, "MOVES")
]


def moves_told(label: str) -> dict[str, set[str]]:
    """The table of moves under the heading that names this model."""
    section = re.search(
        rf"^## .*`{label}`$(.*?)(?=^## |\Z)", STATES_PAGE, re.MULTILINE | re.DOTALL
    )
    assert section, f"docs/states.md has no section for {label}"
    moves: dict[str, set[str]] = defaultdict(set)
    for origin, target in re.findall(
        r"^\| (\w+) \| (\w+) \|", section[1], re.MULTILINE
    ):
        if origin != "From":
            moves[origin].add(target)
    return dict(moves)


def moves_of(model: type[Stateful]) -> dict[str, set[str]]:
    return {str(a): {str(b) for b in targets} for a, targets in model.MOVES.items()}


@each_case("model", MACHINES, ids=lambda model: model._meta.label)
def test_the_page_of_states_tells_the_moves_of_the_code(model):
    assert moves_told(model._meta.label) == moves_of(model)


@pytest.mark.django_db
@each_case("model", MACHINES, ids=lambda model: model._meta.label)
def test_postgresql_holds_the_same_moves(model):
    """R11."""
    kind = f"_{model.KIND}" if issubclass(model, Act) else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgargs FROM pg_trigger WHERE tgname = %s",
            [f"{model._meta.db_table}{kind}_moves"],
        )
        ((argument,),) = cursor.fetchall()
    held = json.loads(bytes(argument).rstrip(b"\0"))
    assert {origin: set(targets) for origin, targets in held.items()} == moves_of(model)


# --- The table of thresholds ----------------------------------------------------------


ACCESS_PAGE = Path(settings.BASE_DIR, "docs", "access.md").read_text(encoding="utf-8")
UNITS = {
    "min": dt.timedelta(minutes=1),
    "h": dt.timedelta(hours=1),
    "d": dt.timedelta(days=1),
}


def rows_of_detection() -> list[list[str]]:
    """What, from, within, level, to whom, fields."""
    section = ACCESS_PAGE.split("## Detection\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines][1:]


def read_value(text: str) -> int | dt.timedelta:
    number, _, unit = text.partition(" ")
    return int(number) * UNITS[unit] if unit else int(number)


def test_the_table_of_thresholds_is_the_codes():
    """S25, S39: every field with its value, and no other."""
    cells = [row[5] for row in rows_of_detection()]
    told = [pair for cell in cells for pair in re.findall(r"`(\w+)` = ([\w ]+)", cell)]

    assert len(told) == len(dict(told))
    assert {name: read_value(value) for name, value in told} == dataclasses.asdict(
        settings.DETECTION
    )


def test_the_table_of_thresholds_has_every_rule_with_its_window_and_readers():
    """S39."""
    told = {row[0]: (read_value(row[2]), row[3], row[4]) for row in rows_of_detection()}

    assert told == {
        str(each.rule.label): (each.window, level_of(each), readers_of(each))
        for each in WATCHES.values()
    }


def level_of(watch: Watch) -> str:
    if watch.rule not in SIGNALS:
        return "grave"
    return "signal, at once" if watch.rule in AT_ONCE else "signal"


def readers_of(watch: Watch) -> str:
    if level_of(watch) == "signal":
        return "digest"
    is_for_rgc = watch.subject == "compte" and watch.rule not in RGC_RULES
    return "FT, RGC" if is_for_rgc else "FT"


def test_a_row_of_the_table_that_says_its_threshold_says_the_right_one():
    """The words of the second column begin with the number of the field."""
    by_rule = {str(each.rule.label): each for each in WATCHES.values()}
    for what, start, *_ in rows_of_detection():
        if name := by_rule[what].threshold:
            assert start.split()[0] == str(getattr(settings.DETECTION, name)), what
