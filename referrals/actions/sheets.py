"""Documents once made: the sheet of a void one, another try after a failure."""

from django.db import transaction

from accounts.models import User
from opus.lib import audit
from opus.lib.printing import wake
from opus.lib.sheets import Sheet
from referrals import documents, tasks
from referrals.models import Document, EasyForm, EasySheet, VoidSheet


def current_sheet(document: Document) -> Sheet:
    """The document itself while it is good, else the sheet in its place."""
    return void_sheet_of(document) if document.is_void else document


@transaction.atomic
def void_sheet_of(document: Document) -> VoidSheet:
    """The sheet that stands in for a void document, made at its first reading."""
    since = document.void_since
    if since is None:
        raise ValueError("This document is not void.")
    sheet = document.void_sheets.filter(since=since).first()
    if sheet:
        return sheet
    new = VoidSheet(document=document, since=since)
    new.freeze(documents.void_body_of(document, since))
    # Two readers at once make one: the later reads the row of the earlier.
    VoidSheet.objects.bulk_create([new], ignore_conflicts=True)
    sheet = document.void_sheets.get(since=since)
    wake(tasks.make_void_sheet, sheet)
    return sheet


@transaction.atomic
def easy_sheet_of(document: Document, form: EasyForm) -> EasySheet:
    """A good document in large print or in plain words, made at its first asking."""
    sheet = document.easy_sheets.filter(form=form).first()
    if sheet:
        return sheet
    new = EasySheet(document=document, form=form)
    is_plain = form == EasyForm.PLAIN
    new.freeze(documents.plain_body_of(document.act) if is_plain else document.html)
    # Two who ask at once make one: the later reads the row of the earlier.
    EasySheet.objects.bulk_create([new], ignore_conflicts=True)
    sheet = document.easy_sheets.get(form=form)
    wake(tasks.make_easy_sheet, sheet)
    return sheet


@transaction.atomic
def print_again(document: Document, *, by: User) -> None:
    """Have a worker try again what failed, in whatever form."""
    sheet = current_sheet(document)
    if sheet.start_again():
        task = tasks.make_void_sheet if document.is_void else tasks.make_document
        wake(task, sheet)
    for easy in document.easy_sheets.all():
        if easy.start_again():
            wake(tasks.make_easy_sheet, easy)
    audit.record(
        audit.Action.DOCUMENT_REMADE,
        by=by,
        target=document,
        persons=[document.candidate_id],
    )
