"""What is done about a person's data on her request, with its answer (GDPR 12)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.privacy.corrections import CorrectionReason
from opus.lib.privacy.personal_data import Person
from opus.lib.privacy.rights_effects import Counts, Editable, every_effect
from opus.support.data_rights import documents, employers, person_search
from opus.support.data_rights.actions import lock
from opus.support.data_rights.models import (
    ALONE,
    Answer,
    GestureKind,
    PersonKind,
    ReplyKind,
    RequestState,
    Right,
    RightsGesture,
    RightsRequest,
)

NOT_NOW = (
    "Cela se fait une fois l’identité vérifiée, la demande prise en charge et la "
    "personne trouvée."
)


def editables(person: Person) -> list[Editable]:
    return [row for effects in every_effect() for row in effects.editables(person)]


def objections(person: Person) -> dict[str, str]:
    """Return what this person may object to: code → label."""
    found: dict[str, str] = {}
    for effects in every_effect():
        found |= effects.objections(person)
    return found


def why_kept(person: Person) -> str:
    """Return the first reason why nothing may be erased now, or nothing."""
    reasons = (effects.why_kept(person) for effects in every_effect())
    return next(filter(None, reasons), "")


@transaction.atomic
def rectify(
    rights_request: RightsRequest,
    *,
    by: User,
    changes: Mapping[str, Any],
    because: str = "",
) -> None:
    """Correct all the person's records by their own actions, which notify (V14)."""
    person = begin(rights_request, Right.RECTIFICATION, by=by)
    with journal.gathering() as parts:
        for one in editables(person):
            values = {name: getattr(one.row, name) for name in one.fields}
            reason = CorrectionReason.REQUESTED
            one.change(by=by, reason=reason, **{**values, **changes})
    counts = {"données rectifiées": len(changes)}
    end(rights_request, person, GestureKind.RECTIFICATION, by, because, counts, parts)


@transaction.atomic
def erase(rights_request: RightsRequest, *, by: User, because: str = "") -> None:
    """Erase now what the law does not keep (GDPR 17); raise MoveRefused."""
    person = begin(rights_request, Right.ERASURE, by=by)
    if reason := why_kept(person):
        raise MoveRefused(reason)
    about = rights_request.about
    counts: Counts = {}
    with journal.gathering() as parts:
        for effects in every_effect():
            counts |= effects.erase(person, by=by, reference=rights_request.number)
    kind = GestureKind.ERASURE
    end(rights_request, person, kind, by, because, counts, parts, about=about)


@transaction.atomic
def restrict(rights_request: RightsRequest, *, by: User, because: str = "") -> None:
    """Freeze the data until ``lift`` (GDPR 18); raise MoveRefused."""
    person = begin(rights_request, Right.RESTRICTION, by=by)
    counts: Counts = {}
    with journal.gathering() as parts:
        for effects in every_effect():
            counts |= effects.restrict(person, by=by, reference=rights_request.number)
    end(rights_request, person, GestureKind.RESTRICTION, by, because, counts, parts)


@transaction.atomic
def lift(rights_request: RightsRequest, *, by: User) -> None:
    """End a restriction; the person learns it before (GDPR 18.3)."""
    lock(rights_request)
    refuse_alone(rights_request, by)
    if not rights_request.is_restricted:
        raise MoveRefused("Aucune limitation de cette demande n’est en place.")
    person = rights_request.person
    counts: Counts = {}
    with journal.gathering() as parts:
        for effects in every_effect():
            counts |= effects.lift(person, by=by, reference=rights_request.number)
    end(rights_request, person, GestureKind.LIFTING, by, "", counts, parts)


@transaction.atomic
def object_to(
    rights_request: RightsRequest,
    *,
    by: User,
    processings: Sequence[str],
    because: str = "",
) -> None:
    """Stop the processing that the person objects to (GDPR 21)."""
    person = begin(rights_request, Right.OBJECTION, by=by)
    labels = objections(person)
    counts: dict[str, Any] = {}
    with journal.gathering() as parts:
        for processing in processings:
            for effects in every_effect():
                if processing in effects.objections(person):
                    counts |= effects.object_to(
                        person, processing, by=by, reference=rights_request.number
                    )
    counts["traitements"] = [labels[one] for one in processings]
    end(rights_request, person, GestureKind.OBJECTION, by, because, counts, parts)


