"""The audit journal: append-only, by month (S37, S38).

Entries are written in the transaction of their action. A request writes one entry for
its change; reads and sign-ins have their own.
"""

import contextvars
import dataclasses
import functools
import ipaddress
import logging
import re
import secrets
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from opus.lib import logs
from opus.lib.audit.models import AuditEntry

logger = logging.getLogger(__name__)


class Action(models.TextChoices):
    """The actions of the journal; alerts use their codes."""

    SIGN_IN = "sign_in", "connexion"
    SIGN_IN_REFUSED = "sign_in_refused", "connexion refusée"
    SIGN_OUT = "sign_out", "déconnexion"
    FACTOR_ENROLLED = "factor_enrolled", "second facteur enregistré"
    FACTOR_RENAMED = "factor_renamed", "second facteur renommé"
    FACTOR_REMOVED = "factor_removed", "second facteur supprimé"
    BACKUP_CODES_DRAWN = "backup_codes_drawn", "codes de secours tirés"
    BACKUP_CODE_USED = "backup_code_used", "code de secours utilisé"
    FACTOR_RESET_ASKED = "factor_reset_asked", "remise à zéro des facteurs demandée"
    FACTOR_RESET_CONFIRMED = (
        "factor_reset_confirmed",
        "remise à zéro des facteurs confirmée",
    )
    FACTOR_RESET_STOPPED = "factor_reset_stopped", "remise à zéro des facteurs arrêtée"
    FACTOR_RESET_DONE = "factor_reset_done", "facteurs remis à zéro"
    FIRST_ACCESS = "first_access", "premier accès"
    PASSWORD_CHANGED = "password_changed", "mot de passe changé"
    PASSWORD_RESET_ASKED = "password_reset_asked", "mot de passe oublié : lien demandé"
    SESSION_CAPPED = "session_capped", "plus de deux sessions : la plus ancienne fermée"
    SESSION_CLOSED = "session_closed", "session fermée par avance"
    SEARCH_SURGE = "search_surge", "recherches très nombreuses"
    CHARTER_ACCEPTED = "charter_accepted", "charte acceptée"
    ACCOUNT_OPENED = "account_opened", "compte créé"
    ACCOUNT_SUSPENDED = "account_suspended", "compte suspendu"
    ACCOUNT_REACTIVATED = "account_reactivated", "compte réactivé"
    ACCOUNT_CLOSED = "account_closed", "compte fermé"
    ACCOUNT_CHANGED = "account_changed", "compte modifié"
    ACCOUNT_SECURED = "account_secured", "compte mis en sécurité par son titulaire"
    ACCOUNTS_IMPORTED = "accounts_imported", "liste de comptes importée"
    CASELOAD_HANDED_OVER = "caseload_handed_over", "candidats suivis confiés"
    CASELOAD_TRANSFER_ASKED = (
        "caseload_transfer_asked",
        "candidats suivis\xa0: transfert demandé",
    )
    CASELOAD_TRANSFER_CONFIRMED = (
        "caseload_transfer_confirmed",
        "candidats suivis\xa0: transfert confirmé",
    )
    CASELOAD_TRANSFER_STOPPED = (
        "caseload_transfer_stopped",
        "candidats suivis\xa0: transfert arrêté",
    )
    CASELOAD_TRANSFER_CHECKED = (
        "caseload_transfer_checked",
        "candidats suivis\xa0: transfert vérifié",
    )
    CASELOAD_CONFIDED = "caseload_confided", "candidats suivis confiés pour un temps"
    CASELOAD_TAKEN_BACK = "caseload_taken_back", "candidats suivis repris"
    LEAVE_RECORDED = "leave_recorded", "absence annoncée"
    LEAVE_CANCELLED = "leave_cancelled", "absence annoncée levée"
    TEAM_REVIEWED = "team_reviewed", "comptes confirmés par le RGC"
    TEAM_REVIEW_ESCALATED = "team_review_escalated", "silence du RGC signalé"
    FIRST_ACCESS_RENEWED = "first_access_renewed", "premier accès renouvelé"
    ROLE_CHANGED = "role_changed", "rôle changé"
    ACCESS_REFUSED = "access_refused", "accès refusé"
    PERSON_READ = "person_read", "candidat consulté"
    PERSONS_LISTED = "persons_listed", "liste de candidats consultée"
    PERSON_LOOKED_UP = "person_looked_up", "candidat recherché"
    CANDIDATE_ADDED = "candidate_added", "candidat ajouté"
    CANDIDATE_CHANGED = "candidate_changed", "candidat modifié"
    CANDIDATES_MERGED = "candidates_merged", "fiches de candidat fusionnées"
    REFERRAL_MADE = "referral_made", "mise en contact"
    SCREENED_REFERRAL_MADE = (
        "screened_referral_made",
        "mise en contact avec présélection",
    )
    CV_REQUESTED = "cv_requested", "demande de CV"
    SUMMONED = "summoned", "convocation"
    REFERRAL_REFUSED = "referral_refused", "mise en contact refusée"
    REFERRAL_MOVED = "referral_moved", "suivi de la mise en contact"
    REFERRAL_CANCELLED = "referral_cancelled", "mise en contact annulée"
    OUTCOME_RECORDED = "outcome_recorded", "suite enregistrée"
    OUTCOME_UNDONE = "outcome_undone", "suite annulée"
    DOCUMENT_READ = "document_read", "document consulté"
    DOCUMENT_REMADE = "document_remade", "document relancé"
    SHEETS_PRINTED = "sheets_printed", "documents réunis pour l’impression"
    ADMIN_ADDED = "admin_added", "ajout par l’administration"
    ADMIN_CHANGED = "admin_changed", "modification par l’administration"
    ADMIN_READ = "admin_read", "consultation par l’administration"
    EVENT_REPLAYED = "event_replayed", "évènement rejoué"
    EVENT_DISMISSED = "event_dismissed", "évènement classé sans suite"
    QUARANTINE_CLOSED = "quarantine_closed", "ligne en quarantaine close"
    REFERRAL_CONFIRMED = "referral_confirmed", "mise en contact confirmée"
    CONVENTION_CHANGED = "convention_changed", "convention modifiée"
    AMENDMENT_CHANGED = "amendment_changed", "avenant"
    ENDING_CHANGED = "ending_changed", "fin anticipée d’une convention"
    BREACH_CHANGED = "breach_changed", "procédure pour manquement"
    MEETING_CHANGED = "meeting_changed", "réunion de suivi"
    LETTER_PREPARED = "letter_prepared", "lettre préparée"
    LETTER_POSTED = "letter_posted", "envoi d’une lettre enregistré"
    LETTER_RECEIVED = "letter_received", "avis de réception enregistré"
    LETTER_CANCELLED = "letter_cancelled", "lettre annulée"
    NOMINATION_CHANGED = "nomination_changed", "nomination de RGC modifiée"
    FIRST_FACTOR_PROVED = "first_factor_proved", "premier facteur reconnu"
    IDENTITY_CONFIRMED = "identity_confirmed", "identité confirmée"
    CEILING_REACHED = "ceiling_reached", "plafond atteint"
    NOT_FOUND = "not_found", "adresse introuvable"
    SESSION_MOVED = "session_moved", "session vue d’un autre endroit"
    EXPORT_MADE = "export_made", "export"
    FEED_FORGED = "feed_forged", "signature du flux refusée"
    FAVOURITE_KEPT = "favourite_kept", "offre gardée"
    FAVOURITE_REMOVED = "favourite_removed", "offre gardée retirée"
    SEARCH_SAVED = "search_saved", "recherche enregistrée"
    SEARCH_CHANGED = "search_changed", "recherche modifiée"
    SEARCH_DELETED = "search_deleted", "recherche supprimée"
    EFFECT_RETRIED = "effect_retried", "envoi relancé"
    MAIL_CONSENT_GIVEN = "mail_consent_given", "accord pour les courriels enregistré"
    MAIL_CONSENT_WITHDRAWN = (
        "mail_consent_withdrawn",
        "accord pour les courriels retiré",
    )
    DOCUMENT_MAILED = "document_mailed", "envoi d’un document par courriel"
    ALERT_TAKEN = "alert_taken", "alerte prise en charge"
    ALERT_CLOSED = "alert_closed", "alerte close"
    TICKET_OPENED = "ticket_opened", "demande d’assistance"
    TICKET_CHANGED = "ticket_changed", "suivi d’une demande d’assistance"
    ANNOUNCEMENT_CHANGED = "announcement_changed", "actualité publiée ou retirée"
    INCIDENT_CHANGED = "incident_changed", "incident : nouvelles ou fin"
    WORKS_CHANGED = "works_changed", "opération planifiée annulée ou terminée"
    DATA_PURGED = "data_purged", "données arrivées à terme"
    HOLD_PLACED = "hold_placed", "conservation pour litige"
    HOLD_LIFTED = "hold_lifted", "fin d’une conservation pour litige"
    RIGHTS_ASKED = "rights_asked", "demande d’exercice des droits"
    RIGHTS_MOVED = "rights_moved", "suivi d’une demande d’exercice des droits"
    PERSON_FILE_ASKED = "person_file_asked", "copie de données demandée"
    PERSON_FILE_TAKEN = "person_file_taken", "copie de données téléchargée"


