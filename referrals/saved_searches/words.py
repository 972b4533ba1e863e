from collections.abc import Iterable

from offers.search.criteria import Criteria
from offers.search.labels import Labels
from referrals.saved_searches.models import LONGEST_NAME, SavedSearch


def put_in_words(searches: Iterable[SavedSearch]) -> list[SavedSearch]:
    """Add the criteria in words to each search (``parts``, ``unread``)."""
    searches = list(searches)
    for search in searches:
        search.criteria = Criteria.from_text(search.query)
    dictionary = Labels(search.criteria for search in searches)
    for search in searches:
        search.parts = dictionary.parts(search.criteria)
        search.unread = dictionary.unread(search.criteria)
    return searches


def propose_name(criteria: Criteria) -> str:
    """Return a name made of the criteria, cut to fit."""
    name = ""
    for part in Labels([criteria]).parts(criteria):
        longer = f"{name}, {part.strip('« »')}" if name else part.strip("« »")
        if len(longer) > LONGEST_NAME:
            break
        name = longer
    return (name or criteria.words)[:LONGEST_NAME].strip()
