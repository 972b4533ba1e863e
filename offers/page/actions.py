"""Make an offer's information sheet at its first reading.

Consultation suffices (annexe 1, art. 3.2): no act, no person named.
"""

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from accounts.signin import rate_limits
from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.enums import OfferState
from offers.page import documents
from offers.page.models import OfferDocument, SeenOffer
from offers.search.results import SHOWN, Hit
from opus.lib.background_files import enqueue_file


def document_of(offer: Offer, *, by: User) -> OfferDocument:
    """Return the sheet; a worker prints it. Raises TooManyUses."""
    new = OfferDocument(offer=offer)
    new.freeze(documents.information_body_of(offer))
    same = OfferDocument.objects.filter(offer=offer, html_sha256=new.html_sha256)
    if document := same.first():
        return document
    # Only new sheets cost the worker some work.
    rate_limits.count_use(
        rate_limits.Use.INFORMATION,
        account=by.pk,
        window=dt.timedelta(hours=1),
        limit=settings.SHEETS_AN_HOUR,
    )
    with transaction.atomic():
        # Two simultaneous readers make one: the later reads the row of the earlier.
        OfferDocument.objects.bulk_create([new], ignore_conflicts=True)
        document = same.get()
        enqueue_file(document)
    return document


def print_again(document: OfferDocument) -> None:
    if document.start_again():
        with transaction.atomic():
            enqueue_file(document)


logger = logging.getLogger(__name__)

KEPT = 30

REMEMBER = """
WITH old AS (
    SELECT offer_id FROM offers_seenoffer
    WHERE account_id = %(account)s AND offer_id <> %(offer)s
    ORDER BY at DESC, offer_id OFFSET %(others)s
), gone AS (
    DELETE FROM offers_seenoffer s USING old
    WHERE s.account_id = %(account)s AND s.offer_id = old.offer_id
)
INSERT INTO offers_seenoffer (account_id, offer_id, at)
VALUES (%(account)s, %(offer)s, clock_timestamp())
ON CONFLICT (account_id, offer_id) DO UPDATE SET at = excluded.at
"""


def remember(by: User, offer: Offer) -> None:
    """Put an offer first, drop the thirty-first; only log failures."""
    values: dict[str, Any] = {"account": by.pk, "offer": offer.pk, "others": KEPT - 1}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(REMEMBER, values)
    except DatabaseError as error:
        logger.warning("An opened offer was not noted: %s.", type(error).__name__)


def recently_seen(by: User, most: int = KEPT) -> list[Hit]:
    """Return the open offers of the list, latest first."""
    seen = SeenOffer.objects.filter(account=by.pk, offer__state=OfferState.ACTIVE)
    shown = seen.select_related("offer").only("at", *(f"offer__{one}" for one in SHOWN))
    return [Hit(one.offer, None) for one in shown.order_by("-at", "offer")[:most]]