# Views of personal data, for ceilings and detection (S25, S39).
READS = (
    Action.PERSON_READ,
    Action.PERSONS_LISTED,
    Action.PERSON_LOOKED_UP,
    Action.DOCUMENT_READ,
    Action.ADMIN_READ,
)

# Side observations of an account, for detection.
SIGNS = (
    Action.ACCESS_REFUSED,
    Action.CEILING_REACHED,
    Action.NOT_FOUND,
    Action.SEARCH_SURGE,
    Action.SESSION_CAPPED,
    Action.SESSION_MOVED,
)
# Entries that a request may write besides the entry of its change.
ASIDE = frozenset({*READS, *SIGNS})


@dataclasses.dataclass(frozen=True)
class Trace:
    request_id: str = ""
    ip: str | None = None
    agent: str = ""
    session: SessionBase | None = None


SESSION_MARK = "mark"
# Some proxies add a port: ``192.0.2.1:4711``, ``[2001:db8::1]:4711``.
ADDRESS_WITH_PORT = re.compile(r"(?P<v4>[\d.]+):\d+|\[(?P<v6>[^]]+)\](:\d+)?")

_trace = contextvars.ContextVar[Trace]("trace")
_parts = contextvars.ContextVar[list[dict[str, Any]]]("parts")


@contextmanager
def gathering() -> Iterator[list[dict[str, Any]]]:
    """Collect the entries of inner actions, for ``record``.

    Reads, sign-ins and refusals are written at once.
    """
    token = _parts.set([])
    try:
        yield _parts.get()
    finally:
        _parts.reset(token)


