"""What is done with a request of article 10 (S37), and about the data (GDPR 12)."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.signin.models import TotpDevice
from accounts.users.models import User
from accounts.users.territory import agencies_of
from offers.catalogue.models import Offer, OfferSearch
from offers.search.conditions import Words
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.background_files import LIVE, FileState
from opus.lib.database.states import MoveRefused
from opus.lib.dates import add_months
from opus.lib.exports import ZIP
from opus.lib.privacy import personal_data
from opus.lib.privacy.models import CorrectionReason
from opus.lib.privacy.personal_data import Editable, Known, Person, PersonKind
from opus.lib.text_guard.fields import allow
from opus.support.data_rights import documents, emails, person_search
from opus.support.data_rights.models import (
    ANSWERED_BY,
    FOUND_IN,
    MONTHS_IN_ALL,
    Answer,
    Check,
    ConcernedOffer,
    GestureKind,
    PersonFile,
    Refusal,
    ReplyKind,
    RequestCorrection,
    RequestState,
    Right,
    RightsGesture,
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
NOT_NOW = (
    "Cela se fait une fois l’identité vérifiée, la demande prise en charge et la "
    "personne trouvée."
)
NOT_RESTRICTED = "Aucune limitation de cette demande n’est en place."
NOTHING_ONCE = (
    "Cela se constate une seule fois, la demande prise en charge, quand personne n’y "
    "est rattaché."
)
MOST_OFFERS = 200
NO_OFFER = (
    "Opus n’a aucune offre de ce numéro, ni d’offre en ligne d’une entreprise de ce "
    "nom exact. Donnez les numéros des offres, séparés par une espace, ou le nom tel "
    "que les offres l’écrivent."
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
    rows = RightsRequest.objects.select_for_update(no_key=True)
    rights_request.refresh_from_db(from_queryset=rows)


def found_by(rights_request: RightsRequest, typed: str, *, by: User) -> list[Known]:
    """Return the rows of the one person with that identifier.

    She belongs to the user's territory and has the request's kind; all her candidates
    are included. Raises MoveRefused for no person or several.
    """
    agencies = agencies_of(by)
    near = None if agencies is None else set(agencies.values_list("pk", flat=True))
    found = personal_data.known(personal_data.find(typed))
    rows = [row for row in found if row.kind == rights_request.kind]
    persons = {row.who for row in rows if near is None or near & row.agencies}
    if not persons:
        raise MoveRefused(NOBODY)
    if len(persons) > 1:
        raise MoveRefused(SEVERAL)
    return [row for row in rows if row.who in persons]


def find_offers(typed: str) -> list[str]:
    """Return the numbers of these offers, or of that company's; raise MoveRefused."""
    numbers = {number.upper() for number in re.split(r"[\s,;]+", typed) if number}
    known = Offer.objects.filter(pk__in=numbers).values_list("pk", flat=True)
    if numbers and len(known) == len(numbers):
        return sorted(known)
    named = OfferSearch.objects.filter(Words(typed).in_names_by_index)
    theirs = Offer.objects.filter(search__in=named, company__iexact=typed.strip())
    found = list(theirs.order_by("pk").values_list("pk", flat=True)[: MOST_OFFERS + 1])
    if not found:
        raise MoveRefused(NO_OFFER)
    if len(found) > MOST_OFFERS:
        raise MoveRefused(
            f"Plus de {MOST_OFFERS} offres portent ce nom, peut-être de plusieurs "
            "établissements\xa0: donnez plutôt les numéros des offres."
        )
    return found


@transaction.atomic
def attach(rights_request: RightsRequest, who: str, *, by: User) -> None:
    """Attach the person with an exact identifier (S24); raise MoveRefused."""
    lock(rights_request)
    if rights_request.state not in FOUND_IN:
        raise MoveRefused("Vérifiez d’abord l’identité de la personne.")
    if rights_request.person:
        raise MoveRefused(ATTACHED)
    if rights_request.kind == PersonKind.EMPLOYER:
        found: list[Any] = find_offers(who)
        ConcernedOffer.objects.bulk_create(
            ConcernedOffer(request=rights_request, offer=number) for number in found
        )
    else:
        found = found_by(rights_request, who, by=by)
        for row in found:
            if isinstance(row.pk, int):
                rights_request.account_id = row.pk
                rights_request.save(update_fields=["account"])
            else:
                rights_request.candidates.create(candidate=row.pk)
    record(Action.RIGHTS_MOVED, rights_request, by, verb="trouver", found=len(found))


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
    # Before the identity is checked, for that reason only.
    if rights_request.state == RequestState.RECEIVED and because != Refusal.IDENTITY:
        raise MoveRefused(
            "Tant que l’identité n’est pas vérifiée, la demande ne se refuse que "
            "pour ce motif."
        )
    if rights_request.is_done:
        raise MoveRefused(
            "Quelque chose a déjà été fait pour cette demande\xa0: elle ne se "
            "refuse plus. Enregistrez la réponse, accordée en tout ou en partie."
        )
    drop_copies(rights_request)
    changes: dict[str, Any] = {"refused_because": because}
    changes["ended_on"] = timezone.localdate()
    rights_request.move_to(RequestState.REFUSED, by=by, **changes)
    documents.prepare(rights_request, ReplyKind.REFUSED, by=by)


