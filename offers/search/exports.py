"""Export a search's open offers, 5 000 at most.

The newest come first. Contacts appear as on the offer's page: never if France Travail
preselects. The file gives its date: its offers may be withdrawn later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.utils import timezone

from accounts.enums import Service
from accounts.exports.models import Export
from accounts.security import personal_data_quotas
from accounts.users.models import User
from offers.catalogue.formatting import number
from offers.catalogue.models import Offer
from offers.catalogue.presenter import OfferPresenter
from offers.search.criteria import Criteria, Labels
from offers.search.results import matches_of
from opus.lib import exports
from opus.lib.background_files import NotAllowed, enqueue_file
from opus.lib.dates import date_format
from opus.lib.documents.spreadsheets import Format
from opus.lib.exports import MOST_ROWS, Table
from opus.lib.outbound import outbox

WHAT = "offers-of-search"
# Offers per query: a thousand, with their long texts, would fill the worker's memory.
READ_AT_ONCE = 250
BY_FRANCE_TRAVAIL = "Par France Travail, qui présélectionne"


def request_export(criteria: Criteria, *, by: User, file_format: Format) -> Export:
    """Create the file in the background. Raises CeilingReached (S25)."""
    query = criteria.with_page(1).query_string
    parts = Labels([criteria]).parts(criteria)
    title = ", ".join(["Offres", *parts]) if parts else "Toutes les offres"
    export = personal_data_quotas.export(
        by,
        WHAT,
        (),
        make=partial(
            Export.objects.create,
            account=by,
            what=WHAT,
            arguments={"query": query},
            title=title[:200],
            format=file_format,
        ),
        format=file_format.value,
    )
    assert export is not None  # noqa: S101 - it was given ``make``
    enqueue_file(export)
    return export


@exports.kind(WHAT, slug="offres")
def offers_of_search(export: Export) -> Table:
    """Return the table. Raises NotAllowed."""
    if Service.CONSULTATION not in export.account.services_today:
        raise NotAllowed
    criteria = Criteria.from_text(export.arguments["query"])
    [matches] = matches_of([criteria])
    newest = matches.order_by("-created_at", "offer_id").values_list("pk", flat=True)
    numbers = list(newest[: MOST_ROWS + 1])
    is_cut = len(numbers) > MOST_ROWS
    numbers = numbers[:MOST_ROWS]
    return Table(
        title="Offres",
        headings=tuple(COLUMNS),
        rows=rows_of(numbers),
        total=len(numbers),
        notes=partial(notes, export.title, is_cut, timezone.now()),
    )


def how_to_apply(offer: Offer) -> str:
    if not offer.shows_employer_contact:
        return BY_FRANCE_TRAVAIL
    contact = OfferPresenter(offer).contact
    return " ; ".join(f"{line.name} : {line.text}" for line in contact)


COLUMNS: dict[str, Callable[[Offer], object]] = {
    "N° d’offre": lambda offer: offer.pk,
    "Intitulé": lambda offer: offer.title,
    "Métier": lambda offer: offer.rome_label or offer.appellation,
    "Code ROME": lambda offer: offer.rome_code,
    "Entreprise": lambda offer: offer.company,
    "Lieu": lambda offer: offer.place_label,
    "Code postal": lambda offer: offer.postcode,
    "Contrat": lambda offer: offer.contract_label,
    "Nature du contrat": lambda offer: offer.nature_label,
    "Durée du travail": lambda offer: ", ".join(OfferPresenter(offer).hours),
    "Salaire": lambda offer: offer.salary_label,
    "Expérience": lambda offer: offer.experience_label,
    "Postes": lambda offer: "" if offer.posts is None else offer.posts,
    "Présélection": lambda offer: OfferPresenter(offer).mode,
    "Publiée ailleurs": lambda offer: "Oui" if offer.published else "Non",
    "Créée le": lambda offer: timezone.localdate(offer.created_at),
    "Actualisée le": lambda offer: timezone.localdate(offer.updated_at),
    "Pour candidater": how_to_apply,
    "Page de l’offre": lambda offer: outbox.link(offer.get_absolute_url()),
}


def rows_of(numbers: Sequence[str]) -> Iterator[Sequence[object]]:
    """Yield the rows of these offers, except those withdrawn since."""
    for start in range(0, len(numbers), READ_AT_ONCE):
        some = numbers[start : start + READ_AT_ONCE]
        rows = Offer.objects.active().defer("description", "skills_text")
        offers = rows.in_bulk(some)
        yield from (row_of(offers[pk]) for pk in some if pk in offers)


def row_of(offer: Offer) -> list[object]:
    return [value(offer) for value in COLUMNS.values()]


def notes(title: str, is_cut: bool, made_at: dt.datetime) -> list[str]:
    at = date_format(timezone.localtime(made_at), "j F Y à G \\h i")
    lines: list[Any] = [
        title,
        f"Offres ouvertes le {at}, d’après Opus. France Travail a pu en retirer "
        "depuis : vérifiez dans Opus avant de proposer une offre.",
    ]
    if is_cut:
        lines.append(
            f"Fichier limité aux {number(MOST_ROWS)} offres les plus récentes : "
            "d’autres répondaient à la recherche."
        )
    return lines
