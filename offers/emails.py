"""The letters about offers: what came in for a kept search (U5).

No subject and no address says what was searched: a name given to a search may hold
anything. Links lead to Opus alone, whatever an offer's title says.
"""

import datetime as dt
import re

from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Service
from offers.models import Offer, OfferSearch, SavedSearch
from offers.models.searches import MOST_NEWS
from offers.saved import stopping
from offers.saved.matching import matches_of
from offers.saved.news import came_in, count_each
from offers.saved.words import put_in_words
from offers.search import hits
from offers.templatetags.offers import FIXED
from opus.lib import outbox
from opus.lib.outbox import Button, Item

# A letter is a reason to open the search, not its results.
SHOWN = 10
# What a mail program would turn into a link of its own.
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+", re.IGNORECASE)


@outbox.mail("new-offers-of-searches")
def new_offers(*, searches: dict[str, str], until: str) -> EmailMessage | None:
    """What came in for one person's searches and is still open as the letter leaves.

    Nothing is said where nothing is left (3.1), nor to somebody whom the convention
    does not let consult offers today.

    Args:
        searches: the numbers of his searches, each with the instant it is told from.
    """
    kept = SavedSearch.objects.filter(pk__in=searches).with_alert()
    found = put_in_words(kept.select_related("account").order_by("name", "pk"))
    sound = [search for search in found if search.is_sound]
    if not sound or Service.CONSULTATION not in sound[0].account.services_today:
        return None
    last = dt.datetime.fromisoformat(until)
    windows = [
        (offers, dt.datetime.fromisoformat(searches[str(search.pk)]), last)
        for search, offers in zip(
            sound, matches_of([search.criteria for search in sound]), strict=True
        )
    ]
    for search, news in zip(sound, count_each(windows, MOST_NEWS + 1), strict=True):
        search.news = news
    with_news = [
        (search, came_in(*window))
        for search, window in zip(sound, windows, strict=True)
        if search.news
    ]
    if len(with_news) > 1:
        return of_several([search for search, _ in with_news])
    return of_one(*with_news[0]) if with_news else None


def of_one(search: SavedSearch, news: QuerySet[OfferSearch]) -> EmailMessage | None:
    """The new offers of one search, the latest ones by their titles."""
    rows = news.order_by("-created_at", "offer_id").only("pk")[: SHOWN + 1]
    offers = [hit.offer for hit in hits(rows)]
    if not offers:
        return None  # Withdrawn between two statements.
    return outbox.letter(
        to=search.account.email,
        subject="une nouvelle offre pour une de vos recherches"
        if search.news == 1
        else f"{search.shown_news} nouvelles offres pour une de vos recherches",
        template="emails/new_offers.txt",
        context={
            "search": search,
            "name": without_links(search.name),
            "hidden": len(offers) > SHOWN,
        },
        items=[item_of(offer) for offer in offers[:SHOWN]],
        button=Button("Ouvrir cette recherche", open_link(search)),
        stop=stopping.link_for([search]),
    )


def of_several(searches: list[SavedSearch]) -> EmailMessage:
    """Which searches have something new, how much; the offers wait behind each link."""
    return outbox.letter(
        to=searches[0].account.email,
        subject=f"de nouvelles offres pour {len(searches)} de vos recherches",
        template="emails/new_offers_of_several.txt",
        context={},
        items=[
            Item(
                f"{without_links(search.name)} : {search.shown_news} "
                f"nouvelle{'s offres' if search.news > 1 else ' offre'}",
                without_links(", ".join(search.parts)),
                open_link(search),
            )
            for search in searches
        ],
        button=Button("Voir mes recherches", outbox.link(reverse("saved_searches"))),
        stop=stopping.link_for(searches),
    )


def open_link(search: SavedSearch) -> str:
    return outbox.link(search.get_absolute_url())


def item_of(offer: Offer) -> Item:
    """One line: what it is, where, under which contract; nothing of the employer."""
    facts = [offer.place_label, offer.contract_label, f"offre n°{FIXED}{offer.pk}"]
    return Item(
        without_links(offer.title) or f"Offre n° {offer.pk}",
        " · ".join(filter(None, facts)),
        outbox.link(reverse("offer", args=[offer.pk])),
    )


def without_links(text: str) -> str:
    return " ".join(ADDRESS.sub("", text).split())
