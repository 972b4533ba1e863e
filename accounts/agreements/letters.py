"""Prepare, post and cancel the letters that the convention requires."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.agreements import documents
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.letters import (
    END_LETTERS,
    NUMBER_IS_TAKEN,
    Letter,
    LetterKind,
    clean_registered_number,
)
from accounts.agreements.models.terminations import (
    LIVE_BREACHES,
    Breach,
    BreachState,
    Ending,
)
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.background_files import FileState, enqueue_file
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format

# The state of a breach in which each of its letters is due.
DUE_IN = {
    LetterKind.BREACH: BreachState.OPEN,
    LetterKind.BREACH_UPHELD: BreachState.UPHELD,
    LetterKind.BREACH_LIFTED: BreachState.LIFTED,
}


@transaction.atomic
def prepare(
    kind: LetterKind,
    *,
    by: User,
    nomination: Any = None,
    breach: Breach | None = None,
    amendment: Amendment | None = None,
    ending: Ending | None = None,
    signatory: str | None = None,
) -> Letter:
    """Freeze the text that one of these causes; ``by`` signs if nobody is named."""
    cause: Any = nomination or breach or amendment or ending
    # The row's lock gives each letter of a convention its own rank.
    convention = (
        Convention.objects.select_for_update(no_key=True, of=("self",))
        .select_related("structure", "agency__parent__parent")
        .get(pk=cause.convention_id)
    )
    last = convention.letters.aggregate(last=Max("rank"))["last"] or 0
    letter = Letter(
        kind=kind,
        convention=convention,
        nomination=nomination,
        breach=breach,
        amendment=amendment,
        rank=last + 1,
        addressee=documents.addressee_of(convention.structure),
        made_by=by,
    )
    signatory = str(by) if signatory == "" else signatory
    today = timezone.localdate()
    body = documents.body_of(letter, on=today, ending=ending, signatory=signatory)
    letter.freeze(body)
    letter.save()
    enqueue_file(letter)
    journal.record(
        Action.LETTER_PREPARED, by=by, target=letter, details={"kind": str(kind)}
    )
    return letter


@transaction.atomic
def record_posting(
    letter: Letter, *, by: User, carrier: str, registered_number: str, on: dt.date
) -> None:
    """Record or correct a posting; raise ValidationError, MoveRefused."""
    letter = lock(letter)
    if not letter.is_ready:
        raise MoveRefused(
            "Cette lettre n’est pas prête, ou elle a été annulée : elle n’a pas pu "
            "partir."
        )
    check_day(on, since=timezone.localdate(letter.created_at), what="préparée")
    letter.carrier = carrier
    letter.registered_number = clean_registered_number(registered_number, carrier)
    letter.posted_on = on
    letter.save(update_fields=["carrier", "registered_number", "posted_on"])
    update_breach(letter, by=by)
    journal.record(
        Action.LETTER_POSTED, by=by, target=letter, details={"on": on.isoformat()}
    )


@transaction.atomic
def record_postings(
    numbers: Mapping[Letter, str], *, by: User, carrier: str, on: dt.date
) -> dict[Any, str]:
    """Record the posting of each letter; return the refusals by key.

    What is refused stops none of the others. The same number again changes nothing.
    """
    refusals = {}
    with journal.gathering() as parts:
        for letter, number in numbers.items():
            try:
                with transaction.atomic():
                    known = lock(letter)
                    if known.is_posted and known.registered_number != number:
                        raise MoveRefused(
                            "Cette lettre est déjà postée, sous le n° "
                            f"{known.registered_number} : ouvrez-la pour corriger son "
                            "numéro."
                        )
                    if not known.is_posted:
                        slip = {"carrier": carrier, "registered_number": number}
                        record_posting(letter, by=by, on=on, **slip)
            except MoveRefused as error:
                refusals[letter.pk] = str(error)
            except IntegrityError:
                refusals[letter.pk] = NUMBER_IS_TAKEN
    if parts:
        journal.record(Action.LETTER_POSTED, by=by, parts=parts)
    return refusals


@transaction.atomic
def record_receipt(letter: Letter, *, by: User, on: dt.date) -> None:
    """Record the presentation, which starts delays (art. 12); raise MoveRefused."""
    letter = lock(letter)
    if letter.posted_on is None:
        raise MoveRefused("Enregistrez d’abord l’envoi de cette lettre.")
    check_day(on, since=letter.posted_on, what="postée")
    letter.received_on = on
    letter.save(update_fields=["received_on"])
    update_breach(letter, by=by)
    journal.record(
        Action.LETTER_RECEIVED, by=by, target=letter, details={"on": on.isoformat()}
    )


def update_breach(letter: Letter, *, by: User) -> None:
    """Start the structure's month to answer (art. 12)."""
    breach = letter.breach
    if letter.kind != LetterKind.BREACH or breach is None or not letter.notified_on:
        return
    if breach.state == BreachState.OPEN:
        breach.notify(by=by, on=letter.notified_on)
    if breach.state in LIVE_BREACHES:
        # A presentation that is known later counts, whatever was done meanwhile.
        breach.presented_on = letter.received_on
        changed = ["presented_on"]
        if breach.state == BreachState.NOTIFIED:
            breach.notified_on = letter.notified_on
            changed.append("notified_on")
        breach.save(update_fields=changed)


