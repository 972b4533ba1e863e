"""The e-mail about new offers (U5, 3.9).

No search name, no person's name in subjects and URLs (V17, V18).
"""

import datetime as dt
import re
from collections.abc import Iterable
from uuid import UUID

from django.core import signing
from django.core.mail import EmailMessage
from django.db.models import Q
from django.urls import reverse

from accounts.enums import Service
from accounts.users.models import User
from offers.catalogue.formatting import FIXED, contract, number
from offers.catalogue.models import Offer
from offers.catalogue.presenter import place_of
from offers.search.results import open_offers
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, Item
from referrals.candidates.models import Candidate
from referrals.saved_searches.matching import (
    News,
    Offers,
    count_all,
    new_offers_of,
    put_in_words,
)
from referrals.saved_searches.models import SavedSearch, SavedSearchQuerySet

SALT = "referrals.saved_searches.emails"
LASTS = dt.timedelta(days=365)


def link_for(reader: User, searches: Iterable[SavedSearch]) -> str:
    own = [search.pk.hex for search in searches if search.account_id]
    for_persons = any(search.candidate_id for search in searches)
    token = signing.dumps([reader.pk, own, for_persons], salt=SALT)
    return outbox.link(reverse("saved_search_stop", args=[token]))


def read(token: str) -> tuple[User, SavedSearchQuerySet] | None:
    """Return a link's account and searches, or None."""
    try:
        pk, own, for_persons = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    reader = User.objects.filter(pk=pk).first()
    if reader is None:
        return None
    chosen = Q(pk__in=map(UUID, own))
    if for_persons:
        chosen |= Q(candidate__isnull=False)
    return reader, SavedSearch.objects.visible_to(reader).filter(chosen)


# Few, because the e-mail only invites to open the search.
SHOWN = 10
# Texts that a mail program would turn into a link.
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+", re.IGNORECASE)


@outbox.mail("new-offers-of-searches")
def new_offers(
    *, reader: int, searches: dict[str, str], until: str
) -> EmailMessage | None:
    """Return an account's e-mail, or None (3.1).

    ``searches``: search number → start of its news.
    """
    account = User.objects.get(pk=reader)
    if Service.CONSULTATION not in account.services_today:
        return None
    rows = SavedSearch.objects.emailed_to(account).filter(pk__in=searches)
    found = put_in_words(rows.select_related("candidate"))
    new = new_offers_of(
        found,
        lambda search: dt.datetime.fromisoformat(searches[str(search.pk)]),
        dt.datetime.fromisoformat(until),
    )
    own = [search for search in found if search.account_id and search.pk in new]
    counts = zip(own, count_all([[new[search.pk]] for search in own]), strict=True)
    mine = [(search, news) for search, news in counts if news.offers]
    people: dict[Candidate, list[Offers]] = {}
    for search in found:
        if search.candidate and search.pk in new:
            people.setdefault(search.candidate, []).append(new[search.pk])
    persons = [
        (person, news)
        for person, news in zip(people, count_all(people.values()), strict=True)
        if news.offers
    ]
    stop = link_for(account, found)
    if len(mine) == 1 and not persons:
        [(search, news)] = mine
        return of_one(account, search, new[search.pk], stop)
    return of_several(account, mine, persons, stop) if mine or persons else None


def of_one(
    account: User, search: SavedSearch, new: Offers, stop: str
) -> EmailMessage | None:
    count = new.count()
    newest = new.order_by("-created_at", "pk").values_list("pk", flat=True)
    offers = list(open_offers(newest[:SHOWN]).values())
    if not offers:
        return None  # Withdrawn between two statements.
    return outbox.compose_email(
        to=account.email,
        subject="une nouvelle offre pour une de vos recherches"
        if count == 1
        else f"{number(count)} nouvelles offres pour une de vos recherches",
        template="referrals/saved_searches/emails/new_offers.txt",
        context={
            "count": count,
            "name": without_links(search.name),
            "hidden": count > SHOWN,
        },
        items=[item_of(offer) for offer in offers],
        button=Button("Voir cette recherche", outbox.link(search.get_absolute_url())),
        stop=stop,
    )


def of_several(
    account: User,
    mine: list[tuple[SavedSearch, News]],
    persons: list[tuple[Candidate, News]],
    stop: str,
) -> EmailMessage:
    whom = []
    if mine:
        whom.append(f"{len(mine)} de vos recherches" if mine[1:] else "vos recherches")
    if persons:
        whom.append("des candidats que vous accompagnez")
    items = [
        Item(
            f"{without_links(search.name)} : {in_words(news)}",
            without_links(", ".join(search.parts)),
            outbox.link(search.get_absolute_url()),
            section="Vos recherches" if persons else "",
        )
        for search, news in mine
    ]
    items += [
        Item(
            f"{person.initials} : {in_words(news)}",
            worth_a_look(news),
            outbox.link(reverse("candidate_offers", args=[person.pk])),
            section="Les candidats que vous accompagnez" if mine else "",
        )
        for person, news in persons
    ]
    page = ("saved_searches", "Voir mes recherches")
    if not mine:
        page = ("candidates", "Voir mes candidats")
    return outbox.compose_email(
        to=account.email,
        subject=f"de nouvelles offres pour {' et pour '.join(whom)}",
        template="referrals/saved_searches/emails/new_offers_of_several.txt",
        context={},
        items=items,
        button=Button(page[1], outbox.link(reverse(page[0]))),
        stop=stop,
    )


def in_words(news: News) -> str:
    """Format « 1 878 nouvelles offres »."""
    plural = "s" if news.offers > 1 else ""
    return f"{number(news.offers)} nouvelle{plural} offre{plural}"


def worth_a_look(news: News) -> str:
    """Format « dont 2 non publiées ailleurs »."""
    unpublished, few = news.unpublished, news.few_candidates
    marks = []
    if unpublished:
        plural = "s" if unpublished > 1 else ""
        marks.append(f"{number(unpublished)} non publiée{plural} ailleurs")
    if few:
        marks.append(f"{number(few)} avec peu de candidats")
    return f"dont {', '.join(marks)}" if marks else ""


def item_of(offer: Offer) -> Item:
    facts = [
        place_of(offer),
        contract(offer.contract_label),
        f"offre n°{FIXED}{offer.pk}",
    ]
    return Item(
        without_links(offer.title) or f"Offre n° {offer.pk}",
        " · ".join(filter(None, facts)),
        outbox.link(reverse("offer", args=[offer.pk])),
    )


def without_links(text: str) -> str:
    return " ".join(ADDRESS.sub("", text).split())
