"""The actions on a request of article 10 (S37)."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.signin.models.factors import TotpDevice
from accounts.users.models.users import User
from accounts.users.territory import agencies_of
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.background_files import LIVE, FileState
from opus.lib.database.states import MoveRefused
from opus.lib.exports import ZIP
from opus.lib.privacy import personal_data
from opus.lib.privacy.personal_data import Known
from opus.lib.text_guard.counts import allow
from opus.support.data_rights import documents, emails, employers
from opus.support.data_rights.models import (
    FOUND_IN,
    Answer,
    Check,
    ConcernedOffer,
    GestureKind,
    PersonFile,
    PersonKind,
    ReplyKind,
    RequestCorrection,
    RequestState,
    Right,
    RightsRequest,
    Route,
)

NO_AGENCY = "Choisissez l’agence qui suit ce demandeur d’emploi."
NOBODY = (
    "Opus ne connaît personne sous cet identifiant. Un nom ne suffit pas : il faut "
    "l’identifiant France Travail, le numéro d’un document remis, l’identifiant d’un "
    "compte ou une adresse de courriel entière. La personne doit aussi être de la "
    "catégorie que dit la demande, et de votre territoire\xa0: si c’est la demande qui "
    "se trompe, corrigez-la."
)
ATTACHED = (
    "Une personne est déjà rattachée à cette demande : si ce n’est pas la bonne, "
    "détachez-la d’abord."
)
SEVERAL = (
    "Plusieurs personnes portent cet identifiant : rien n’est rattaché. Prenez celui "
    "qui n’est qu’à elle, son identifiant France Travail ou le numéro d’un document."
)


@transaction.atomic
def register(rights_request: RightsRequest, *, by: User) -> RightsRequest:
    """Register a request; its month has begun (GDPR 12.3)."""
    rights_request.recorded_by = by
    rights_request.save()
    rights_request.steps.create(origin="", target=rights_request.state, by=by)
    emails.post(emails.rights_to_answer, rights_request, step="recue")
    coded = {name: str(getattr(rights_request, name)) for name in ("right", "kind")}
    record(Action.RIGHTS_ASKED, rights_request, by, **coded)
    return rights_request


def record(
    action: Action, rights_request: RightsRequest, by: User, **details: Any
) -> None:
    """Write the entry, with the keys of the person (S37)."""
    journal.record(
        action,
        by=by,
        target=rights_request,
        persons=rights_request.person.candidates,
        details={**details, "about": rights_request.about},
    )


@transaction.atomic
def request_for_oneself(*, by: User, right: str) -> RightsRequest:
    """Register one's own request, verified by sign-in; MoveRefused if repeated."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if RightsRequest.objects.open().filter(account=by, right=right).exists():
        raise MoveRefused(
            "Vous avez déjà une demande en cours pour ce droit : elle est dans la "
            "liste ci-dessous."
        )
    rights_request = RightsRequest(
        kind=PersonKind.STAFF if by.is_staff else PersonKind.PARTNER,
        right=right,
        addressed_to=Route.DPO,
        name=str(by),
        reply_to=by.email,
        account=by,
    )
    # Read in its parts: « Luc Gay » would be a sentence.
    allow("support.rightsrequest.name", rights_request.name)
    register(rights_request, by=by)
    rights_request.verify(by=by, check=Check.SIGNED_IN)
    return rights_request


def lock(rights_request: RightsRequest) -> None:
    RightsRequest.objects.select_for_update(no_key=True).get(pk=rights_request.pk)
    rights_request.refresh_from_db()


def found_by(rights_request: RightsRequest, typed: str, *, by: User) -> list[Known]:
    """Return the rows of the one person with that identifier.

    She belongs to the user's territory and has the request's kind; all her candidates
    are included. Raises MoveRefused for no person or several.
    """
    agencies = agencies_of(by)
    near = None if agencies is None else set(agencies.values_list("pk", flat=True))
    found = personal_data.known(personal_data.find(typed))
    rows = [row for row in found if row.group == rights_request.kind]
    persons = {row.who for row in rows if near is None or near & row.agencies}
    if not persons:
        raise MoveRefused(NOBODY)
    if len(persons) > 1:
        raise MoveRefused(SEVERAL)
    return [row for row in rows if row.who in persons]


