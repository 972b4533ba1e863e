"""The last thirty offers that a person opened (U6)."""

import logging
from typing import Any

from django.db import DatabaseError, connection, transaction

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.enums import OfferState
from offers.page.models import SeenOffer
from offers.search.results import SHOWN, Hit

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
