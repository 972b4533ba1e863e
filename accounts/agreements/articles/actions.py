"""Publish a model text, prepare and sign a convention, keep its scan."""

import datetime as dt

from django.db import transaction

from accounts.agreements.articles import documents
from accounts.agreements.articles.models import (
    AgreementDocument,
    ModelText,
    SignedCopy,
    digest_of,
)
from accounts.agreements.jobs import check_staff, lock
from accounts.agreements.models.conventions import (
    UNSIGNED_STATES,
    Convention,
    ConventionState,
)
from accounts.users.models.users import User
from opus.lib.background_files import enqueue_file
from opus.lib.database.states import MoveRefused

NO_TEXT = (
    "Aucun texte modèle n’est publié : publiez-en un, ou choisissez-en un sur la fiche."
)


@transaction.atomic
def publish(model_text: ModelText, *, by: User) -> None:
    """Publish it; raise MoveRefused if it is already."""
    check_staff(by)
    ModelText.objects.select_for_update().get(pk=model_text.pk).publish(by=by)
    model_text.refresh_from_db()


@transaction.atomic
def prepare_document(convention: Convention, *, by: User) -> AgreementDocument:
    """Prepare the PDF that both parties will sign; raise MoveRefused."""
    check_staff(by)
    convention = lock(convention)
    if convention.state != ConventionState.DRAFT:
        raise MoveRefused("Cette convention est signée : son document ne change plus.")
    model_text = convention.text_to_sign()
    if model_text is None:
        raise MoveRefused(NO_TEXT)
    return freeze(convention, model_text, is_final=False)


@transaction.atomic
def sign_convention(
    convention: Convention,
    *,
    by: User,
    signed_by_ft_on: dt.date | None = None,
    signed_by_structure_on: dt.date | None = None,
    accepts_excess: bool = False,
) -> None:
    """Sign it and freeze its document; raise MoveRefused (art. 13).

    Without any published text the paper was signed outside Opus: the scan is then all
    that is kept.
    """
    check_staff(by)
    convention.sign(
        by=by,
        signed_by_ft_on=signed_by_ft_on,
        signed_by_structure_on=signed_by_structure_on,
        accepts_excess=accepts_excess,
    )
    convention.refresh_from_db()
    if convention.model_text:
        freeze(convention, convention.model_text, is_final=True)


def freeze(
    convention: Convention, model_text: ModelText, *, is_final: bool
) -> AgreementDocument:
    """Replace the document that was prepared, if any."""
    AgreementDocument.objects.filter(convention=convention, is_final=False).delete()
    document = AgreementDocument(
        convention=convention, model_text=model_text, is_final=is_final
    )
    document.freeze(documents.body_of(convention, model_text))
    document.save()
    enqueue_file(document)
    return document


@transaction.atomic
def print_again(convention: Convention, *, by: User) -> None:
    check_staff(by)
    document = AgreementDocument.objects.get(convention=convention)
    if document.start_again():
        enqueue_file(document)


@transaction.atomic
def keep_signed_copy(convention: Convention, *, by: User, file: bytes) -> None:
    """Keep the scan, in place of an earlier one; raise MoveRefused for a draft."""
    check_staff(by)
    convention = lock(convention)
    if convention.state in UNSIGNED_STATES:
        raise MoveRefused("Enregistrez d’abord la signature de la convention.")
    copy = SignedCopy(
        convention=convention, content=file, sha256=digest_of(file), added_by=by
    )
    SignedCopy.objects.filter(convention=convention).delete()
    copy.save()
