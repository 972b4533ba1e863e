"""Celery finds the tasks of each subject here."""

from offers.feed.tasks import tidy_feed
from offers.page.tasks import delete_useless_documents, forget_seen_offers
from offers.pull.tasks import poll_offers, tidy_pull
from offers.search.tasks import write_first_words, write_words_of_offers