@transaction.atomic
def attach(rights_request: RightsRequest, who: str, *, by: User) -> None:
    """Attach the person with an exact identifier (S24); raise MoveRefused."""
    lock(rights_request)
    if rights_request.state not in FOUND_IN:
        raise MoveRefused("Vérifiez d’abord l’identité de la personne.")
    if rights_request.person:
        raise MoveRefused(ATTACHED)
    if rights_request.kind == PersonKind.EMPLOYER:
        numbers = employers.find_offers(who)
        ConcernedOffer.objects.bulk_create(
            ConcernedOffer(request=rights_request, offer=one) for one in numbers
        )
        found = len(numbers)
        record(Action.RIGHTS_MOVED, rights_request, by, verb="trouver", found=found)
        return
    rows = found_by(rights_request, who, by=by)
    for row in rows:
        if isinstance(row.pk, int):
            rights_request.account_id = row.pk
            rights_request.save(update_fields=["account"])
        else:
            rights_request.candidates.create(candidate=row.pk)
    record(Action.RIGHTS_MOVED, rights_request, by, verb="trouver", found=len(rows))


@transaction.atomic
def detach(rights_request: RightsRequest, *, by: User) -> None:
    """Delete the undownloaded copy too; raise MoveRefused."""
    lock(rights_request)
    if rights_request.is_own:
        raise MoveRefused(
            "La personne a fait cette demande depuis son compte : elle ne porte sur "
            "personne d’autre."
        )
    if not rights_request.can_be_detached:
        raise MoveRefused(
            "Personne n’est rattaché à cette demande, elle est close, ou quelque chose "
            "a déjà été fait pour cette personne : il n’y a rien à détacher."
        )
    deleted = drop_copies(rights_request)
    # The entry names the person: write it first.
    record(Action.RIGHTS_MOVED, rights_request, by, verb="detacher", copies=deleted)
    rights_request.account = None
    rights_request.save(update_fields=["account"])
    rights_request.candidates.all().delete()
    rights_request.offers.all().delete()


def drop_copies(rights_request: RightsRequest) -> int:
    copies = rights_request.files.filter(state__in=LIVE)
    deleted: int = copies.update(state=FileState.CANCELLED, content=None, size=None)
    return deleted


@transaction.atomic
def refuse(rights_request: RightsRequest, *, by: User, because: str) -> None:
    """Refuse it, its copy too, and prepare the letter (GDPR 12.4)."""
    lock(rights_request)
    drop_copies(rights_request)
    rights_request.refuse(by=by, because=because)
    documents.prepare(rights_request, ReplyKind.REFUSED, by=by)


@transaction.atomic
def put_off(rights_request: RightsRequest, *, by: User, because: str) -> None:
    """Add two months, and prepare the letter (GDPR 12.3)."""
    rights_request.put_off(by=by, because=because)
    documents.prepare(rights_request, ReplyKind.EXTENDED, by=by)


@transaction.atomic
def redirect(rights_request: RightsRequest, *, by: User) -> None:
    """Send it to the other route and notify them (V12)."""
    rights_request.redirect()
    emails.post(emails.rights_to_answer, rights_request, step="reorientee")
    details = {"to": str(rights_request.route)}
    journal.record(Action.RIGHTS_MOVED, by=by, target=rights_request, details=details)


