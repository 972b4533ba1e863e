"""The letters about offers: what came in for a kept search (U5).

No subject and no address says what was searched: a name given to a search may hold
anything. Links lead to Opus alone, whatever an offer's title says.
"""

import datetime as dt
import re

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import Service
from offers.models import Offer, SavedSearch
from offers.models.searches import MOST_NEWS
from offers.saved.matching import matches_of
from offers.saved.news import came_in
from offers.saved.stopping import link_for
from offers.saved.words import put_in_words
from offers.search import hits
from offers.templatetags.offers import FIXED
from opus.lib import outbox
from opus.lib.outbox import Button, Item

# A letter is a reason to open the search, not its results.
SHOWN = 10
# What a mail program would turn into a link of its own.
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+", re.IGNORECASE)


@outbox.mail("new-offers-of-search")
def new_offers(*, search: str, since: str, until: str) -> EmailMessage | None:
    """What came in between two instants and is still open as the letter leaves.

    Nothing is said where nothing is left (3.1), nor to somebody whom the convention
    does not let consult offers today.
    """
    found = SavedSearch.objects.filter(pk=search).select_related("account").first()
    if found is None or not found.has_alert:
        return None
    if Service.CONSULTATION not in found.account.services_today:
        return None
    put_in_words([found])
    if not found.is_sound:
        return None
    [matches] = matches_of([found.criteria])
    window = dt.datetime.fromisoformat(since), dt.datetime.fromisoformat(until)
    rows = came_in(matches, *window).order_by("-created_at", "offer_id").only("pk")
    offers = [hit.offer for hit in hits(rows[: MOST_NEWS + 1])]
    if not offers:
        return None
    found.news = len(offers)
    return outbox.letter(
        to=found.account.email,
        subject="une nouvelle offre pour une de vos recherches"
        if len(offers) == 1
        else f"{found.shown_news} nouvelles offres pour une de vos recherches",
        template="emails/new_offers.txt",
        context={
            "person": found.account,
            "search": found,
            "name": without_links(found.name),
            "hidden": len(offers) > SHOWN,
        },
        items=[item_of(offer) for offer in offers[:SHOWN]],
        button=Button("Ouvrir cette recherche", outbox.link(found.get_absolute_url())),
        stop=link_for(found),
    )


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
