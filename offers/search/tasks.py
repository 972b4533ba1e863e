import datetime as dt

from celery import shared_task

from offers.catalogue.models import OfferSearch
from offers.search.models import Word
from offers.search.results import forget_misses
from offers.search.words import refresh_search
from opus.lib import jobs


# It reads the title of every offer twice: a million take a minute.
@shared_task(soft_time_limit=80, time_limit=85)
@jobs.exclusive("write-words-of-offers", every=dt.timedelta(days=1))
def write_words_of_offers() -> None:
    refresh_search()
    forget_misses()


@shared_task(expires=60)
def write_first_words() -> None:
    """Write the words of a new Opus with its offers."""
    if not Word.objects.exists() and OfferSearch.objects.exists():
        write_words_of_offers()
