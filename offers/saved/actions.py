"""What one does with one's searches: keep, rename, open, let go, stop the letters."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.models import User
from offers.criteria import Criteria
from offers.models import AlertPace, SavedSearch
from offers.models.searches import (
    LONGEST_QUERY,
    MOST_SEARCHES,
    NAME_TAKEN,
    SavedSearchQuerySet,
)
from offers.saved.clock import Settled
from opus.lib.states import MoveRefused


class NameTaken(MoveRefused):
    """Another of one's searches bears that name, whatever its case and accents."""

    def __init__(self) -> None:
        super().__init__(NAME_TAKEN)


class TooManyCriteria(MoveRefused):
    """The address of the search is longer than what a later reading takes."""

    def __init__(self) -> None:
        super().__init__(
            "Cette recherche a trop de critères pour être gardée : retirez-en."
        )


class SearchesFull(MoveRefused):
    """Twenty searches are kept already."""

    def __init__(self) -> None:
        super().__init__(
            f"Vous avez déjà {MOST_SEARCHES} recherches enregistrées : supprimez-en "
            "une pour en garder une autre."
        )


def query_of(criteria: Criteria) -> str:
    """What is kept of a search: its address, in one order and without the page."""
    return criteria.with_page(1).query_string


@transaction.atomic
def save_search(
    criteria: Criteria, *, by: User, name: str, alert: str = AlertPace.NONE
) -> SavedSearch:
    """Keep a search. What is open now is not new: the count begins at this instant.

    Raises:
        TooManyCriteria: it is too long to be kept.
        SearchesFull: twenty are kept. Counted under lock of the account's row, as the
            trigger counts again.
        NameTaken: another one bears this name.
    """
    if len(query_of(criteria)) > LONGEST_QUERY:
        raise TooManyCriteria
    mine = SavedSearch.objects.visible_to(by)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if mine.count() >= MOST_SEARCHES:
        raise SearchesFull
    search = SavedSearch(
        account=by,
        name=name,
        query=query_of(criteria),
        alert=alert,
        opened_at=Settled(),
        told_until=Settled(),
    )
    write(search)
    return search


@transaction.atomic
def change_search(search: SavedSearch, *, name: str, alert: str) -> None:
    """Another name, another pace. Letters tell what comes in from now on.

    Raises:
        NameTaken: another one bears this name.
    """
    if alert != search.alert:
        search.alert = alert
        search.told_until = Settled()
    search.name = name
    write(search)


def write(search: SavedSearch) -> None:
    """Save it; what the database refuses becomes a sentence."""
    try:
        with transaction.atomic():
            search.save()
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        match diagnosis and diagnosis.constraint_name:
            case "search_name_of_its_own":
                raise NameTaken from error
            case "searches_within_twenty":
                raise SearchesFull from error
        raise


def mark_opened(search: SavedSearch) -> None:
    """What came in until now has been seen."""
    SavedSearch.objects.filter(pk=search.pk).update(opened_at=Settled())


def stop_alerts(searches: SavedSearchQuerySet) -> int:
    """No more letters for these. Says how many had some."""
    return searches.with_alert().update(alert=AlertPace.NONE)
