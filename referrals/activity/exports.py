"""The follow-up as files: numbers, acts, pack (art. 11).

The worker checks the rights again (``opus.lib.exports``, S25).
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst

from accounts.exports.models import Export
from accounts.security import personal_data_quotas
from accounts.users.models import User
from opus.lib import exports
from opus.lib.background_files import NotAllowed, enqueue_file
from opus.lib.dates import date_format
from opus.lib.exports import MOST_ROWS, Table
from referrals.activity import pack
from referrals.activity.counts import (
    TERRITORY,
    Period,
    Scope,
    acts_in,
    day_known,
    scope_of,
)
from referrals.activity.tables import Activity
from referrals.acts.models import Act

FIGURES, ACTS, PACK = "activity-figures", "activity-acts", "activity-pack"
TITLES = {
    FIGURES: "Suivi de l’activité",
    ACTS: "Mes propositions",
    PACK: "Dossier de bilan",
}
FIGURE_HEADINGS = ("Tableau", "Ligne", "Mesure", "Valeur")
ACT_HEADINGS = (
    "N° de la proposition",
    "Type de proposition",
    "Fait le",
    "Document remis le",
    "État",
    "Suite",
    "Date de la suite",
    "N° d’offre",
    "Intitulé de l’offre",
    "Candidat",
)


def may_pack(scope: Scope) -> bool:
    """Return whether these acts are of one structure."""
    return not scope.is_own and scope.slug != TERRITORY


def request_export(
    what: str, scope: Scope, period: Period, *, by: User, file_format: str
) -> Export:
    """Create a background file. Raises CeilingReached: five files today (S25)."""
    acts = acts_in(scope, period) if what == ACTS else Act.objects.none()
    persons = set(acts.values_list("candidate", flat=True))
    export = personal_data_quotas.export(
        by,
        what,
        persons,
        make=partial(
            Export.objects.create,
            account=by,
            what=what,
            arguments={"scope": scope.slug, **period.query},
            title=f"{TITLES[what]} : {scope.label}, {period}"[:200],
            format=file_format,
        ),
        format=str(file_format),
    )
    assert export is not None  # noqa: S101 - it was told to make one
    enqueue_file(export)
    return export


def acts_of_export(export: Export) -> tuple[Scope, Period]:
    """Return the acts of an export.

    Raises NotAllowed: closed, suspended, out of convention, or another's acts.
    """
    account = export.account
    is_open = account.is_active and (account.is_staff or account.services_today)
    scope = scope_of(account, export.arguments["scope"]) if is_open else None
    if scope is None:
        raise NotAllowed
    return scope, scope.period_of(export.arguments)


@exports.kind(FIGURES, slug="suivi")
def figures(export: Export) -> Table:
    """Return all tables of the page in one. Raises NotAllowed."""
    activity = Activity(*acts_of_export(export))
    rows = [
        (table.title, row.label, column, cell.cell)
        for table in activity.tables
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    return Table(
        title="Suivi",
        headings=FIGURE_HEADINGS,
        rows=iter(rows),
        total=len(rows),
        notes=lambda: activity.notes,
    )


@exports.kind(ACTS, slug="actes")
def own_acts(export: Export) -> Table:
    """Return one's own acts, the last first.

    Raises NotAllowed: see ``acts_of_export``; or not one's own acts.
    """
    scope, period = acts_of_export(export)
    if not scope.is_own:
        raise NotAllowed
    mine = acts_in(scope, period).select_related("candidate").whole()
    latest = mine.annotate(known_on=day_known()).order_by("-created_at", "number")
    acts = list(latest[: MOST_ROWS + 1])
    at = date_format(timezone.localtime(), "j F Y à G \\h i")
    notes = [
        f"Propositions faites de {period}, pour les candidats que vous accompagnez le "
        f"{at}, d’après Opus.",
        "Ce fichier nomme des personnes : gardez-le le temps du besoin (convention, "
        "art. 9 et 10).",
    ]
    if len(acts) > MOST_ROWS:
        notes.append(f"Fichier limité aux {MOST_ROWS} propositions les plus récentes.")
    return Table(
        title="Propositions",
        headings=ACT_HEADINGS,
        rows=(row_of(act) for act in acts[:MOST_ROWS]),
        total=min(len(acts), MOST_ROWS),
        notes=lambda: notes,
    )


def row_of(act: Act) -> Sequence[object]:
    outcome, state = act.outcome, act.get_state_display()
    # Without an outcome of its own, the state is what came of the act.
    known_on: Any = getattr(act, "known_on", None)
    return (
        act.number,
        capfirst(act.nature),
        timezone.localdate(act.created_at),
        act.handed_over_on or "",
        state,
        str(outcome or (state if known_on else "")),
        known_on or "",
        act.offer_id,
        act.offer.title,
        str(act.candidate),
    )


@exports.kind(PACK, slug="dossier-de-bilan")
def review_pack(export: Export) -> bytes:
    """Return the pack of a review meeting: masked, whoever prepares it.

    Raises NotAllowed: see ``acts_of_export``; or not of one structure.
    """
    scope, _ = acts_of_export(export)
    if not may_pack(scope):
        raise NotAllowed
    both = scope.for_both_parties
    return pack.make(Activity(both, both.period_of(export.arguments)))
