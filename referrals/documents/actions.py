"""Documents: void versions, easy versions, another attempt after a failure."""

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef
from django.utils import timezone

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.audit.journal import Action, record
from opus.lib.background_files import FrozenDocument, enqueue_file
from opus.lib.database.states import MoveRefused
from referrals.acts.act_rights import kinds_going_on
from referrals.acts.models.acts import Act
from referrals.acts.paper_facts import facts_of
from referrals.documents import list_rows, rendering
from referrals.documents.models import Document, EasyDocument, EasyForm, VoidDocument


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
    enqueue_file(made)
    return made


@transaction.atomic
def easy_document_of(document: Document, form: EasyForm) -> EasyDocument:
    """Return the large-print or plain version, made on first use."""
    found = document.easy_documents.filter(form=form).first()
    if found:
        return found
    new = EasyDocument(document=document, form=form)
    new.freeze(plain_body_of(document) if form == EasyForm.PLAIN else document.html)
    # Two readers at once make one: the later reads the row of the earlier.
    EasyDocument.objects.bulk_create([new], ignore_conflicts=True)
    made = document.easy_documents.get(form=form)
    enqueue_file(made)
    return made


def plain_body_of(document: Document) -> str:
    """Return the plain words of the document's own instant."""
    # A document of version 1.0.0 kept none.
    return document.plain_html or rendering.plain_body_of(document.act)


def list_row_of(document: Document) -> str:
    """Return the document's line on the list of a person."""
    # A document of a version before 1.1.0 kept none.
    return document.row_html or list_rows.row_body_of(document.act)


@transaction.atomic
def print_again(document: Document, *, by: User) -> None:
    """Try again what failed, in every form."""
    for one in (current_document(document), *document.easy_documents.all()):
        if one.start_again():
            enqueue_file(one)
    persons = [document.candidate_id]
    record(Action.DOCUMENT_REMADE, by=by, target=document, persons=persons)


def why_not_renewed(act: Act) -> str:
    """Return why no version can follow the offer's change, or ""."""
    if not act.is_live:
        return "Cette proposition est terminée\u00a0: son document ne change plus."
    if act.offer_is_withdrawn:
        return (
            "France Travail a retiré l’offre\u00a0: il n’y a pas de nouvelle version à "
            "faire."
        )
    if act.KIND not in kinds_going_on(act.offer.mode, settings.ACTS_READING):
        return (
            f"L’offre est maintenant «\u00a0{act.offer.mode.label}\u00a0»\u00a0: elle "
            "demande une autre proposition. Annulez celle-ci, prévenez le candidat, "
            "puis proposez-lui de nouveau l’offre."
        )
    if act.is_past:
        return "Le rendez-vous est passé\u00a0: sa convocation ne change plus."
    return ""


@transaction.atomic
def renew_document(act: Act, *, by: User) -> Document:
    """Make the next version of a document that would say something else (art. 7).

    A document that says what is true stays. Raises MoveRefused: the act or the
    offer is over, or the offer's mode has no such act now.
    """
    act.offer = Offer.objects.select_for_update(no_key=True).get(pk=act.offer_id)
    act.lock()
    last: Document = act.document
    if not (last.void_at or last.changes or last.renewals):
        return last
    if why := why_not_renewed(act):
        raise MoveRefused(why)
    last.void(at=timezone.now())
    new = make_document(act, version=last.version + 1)
    persons = [act.candidate_id]
    record(Action.DOCUMENT_REMADE, by=by, target=new, persons=persons)
    return new


def make_document(act: Act, *, version: int = 1) -> Document:
    """Freeze the act's document, printed after commit (R6)."""
    acts = Act.objects.filter(pk=act.pk)
    facts = facts_of(OuterRef("offer"), OuterRef("candidate"))
    document = Document(
        act=act,
        candidate=act.candidate,
        version=version,
        title=rendering.title_of(act),
        created_at=timezone.now(),
        made_of=acts.values_list(facts, flat=True).get(),
    )
    document.freeze(
        rendering.body_of(act, version=version, made_at=document.created_at)
    )
    document.plain_html = rendering.plain_body_of(act)
    document.row_html = list_rows.row_body_of(act)
    document.save(force_insert=True)
    enqueue_file(document)
    return document