@transaction.atomic
def put_off(rights_request: RightsRequest, *, by: User, because: str) -> None:
    """Add two months, and prepare the letter (GDPR 12.3)."""
    if not rights_request.can_be_put_off:
        raise MoveRefused(
            "Le délai se prolonge une seule fois, pendant le premier mois."
        )
    rights_request.extended_on = timezone.localdate()
    rights_request.extended_because = because
    rights_request.extended_to = add_months(rights_request.received_on, MONTHS_IN_ALL)
    rights_request.save(
        update_fields=["extended_on", "extended_to", "extended_because"]
    )
    state, note = rights_request.state, {"put_off": str(because)}
    rights_request.steps.create(origin=state, target=state, by=by, note=note)
    documents.prepare(rights_request, ReplyKind.EXTENDED, by=by)


@transaction.atomic
def redirect(rights_request: RightsRequest, *, by: User) -> None:
    """Send it to the other route and notify them; its month goes on (V12)."""
    if not (rights_request.is_open and rights_request.is_misrouted):
        raise MoveRefused("Cette demande est déjà à la bonne adresse.")
    rights_request.redirected_on = timezone.localdate()
    rights_request.save(update_fields=["redirected_on"])
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
) -> tuple[PersonFile, bytes]:
    """Return the copy once, and delete it (V13); raise MoveRefused.

    The register keeps that it was given; ``because``: why a part was not.
    """
    lock(rights_request)
    if sentence := rights_request.why_not_alone(by):
        raise MoveRefused(sentence)
    rows = rights_request.files.select_for_update()
    file = rows.filter(state=FileState.READY).first()
    if file is None:
        raise MoveRefused("Aucune copie n’est prête pour cette demande.")
    if rights_request.state == RequestState.REFUSED:
        raise MoveRefused("Cette demande est refusée\xa0: sa copie n’existe plus.")
    if file.expires_at <= timezone.now():
        raise MoveRefused(
            "Cette copie n’est plus là : elle se télécharge une seule fois, et "
            "s’efface après sept jours. Préparez-en une autre."
        )
    content = TotpDevice.vault().decrypt(bytes(file.content or b""))
    file.content, file.size, file.state = None, None, FileState.CANCELLED
    file.taken_by, file.taken_at = by, timezone.now()
    file.save(update_fields=["content", "size", "state", "taken_at", "taken_by"])
    is_access = rights_request.right == Right.ACCESS
    if rights_request.state == RequestState.UNDER_WAY and is_access:
        keep(rights_request, GestureKind.COPY, by=by, because=because)
    to = f"accounts.user {by.pk}"
    record(Action.PERSON_FILE_TAKEN, rights_request, by, to=to)
    return file, content


# --- What is done about the data ------------------------------------------------------


def editables(person: Person) -> list[Editable]:
    return [row for find in personal_data.editable for row in find(person)]


def objections(person: Person) -> dict[str, str]:
    """Return what this person may object to: code → label."""
    rows = [find(person) for find in personal_data.objectionable]
    return {code: label for row in rows for code, label in row.items()}


def rectify(
    rights_request: RightsRequest, *, by: User, changes: dict[str, Any]
) -> dict[str, Any]:
    """Correct all the person's records by their own actions, which notify (V14)."""
    for one in editables(rights_request.person):
        values = {name: getattr(one.row, name) for name in one.fields}
        one.change(by=by, reason=CorrectionReason.REQUESTED, **{**values, **changes})
    return {"données rectifiées": len(changes)}


def erase(rights_request: RightsRequest, *, by: User) -> dict[str, Any]:
    """Erase now what the law does not keep (GDPR 17)."""
    reasons = (find(rights_request.person) for find in personal_data.kept_because)
    if reason := next(filter(None, reasons), ""):
        raise MoveRefused(reason)
    return by_each(personal_data.erasure, rights_request, by=by)


def object_to(
    rights_request: RightsRequest, *, by: User, processings: Sequence[str]
) -> dict[str, Any]:
    """Stop the processing that the person objects to (GDPR 21)."""
    labels = objections(rights_request.person)
    counts: dict[str, Any] = {"traitements": [labels[one] for one in processings]}
    for one in processings:
        effects = personal_data.objection
        counts |= by_each(effects, rights_request, by=by, processing=one)
    return counts


def pass_on(
    rights_request: RightsRequest, *, by: User, offer_parts: Sequence[str]
) -> dict[str, Any]:
    """Have an employer's request passed to the owner of his offers.

    Opus mirrors France Travail's offers and corrects none (art. 10).
    """
    return {"parties": list(offer_parts), "offres": rights_request.offers.count()}