@transaction.atomic
def pass_on(
    rights_request: RightsRequest,
    *,
    by: User,
    offer_parts: Sequence[str],
    because: str = "",
) -> None:
    """Pass an employer's request to the owner of his offers (``employers``)."""
    person = begin(rights_request, Right(rights_request.right), by=by)
    if rights_request.kind != PersonKind.EMPLOYER:
        raise MoveRefused("Seule la demande d’un employeur se transmet.")
    counts = {"parties": list(offer_parts), "offres": len(person.offers)}
    gesture = end(rights_request, person, GestureKind.PASSED_ON, by, because, counts)
    employers.pass_on(gesture)


@transaction.atomic
def find_nothing(rights_request: RightsRequest, *, by: User, others: str = "") -> None:
    """Record that Opus has no data of this person, after a search everywhere.

    ``others``: the seal of the rows that ``by`` read, and said to be of others. Raises
    MoveRefused if she is known, or if other rows are found.
    """
    lock(rights_request)
    refuse_alone(rights_request, by)
    is_open = rights_request.state == RequestState.UNDER_WAY
    if not is_open or rights_request.person or rights_request.is_done:
        raise MoveRefused(
            "Cela se constate une seule fois, la demande prise en charge, quand "
            "personne n’y est rattaché."
        )
    found = person_search.search(rights_request)
    if found.refusal:
        raise MoveRefused(found.refusal)
    if found.seal != others:
        raise MoveRefused(person_search.READ_FIRST)
    counts = {
        "registres cherchés": len(found.registers),
        "lignes lues, d’autres personnes": len(found.to_read),
        "par": found.labels,
    }
    end(rights_request, Person(), GestureKind.NOTHING, by, counts=counts)


@transaction.atomic
def answer(rights_request: RightsRequest, *, by: User) -> None:
    """Record the answer; raise MoveRefused if nothing is not true any more."""
    lock(rights_request)
    last = rights_request.gestures.last()
    is_nothing = last and last.kind == GestureKind.NOTHING and not rights_request.person
    if is_nothing and person_search.search(rights_request).certain:
        raise MoveRefused(person_search.IS_KNOWN)
    rights_request.answer(by=by)


def begin(rights_request: RightsRequest, right: Right, *, by: User) -> Person:
    """Lock it; return its person, or raise MoveRefused."""
    lock(rights_request)
    refuse_alone(rights_request, by)
    if rights_request.right != right or not rights_request.may_have_file:
        raise MoveRefused(NOT_NOW)
    return rights_request.person


def refuse_alone(rights_request: RightsRequest, by: User) -> None:
    if rights_request.why_not_alone(by):
        raise MoveRefused(ALONE)


def end(
    rights_request: RightsRequest,
    person: Person,
    kind: GestureKind,
    by: User,
    because: str = "",
    counts: Mapping[str, Any] | None = None,
    parts: Sequence[dict[str, Any]] = (),
    *,
    about: Sequence[str] = (),
) -> RightsGesture:
    """Keep the gesture, prepare its letter, write its only entry."""
    answer = Answer.PARTLY if because else Answer.GRANTED
    gesture: RightsGesture = rights_request.gestures.create(
        kind=kind, answer=answer, because=because, counts=dict(counts or {}), by=by
    )
    letter = ReplyKind.LIFTED if kind == GestureKind.LIFTING else ReplyKind(answer)
    documents.prepare(rights_request, letter, by=by)
    journal.record(
        Action.RIGHTS_MOVED,
        by=by,
        target=rights_request,
        persons=person.candidates,
        details={
            "verb": str(kind),
            "answer": str(answer),
            "because": because,
            "about": list(about) or rights_request.about,
        },
        parts=parts,
    )
    return gesture
