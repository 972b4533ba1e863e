"""What the documents say is what the code does."""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from opus.lib.states import Stateful

STATES_PAGE = Path(settings.BASE_DIR, "docs", "states.md").read_text(encoding="utf-8")
MACHINES = [
    model
    for model in apps.get_models()
    if issubclass(model, Stateful) and not model._meta.abstract
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


@pytest.mark.parametrize("model", MACHINES, ids=lambda model: model._meta.label)
def test_the_page_of_states_tells_the_moves_of_the_code(model):
    assert moves_told(model._meta.label) == moves_of(model)


@pytest.mark.django_db
@pytest.mark.parametrize("model", MACHINES, ids=lambda model: model._meta.label)
def test_postgresql_holds_the_same_moves(model):
    """R11."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgargs FROM pg_trigger WHERE tgname = %s",
            [f"{model._meta.db_table}_moves"],
        )
        ((argument,),) = cursor.fetchall()
    held = json.loads(bytes(argument).rstrip(b"\0"))
    assert {origin: set(targets) for origin, targets in held.items()} == moves_of(model)