def find_nothing(
    rights_request: RightsRequest, *, by: User, others: str = ""
) -> dict[str, Any]:
    """Record that Opus has no data of this person, after a search everywhere.

    ``others``: the seal of the rows that ``by`` read, and said to be of others.
    """
    found = person_search.search(rights_request)
    if found.refusal:
        raise MoveRefused(found.refusal)
    if found.seal != others:
        raise MoveRefused(person_search.READ_FIRST)
    return {
        "registres cherchés": len(found.registers),
        "lignes lues, d’autres personnes": len(found.to_read),
        "par": found.labels,
    }


def by_each(
    effects: Sequence[Callable[..., Any]], rights_request: RightsRequest, **given: Any
) -> dict[str, Any]:
    """Have every app do its part; return their numbers."""
    counts: dict[str, Any] = {}
    person, number = rights_request.person, rights_request.number
    for effect in effects:
        counts |= effect(person, reference=number, **given)
    return counts


# What each gesture does about the data; it returns numbers, for the register.
EFFECTS: dict[GestureKind, Callable[..., dict[str, Any]]] = {
    GestureKind.RECTIFICATION: rectify,
    GestureKind.ERASURE: erase,
    # Until it is lifted (GDPR 18); the person learns of the end before (GDPR 18.3).
    GestureKind.RESTRICTION: partial(by_each, personal_data.restriction),
    GestureKind.LIFTING: partial(by_each, personal_data.lifting),
    GestureKind.OBJECTION: object_to,
    GestureKind.PASSED_ON: pass_on,
    GestureKind.NOTHING: find_nothing,
}


def why_not_now(rights_request: RightsRequest, kind: GestureKind) -> str:
    """Return why a gesture may not be made, or nothing: its button is shown."""
    if kind == GestureKind.LIFTING:
        is_open, refusal = rights_request.is_restricted, NOT_RESTRICTED
    elif kind == GestureKind.NOTHING:
        is_free = not rights_request.person and not rights_request.is_done
        is_open = rights_request.state == RequestState.UNDER_WAY and is_free
        refusal = NOTHING_ONCE
    else:
        # Of an employer's data only the owner of the offers disposes.
        is_employers = rights_request.kind == PersonKind.EMPLOYER
        is_open = (
            kind in ANSWERED_BY[Right(rights_request.right)]
            and is_employers == (kind == GestureKind.PASSED_ON)
            and rights_request.may_have_file
            and not rights_request.is_restricted
        )
        refusal = NOT_NOW
    return "" if is_open else refusal


@transaction.atomic
def act(
    rights_request: RightsRequest,
    kind: GestureKind,
    *,
    by: User,
    because: str = "",
    **given: Any,
) -> None:
    """Do what a request demands, with its letter and one entry; raise MoveRefused.

    ``because``: why not all of it (GDPR 12.4).
    """
    lock(rights_request)
    if sentence := rights_request.why_not_alone(by) or why_not_now(
        rights_request, kind
    ):
        raise MoveRefused(sentence)
    # An erased person is in no register any more.
    persons, about = rights_request.person.candidates, rights_request.about
    with journal.gathering() as parts:
        counts = EFFECTS[kind](rights_request, by=by, **given)
    done = keep(rights_request, kind, by=by, because=because, counts=counts)
    details = {"verb": str(kind), "answer": done.answer, "because": because}
    journal.record(
        Action.RIGHTS_MOVED,
        by=by,
        target=rights_request,
        persons=persons,
        details={**details, "about": about},
        parts=parts,
    )
    if kind == GestureKind.PASSED_ON:
        emails.pass_on(done)


def keep(
    rights_request: RightsRequest,
    kind: GestureKind,
    *,
    by: User,
    because: str,
    counts: dict[str, Any] | None = None,
) -> RightsGesture:
    """Keep what was done in the register, and prepare its letter."""
    answer = Answer.PARTLY if because else Answer.GRANTED
    gesture: RightsGesture = rights_request.gestures.create(
        kind=kind, answer=answer, because=because, counts=counts or {}, by=by
    )
    letter = ReplyKind.LIFTED if kind == GestureKind.LIFTING else ReplyKind(answer)
    documents.prepare(rights_request, letter, by=by)
    return gesture


@transaction.atomic
def answer(rights_request: RightsRequest, *, by: User) -> None:
    """Record the answer; raise MoveRefused if nothing was done, or is not true now."""
    lock(rights_request)
    last = rights_request.gestures.last()
    is_nothing = last and last.kind == GestureKind.NOTHING and not rights_request.person
    if is_nothing and person_search.search(rights_request).certain:
        raise MoveRefused(person_search.IS_KNOWN)
    if reason := rights_request.why_not_done:
        raise MoveRefused(reason)
    ended: Any = {"ended_on": timezone.localdate()}
    rights_request.move_to(RequestState.ANSWERED, by=by, **ended)
