"""What a meeting reads first: what stands out, and when it next meets."""

from collections.abc import Iterator

from accounts.meetings.models import ReviewMeeting
from referrals.activity.rows import Table
from referrals.activity.scopes import Scope
from referrals.activity.tables import Activity
from referrals.activity.words import OTHER_COMMUNES, UNKNOWN


def next_meeting(scope: Scope) -> ReviewMeeting | None:
    if scope.structure is None:
        return None
    planned = ReviewMeeting.objects.to_come()
    return planned.filter(convention__structure=scope.structure).first()


def standouts_of(activity: Activity) -> Iterator[str]:
    """Return short sentences, from the shown numbers alone."""
    if activity.is_empty or activity.is_withheld:
        return
    _, _, waiting, to_hand, _ = activity.fates.parts
    for row, words in (
        (to_hand, "Documents non remis"),
        (waiting, "Propositions qui attendent une suite"),
    ):
        if row.cells[0].value:
            yield f"{words} : {row.cells[0]}."
    for words, table, most in (
        ("Mois les plus chargés", activity.months, 2),
        ("Métiers les plus proposés", activity.domains, 3),
        ("Communes les plus proposées", activity.communes, 3),
    ):
        if first := ", ".join(first_of(table, most)):
            yield f"{words}\N{NO-BREAK SPACE}: {first}."


def first_of(table: Table, most: int) -> list[str]:
    """Return its largest shown numbers, with their rows."""
    named = [
        row
        for row in table.parts
        if row.cells[0].value and row.label not in (UNKNOWN, OTHER_COMMUNES)
    ]
    named.sort(key=lambda row: -(row.cells[0].value or 0))
    return [f"{row.label} ({row.cells[0]})" for row in named[:most]]