@transaction.atomic
def correct(
    rights_request: RightsRequest, *, by: User, because: str, **facts: Any
) -> None:
    """Correct its kind, agency or identifiers, and pass it on (V12).

    Who must answer from now on is notified; its month goes on. Raises MoveRefused once
    it is answered, while somebody of the former kind is attached, or for no change.
    What was searched before is searched again.
    """
    lock(rights_request)
    if not rights_request.can_be_corrected:
        raise MoveRefused(
            "Cette demande est close, vient du compte de la personne, ou quelque chose "
            "a déjà été fait pour elle\xa0: elle ne se corrige plus."
        )
    before = {name: getattr(rights_request, name) for name in facts}
    changed = [name for name, value in facts.items() if value != before[name]]
    if not changed:
        raise MoveRefused("Rien n’est changé\xa0: corrigez au moins une donnée.")
    if "kind" in changed and rights_request.person:
        raise MoveRefused(ATTACHED)
    for name in changed:
        setattr(rights_request, name, facts[name])
    if not rights_request.agency and rights_request.route == Route.AGENCY:
        raise MoveRefused(NO_AGENCY)
    if rights_request.route == Route.DPO:
        rights_request.agency = None
    is_passed_on = before["agency"] != rights_request.agency
    if rights_request.is_misrouted:
        rights_request.redirected_on = timezone.localdate()
    rights_request.save()
    details: dict[str, Any] = {
        "verb": "corriger",
        "because": RequestCorrection(because).value,
        "changed": changed,
        "kind": [str(before["kind"]), str(rights_request.kind)],
    }
    note = {"corrected": because}
    state = rights_request.state
    step = rights_request.steps.create(origin=state, target=state, by=by, note=note)
    if is_passed_on:
        agency = rights_request.agency
        details["to"] = f"agence {agency.pk}" if agency else str(Route.DPO)
        emails.post(emails.rights_to_answer, rights_request, step=f"corrigee-{step.pk}")
    record(Action.RIGHTS_MOVED, rights_request, by, **details)


@transaction.atomic
def prepare_file(
    rights_request: RightsRequest, *, by: User, about: Sequence[str]
) -> PersonFile:
    """Have the copy of the person's data made (GDPR 15).

    ``about`` are the person's keys that ``by`` saw and confirmed. Raises MoveRefused
    without a checked identity or a person, with a copy there, or if another user must
    prepare it.
    """
    lock(rights_request)
    if sentence := rights_request.why_not_alone(by):
        raise MoveRefused(sentence)
    if not rights_request.may_have_file:
        raise MoveRefused(
            "Une copie se prépare une fois l’identité vérifiée, la demande prise en "
            "charge et la personne trouvée par un identifiant."
        )
    if list(about) != rights_request.about:
        raise MoveRefused(
            "Une autre personne a été rattachée entre-temps : relisez la fiche, puis "
            "recommencez."
        )
    if rights_request.files.filter(state__in=LIVE).exists():
        raise MoveRefused("Une copie est déjà en préparation ou prête.")
    file = PersonFile.objects.create(
        request=rights_request,
        asked_by=by,
        what="person",
        title=f"Demande n° {rights_request.number}",
        format=ZIP,
    )
    emails.notify_holder(file)
    record(Action.PERSON_FILE_ASKED, rights_request, by)
    return file


@transaction.atomic
def download_file(
    rights_request: RightsRequest, *, by: User, because: str = ""
) -> bytes:
    """Return the copy once, and delete it (V13); raise MoveRefused.

    The register keeps that it was given; ``because``: why a part was not.
    """
    lock(rights_request)
    if sentence := rights_request.why_not_alone(by):
        raise MoveRefused(sentence)
    file = rights_request.files.filter(state=FileState.READY).defer("content").first()
    if file is None:
        raise MoveRefused("Aucune copie n’est prête pour cette demande.")
    if rights_request.state == RequestState.REFUSED:
        raise MoveRefused("Cette demande est refusée\xa0: sa copie n’existe plus.")
    content = unseal(file.download(by=by))
    if rights_request.state == RequestState.UNDER_WAY:
        keep_copy_gesture(rights_request, by=by, because=because)
    to = f"accounts.user {by.pk}"
    record(Action.PERSON_FILE_TAKEN, rights_request, by, to=to)
    return content


def keep_copy_gesture(rights_request: RightsRequest, *, by: User, because: str) -> None:
    if rights_request.right != Right.ACCESS:
        return
    answer = Answer.PARTLY if because else Answer.GRANTED
    rights_request.gestures.create(
        kind=GestureKind.COPY, answer=answer, because=because, by=by
    )
    documents.prepare(rights_request, ReplyKind(answer), by=by)


def seal(content: bytes) -> bytes:
    """Encrypt under keys outside the database (S3)."""
    return TotpDevice.vault().encrypt(content)


def unseal(content: bytes) -> bytes:
    return TotpDevice.vault().decrypt(content)
