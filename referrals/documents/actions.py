"""Documents: void versions, easy versions, another attempt after a failure."""

from django.db import transaction
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.audit.journal import Action, record
from opus.lib.files.frozen_documents import FrozenDocument
from opus.lib.files.tasks import wake
from referrals.acts.models.acts import Act
from referrals.documents import rendering
from referrals.documents.models import (
    Document,
    EasyDocument,
    EasyForm,
    VoidDocument,
    field_of,
)


def current_document(document: Document) -> FrozenDocument:
    return void_document_of(document) if document.is_void else document


@transaction.atomic
def void_document_of(document: Document) -> VoidDocument:
    """Return a void document's replacement, made on first use."""
    since = document.void_since
    if since is None:
        raise ValueError("This document is not void.")
    found = document.void_documents.filter(since=since).first()
    if found:
        return found
    new = VoidDocument(document=document, since=since)
    new.freeze(rendering.void_body_of(document, since))
    # Two readers at once make one: the later reads the row of the earlier.
    VoidDocument.objects.bulk_create([new], ignore_conflicts=True)
    made = document.void_documents.get(since=since)
    wake(made)
    return made


@transaction.atomic
def easy_document_of(document: Document, form: EasyForm) -> EasyDocument:
    """Return the large-print or plain version, made on first use."""
    found = document.easy_documents.filter(form=form).first()
    if found:
        return found
    new = EasyDocument(document=document, form=form)
    is_plain = form == EasyForm.PLAIN
    new.freeze(rendering.plain_body_of(document.act) if is_plain else document.html)
    # Two readers at once make one: the later reads the row of the earlier.
    EasyDocument.objects.bulk_create([new], ignore_conflicts=True)
    made = document.easy_documents.get(form=form)
    wake(made)
    return made


@transaction.atomic
def print_again(document: Document, *, by: User) -> None:
    """Try again what failed, in every form."""
    for one in (current_document(document), *document.easy_documents.all()):
        if one.start_again():
            wake(one)
    persons = [document.candidate_id]
    record(Action.DOCUMENT_REMADE, by=by, target=document, persons=persons)


def make_document(act: Act, *, version: int = 1) -> Document:
    """Freeze the act's document, printed after commit (R6)."""
    document = Document(
        **{field_of(act): act},
        candidate=act.candidate,
        version=version,
        title=rendering.title_of(act),
        created_at=timezone.now(),
    )
    document.freeze(
        rendering.body_of(act, version=version, made_at=document.created_at)
    )
    document.save(force_insert=True)
    wake(document)
    return document
