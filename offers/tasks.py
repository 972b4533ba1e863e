"""Celery finds the tasks of each subject here."""

from offers.feed.tasks import tidy_feed
from offers.pull.tasks import poll_offers, tidy_pull
from offers.search.tasks import write_first_words, write_words_of_offers
from offers.tasks_page import delete_useless_documents, forget_seen_offers
