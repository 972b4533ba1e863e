"""Make an offer's information sheet at its first reading.

Consultation suffices (annexe 1, art. 3.2): no act, no person named.
"""

import datetime as dt

from django.conf import settings
from django.db import transaction

from accounts.signin import rate_limits
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.page import documents
from offers.page.models import OfferDocument
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