@transaction.atomic
def cancel(letter: Letter, *, by: User | None) -> None:
    """Cancel an unposted letter; its text stays as evidence."""
    letter = lock(letter)
    if letter.is_posted or letter.is_void:
        raise MoveRefused(
            "Cette lettre est déjà postée ou annulée : une lettre partie ne se "
            "reprend que par une autre."
        )
    letter.state = FileState.CANCELLED
    letter.save(update_fields=["state"])
    journal.record(Action.LETTER_CANCELLED, by=by, target=letter)


@transaction.atomic
def prepare_again(letter: Letter, *, by: User, signatory: str = "") -> Letter:
    """Replace a cancelled letter that is still due; raise MoveRefused."""
    if not may_be_prepared_again(letter):
        raise MoveRefused(
            "Cette lettre n’a pas été annulée, ou elle n’est plus à envoyer : une "
            "autre l’a remplacée, ou la procédure a changé."
        )
    return prepare(
        LetterKind(letter.kind),
        nomination=letter.nomination,
        breach=letter.breach,
        amendment=letter.amendment,
        ending=letter.convention.early_end,
        by=by,
        signatory=signatory,
    )


def may_be_prepared_again(letter: Letter) -> bool:
    """Return whether it was cancelled, is still due, and has no successor."""
    later = letter.convention.letters.filter(
        kind=letter.kind,
        nomination=letter.nomination_id,
        breach=letter.breach_id,
        amendment=letter.amendment_id,
        rank__gt=letter.rank,
    )
    if not letter.is_void or later.exists():
        return False
    if letter.breach and letter.kind in DUE_IN:
        return letter.breach.state == DUE_IN[LetterKind(letter.kind)]
    if letter.kind in END_LETTERS:
        ends = letter.convention.letters.filter(kind__in=END_LETTERS)
        is_last = not ends.filter(rank__gt=letter.rank).exists()
        return is_last and letter.convention.early_end is not None
    return True


@transaction.atomic
def print_again(letter: Letter, *, by: User) -> None:
    if letter.start_again():
        enqueue_file(letter)
    journal.record(Action.DOCUMENT_REMADE, by=by, target=letter)


def lock(letter: Letter) -> Letter:
    rows = Letter.objects.select_for_update(no_key=True, of=("self",)).defer("content")
    return rows.select_related("convention").get(pk=letter.pk)


def check_day(on: dt.date, *, since: dt.date, what: str) -> None:
    """Raise MoveRefused unless the day is between ``since`` and today."""
    if not since <= on <= timezone.localdate():
        raise MoveRefused(
            f"Choisissez un jour entre le {date_format(since)}, où la lettre a été "
            f"{what}, et aujourd’hui."
        )
