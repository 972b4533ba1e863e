"""What is done with a request of article 10, each gesture with its line (S37)."""

from django.db import transaction

from accounts.models import TotpDevice, User
from opus.desk.models import (
    Check,
    PersonFile,
    PersonKind,
    RequestState,
    RightsRequest,
    Route,
)
from opus.desk.rights import emails
from opus.lib import audit, personal_data
from opus.lib.audit import Action
from opus.lib.exports import ZIP
from opus.lib.making import FileState
from opus.lib.states import MoveRefused

NOBODY = (
    "Opus ne connaît personne sous cet identifiant. Un nom ne suffit pas : il faut "
    "l’identifiant France Travail, le numéro d’un document remis, l’identifiant d’un "
    "compte ou une adresse électronique entière."
)


@transaction.atomic
def register(asked: RightsRequest, *, by: User) -> RightsRequest:
    """Write a request into the register; its month has begun (GDPR 12.3)."""
    asked.recorded_by = by
    asked.save()
    asked.steps.create(origin="", target=asked.state, by=by)
    emails.post(emails.rights_to_answer, asked, step="recue")
    audit.record(
        Action.RIGHTS_ASKED,
        by=by,
        target=asked,
        details={"right": str(asked.right), "kind": str(asked.kind)},
    )
    return asked


@transaction.atomic
def ask_for_oneself(*, by: User, right: str) -> RightsRequest:
    """Somebody who has an account asks from his own: he is known by his sign-in.

    Raises:
        MoveRefused: the same right is asked for already, and unanswered.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    mine = RightsRequest.objects.open().filter(account=by, right=right)
    if mine.exists():
        raise MoveRefused(
            "Vous avez déjà une demande en cours pour ce droit : elle est dans la "
            "liste ci-dessous."
        )
    asked = register(
        RightsRequest(
            kind=PersonKind.STAFF if by.is_staff else PersonKind.PARTNER,
            right=right,
            addressed_to=Route.DPO,
            name=str(by),
            reply_to=by.email,
            account=by,
        ),
        by=by,
    )
    asked.verify(by=by, check=Check.SIGNED_IN)
    return asked


@transaction.atomic
def attach(asked: RightsRequest, typed: str, *, by: User) -> None:
    """Say whose data these are, by an exact identifier (S24).

    Raises:
        MoveRefused: nobody bears it, or the request is over.
    """
    if asked.state not in {RequestState.VERIFIED, RequestState.UNDER_WAY}:
        raise MoveRefused("Vérifiez d’abord l’identité de la personne.")
    found = personal_data.find(typed)
    if not found:
        raise MoveRefused(NOBODY)
    if found.accounts:
        asked.account_id = min(found.accounts)
        asked.save(update_fields=["account"])
    for candidate in sorted(found.candidates):
        asked.candidates.get_or_create(candidate=candidate)
    audit.record(
        Action.RIGHTS_MOVED,
        by=by,
        target=asked,
        persons=found.candidates,
        details={"found": len(found.accounts) + len(found.candidates)},
    )


@transaction.atomic
def redirect(asked: RightsRequest, *, by: User) -> None:
    """Send it on to whom it concerns, and tell them (V12)."""
    asked.redirect()
    emails.post(emails.rights_to_answer, asked, step="reorientee")
    audit.record(
        Action.RIGHTS_MOVED, by=by, target=asked, details={"to": str(asked.route)}
    )


@transaction.atomic
def prepare_file(asked: RightsRequest, *, by: User) -> PersonFile:
    """Have a worker make the copy of the person's data (GDPR 15).

    Raises:
        MoveRefused: the identity is not checked, nobody was found, or one is there.
    """
    RightsRequest.objects.select_for_update(no_key=True).get(pk=asked.pk)
    asked.refresh_from_db()
    if not asked.may_have_file:
        raise MoveRefused(
            "Une copie se prépare une fois l’identité vérifiée, la demande prise en "
            "charge et la personne trouvée par un identifiant."
        )
    if asked.files.filter(state__in=LIVE_FILES).exists():
        raise MoveRefused("Une copie est déjà en préparation ou prête.")
    file = PersonFile.objects.create(
        request=asked,
        asked_by=by,
        what="person",
        title=f"Demande n° {asked.number}",
        format=ZIP,
    )
    audit.record(
        Action.PERSON_FILE_ASKED,
        by=by,
        target=asked,
        persons=asked.person.candidates,
    )
    return file


LIVE_FILES = (FileState.WAITING, FileState.RUNNING, FileState.READY)


@transaction.atomic
def take_file(asked: RightsRequest, *, by: User) -> bytes:
    """The copy, opened, once; nothing of it stays (V13).

    Raises:
        MoveRefused: there is none any more.
    """
    file = asked.files.filter(state=FileState.READY).defer("content").first()
    if file is None:
        raise MoveRefused("Aucune copie n’est prête pour cette demande.")
    content = unseal(file.take_away())
    audit.record(
        Action.PERSON_FILE_TAKEN,
        by=by,
        target=asked,
        persons=asked.person.candidates,
    )
    return content


def seal(content: bytes) -> bytes:
    """Encrypted at rest, under keys that stand outside the database (S3)."""
    return TotpDevice.vault().encrypt(content)


def unseal(content: bytes) -> bytes:
    return TotpDevice.vault().decrypt(content)