def record(
    action: Action,
    *,
    by: Any,
    target: models.Model | None = None,
    persons: int | Collection[uuid.UUID] = 0,
    far: Collection[uuid.UUID] = (),
    refused: str = "",
    details: dict[str, Any] | None = None,
    parts: Collection[dict[str, Any]] = (),
) -> AuditEntry:
    """Write one entry in this transaction; within ``gathering``, collect it.

    ``by`` is None for Opus itself; ``persons`` are the candidates seen or written (or
    a count), ``far`` those far from the structure (S39); ``refused`` is a reason;
    ``parts`` come from ``gathering``. ``details``: codes and numbers; never a name,
    an address or free text.
    """
    trace = _trace.get(Trace())
    person_ids = [] if isinstance(persons, int) else sorted(set(persons))
    is_known = bool(by is not None and by.is_authenticated)
    entry = AuditEntry(
        at=timezone.now(),
        actor_id=by.pk if is_known else None,
        actor=by.identifier if is_known else "",
        role=by.role if is_known else "",
        structure_id=by.structure_id if is_known else None,
        action=action,
        target_type=target._meta.label_lower if target else "",
        target_id=str(target.pk) if target else "",
        persons=persons if isinstance(persons, int) else len(person_ids),
        person_ids=person_ids,
        far_ids=sorted(set(far)),
        session=mark_of(trace.session),
        refused=refused,
        request_id=trace.request_id,
        ip=trace.ip,
        agent=trace.agent,
        details=(details or {}) | ({"parts": list(parts)} if parts else {}),
    )
    gathered = _parts.get(None)
    if gathered is None or refused or action in ASIDE:
        entry.save(force_insert=True)
    else:
        gathered.append(part_of(entry))
    return entry


def part_of(entry: AuditEntry) -> dict[str, Any]:
    part: dict[str, Any] = {"action": str(entry.action)}
    if entry.target_type:
        part["target"] = f"{entry.target_type} {entry.target_id}"
    if entry.person_ids:
        part["persons"] = [str(person) for person in entry.person_ids]
    if entry.details:
        part["details"] = entry.details
    return part


def mark_of(session: SessionBase | None) -> str:
    """Return the journal's random name of a session (S13)."""
    if session is None or not session.session_key:
        return ""
    return str(session.setdefault(SESSION_MARK, secrets.token_hex(8)))


def client_address(request: HttpRequest) -> str | None:
    """Return the address seen by the outermost trusted proxy.

    IPv4 mapped to IPv6 becomes IPv4: all mapped addresses share one /64.
    """
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if proxies := settings.TRUSTED_PROXIES:
        hops = forwarded.split(",")
        address = hops[-min(proxies, len(hops))].strip() or address
    elif forwarded:
        warn_of_untrusted_proxy()
    if found := ADDRESS_WITH_PORT.fullmatch(address):
        address = found["v4"] or found["v6"]
    try:
        # ``inet`` has no zone (``fe80::1%eth0``), which is local to the machine.
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(ip, "ipv4_mapped", None) or ip)


@functools.cache
def warn_of_untrusted_proxy() -> None:
    """Log once per process: every client has the address of the proxy."""
    logger.warning(
        "X-Forwarded-For came, but OPUS_TRUSTED_PROXIES is 0, so all clients share the"
        " address of the proxy: set the number of proxies in front."
    )


class TraceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trace = Trace(
            request_id=logs.current_fields().get("request") or uuid.uuid4().hex,
            ip=client_address(request),
            agent=request.META.get("HTTP_USER_AGENT", "")[:200],
            # Read at each entry: a sign-in replaces the session.
            session=getattr(request, "session", None),
        )
        token = _trace.set(trace)
        try:
            return self.get_response(request)
        finally:
            _trace.reset(token)
