"""What the search learns from live offers: their words, their names of jobs."""

from offers.search.names import find_trades_of_labels, refresh_names
from offers.search.spelling import refresh_words


def refresh_search() -> None:
    refresh_words()
    refresh_names()
    find_trades_of_labels()
