"""``docs/widening.md`` says what the code decides (S39, ADR 28)."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from referrals.caseloads.actions import handover, stand_ins
from referrals.caseloads.models import CaseloadTransfer
from tests.accounts.factories import (
    AdviserFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.cases import each_case
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

PAGE = (Path(settings.BASE_DIR) / "docs/widening.md").read_text()
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.splitlines()
    if line.startswith(("| hand-over", "| closing", "| stand-in"))
]


def decided(gesture: str, actor: str, receiver: str) -> str:
    """Make the gesture, and say what it was, in the words of the page."""
    structure = StructureFactory()
    rgc, giver = RgcFactory(structure=structure), AdviserFactory(structure=structure)
    created_at = timezone.now() - dt.timedelta(days=1 if "new" in receiver else 20)
    to = AdviserFactory(structure=structure, created_at=created_at)
    if receiver == "himself":
        to = rgc
    by = {"RGC": rgc, "giver": giver, "staff": FtAdminFactory()}[actor]
    CandidateFactory.create_batch(21 if "many" in receiver else 20, adviser=giver)
    match gesture:
        case "hand-over":
            handover.hand_over(giver, by=by, others_to=to)
        case "closing with receivers":
            handover.close(giver, by=by, reason="depart", others_to=to)
        case "stand-in":
            days = timezone.localdate(), timezone.localdate() + dt.timedelta(days=30)
            stand_ins.confide(giver, to=to, starts_on=days[0], ends_on=days[1], by=by)
    made = CaseloadTransfer.objects.get()
    return f"at once: {made.at_once}" if made.at_once else "waits"


@each_case("row", ROWS)
def test_each_row_is_what_the_gesture_does(row):
    gesture, actor, receiver, outcome = row

    assert decided(gesture, actor, receiver) == outcome.partition(";")[0]


def test_the_page_has_every_limit_with_its_value():
    told = dict(re.findall(r"`(\w+)` = (\d+(?: \w)?)", PAGE))
    units = {"d": dt.timedelta(days=1), "h": dt.timedelta(hours=1)}
    limits = settings.HANDOVER

    def read(name: str, text: str):
        number, _, unit = text.partition(" ")
        if name == "waits_until":
            return dt.time(int(number))
        return int(number) * units[unit] if unit in units else int(number)

    assert {name: read(name, text) for name, text in told.items()} == vars(limits)
