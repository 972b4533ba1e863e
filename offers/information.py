"""The information sheet of an offer: made at its first reading, kept while it is good.

Consultation alone gives a right to it (annexe 1, art. 3.2): it is no act, names nobody
and leaves no trace in a person's file.
"""

import datetime as dt

from django.conf import settings
from django.db import transaction

from accounts import limits
from accounts.models import User
from offers import documents, tasks
from offers.models import Offer, OfferSheet
from opus.lib.printing import wake


def sheet_of(offer: Offer, *, by: User) -> OfferSheet:
    """The sheet of the offer's content of now, whose making begins where it lacks.

    Raises:
        limits.TooManyUses: the account had too many made within the hour.
    """
    new = OfferSheet(offer=offer)
    new.freeze(documents.information_body_of(offer))
    sheets = OfferSheet.objects.filter(offer=offer, html_sha256=new.html_sha256)
    if sheet := sheets.first():
        return sheet
    # A sheet already made costs nothing; each new one costs the worker some work.
    limits.count_use(
        limits.Use.SHEET,
        account=by.pk,
        window=dt.timedelta(hours=1),
        limit=settings.SHEETS_AN_HOUR,
    )
    with transaction.atomic():
        # Two readers at once make one: the later reads the row of the earlier.
        OfferSheet.objects.bulk_create([new], ignore_conflicts=True)
        sheet = sheets.get()
        wake(tasks.make_offer_sheet, sheet)
    return sheet


def print_again(sheet: OfferSheet) -> None:
    """Have a worker try again what failed."""
    if sheet.start_again():
        with transaction.atomic():
            wake(tasks.make_offer_sheet, sheet)
