"""Every POST of every test: one line of the journal for an object it changed (S37),
and nowhere a word of what was typed of a person (S41).

The requests are seen by a middleware of the suite, whoever sends them: a client of
Django or a browser. ``tests/soundness.py`` looks at them after each test, and
``tests/conftest.py`` after a whole run at what no test has pressed.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse

from opus.lib.audit.journal import ASIDE
from opus.lib.audit.models import AuditEntry
from tests.canaries import SECRET_FIELDS, leaks_of, lines_and_rows

# What the journal calls what is posted to these addresses.
PAGES = {
    "first_factor_proved": "login first_access activation",
    "sign_in": "login_code passkey_login",
    "factor_enrolled": "enrol_factor enrol_passkey factor_add factor_add_passkey",
    "identity_confirmed": "step_up passkey_confirm",
    "sign_out": "logout",
    "password_reset_asked": "password_forgotten",
    "password_changed": "password_reset password_change",
    "first_access": "first_access_password activation_password",
    "rights_asked": "own_rights",
    "charter_accepted": "charter",
    "factor_renamed": "factor",
    "factor_removed": "factor_remove",
    "backup_codes_drawn": "backup_codes",
    "factor_reset_stopped": "factor_reset_stop account_factor_reset_stop",
    "account_secured": "account_safety",
    "session_closed": "sessions_close session_close",
    "account_opened": "account_add",
    "accounts_imported": "account_import",
    "team_reviewed": "team_review",
    "account_changed": "account_edit",
    "leave_recorded": "account_leave",
    "leave_cancelled": "account_leave_cancel",
    "account_suspended": "account_suspend",
    "account_reactivated": "account_reactivate",
    "account_closed": "account_close",
    "caseload_handed_over": "account_hand_over",
    "caseload_transfer_asked": "account_hand_over account_confide",
    "caseload_transfer_stopped": "account_hand_over_stop caseload_transfer",
    "caseload_transfer_confirmed": "caseload_transfer",
    "caseload_confided": "account_confide caseload_confide",
    "caseload_taken_back": "account_take_back caseload_take_back",
    "first_access_renewed": "account_first_access",
    "factor_reset_asked": "account_factor_reset",
    "factor_reset_done": "account_factor_reset_slip",
    "candidate_added": "candidate_add candidate_import",
    "candidates_merged": "candidate_merge",
    "candidate_changed": "candidate_edit",
    "referral_made": "referral_confirm bulk",
    "export_made": "search_export activity_export activity_pack",
    "meeting_changed": "meeting_reply",
    "favourite_kept": "favourite_keep candidate_offers",
    "favourite_removed": "favourite_remove",
    "search_saved": "saved_search_for",
    "search_changed": "saved_search_edit",
    "search_deleted": "saved_search_delete",
    "referral_moved": (
        "documents_hand_over appointment_date_accept appointment_date_decline "
        "referral_hand_over referral_contact referral_interview screened_hand_over "
        "screened_complete screened_shortlist screened_set_aside screened_present "
        "screened_interview appointment_hand_over appointment_change "
        "appointment_attend appointment_miss cv_request_hand_over cv_request_relaunch "
        "cv_request_receive"
    ),
    "outcome_undone": "referral_outcome_undo screened_outcome_undo",
    "screened_referral_made": "screened_referral_confirm bulk",
    "summoned": "appointment_confirm bulk",
    "document_remade": "document_again document_renew",
    "mail_consent_given": "candidate_mails",
    "mail_consent_withdrawn": "candidate_mails_stop person_mail_stop",
    "document_mailed": (
        "document_mail referral_hand_over screened_hand_over appointment_hand_over"
    ),
    "sheets_printed": "print_jobs",
    "cv_requested": "cv_request_confirm bulk",
    "ticket_opened": "contact",
    "ticket_changed": "ticket ticket_link",
    "outcome_recorded": "referral_outcome screened_outcome",
    "referral_cancelled": (
        "referral_cancel screened_cancel appointment_cancel cv_request_cancel"
    ),
}
# What it calls what a button of that register does, and the exceptions.
BUTTONS = {
    "accounts_convention": "convention_changed",
    "accounts_modeltext": "admin_changed",
    "accounts_amendment": "amendment_changed",
    "accounts_ending": "ending_changed",
    "accounts_breach": "breach_changed",
    "accounts_reviewmeeting": "meeting_changed",
    "accounts_letter": "letter_posted",
    "accounts_nomination": "nomination_changed",
    "accounts_user": "account_suspended",
    "referrals_caseloadtransfer": "caseload_transfer_confirmed",
    "support_ticket": "ticket_changed",
    "accounts_accounthold": "hold_placed",
    "referrals_candidatehold": "hold_placed",
    "accounts_alert": "alert_taken",
    "referrals_referral": "outcome_recorded",
    "referrals_cvrequest": "referral_moved",
    "referrals_screenedreferral": "referral_moved",
    "referrals_slot": "admin_changed",
    "referrals_appointment": "referral_moved",
    "support_announcement": "announcement_changed",
    "support_incident": "incident_changed",
    "support_plannedwork": "works_changed",
    "support_rightsrequest": "rights_moved",
    "offers_eventquarantine": "event_replayed",
    "offers_quarantine": "quarantine_closed",
    "lib_outboxentry": "effect_retried",
}
OTHER_BUTTONS = {
    "accounts_convention relancer": "document_remade",
    "accounts_convention avenant": "amendment_changed",
    "accounts_convention fin": "ending_changed",
    "accounts_convention fin-accord": "ending_changed",
    "accounts_convention manquement": "breach_changed",
    "accounts_letter presenter": "letter_received",
    "accounts_letter relancer": "document_remade",
    "accounts_letter refaire": "letter_prepared",
    "accounts_letter annuler": "letter_cancelled",
    "accounts_user reactiver": "account_reactivated",
    "accounts_user fermer-sessions": "session_closed",
    "accounts_user lien-activation": "first_access_renewed",
    "accounts_user confier": "caseload_handed_over",
    "accounts_user fermer": "account_closed",
    "accounts_user second-facteur-perdu": "factor_reset_asked",
    "accounts_user confirmer-la-remise-a-zero": "factor_reset_confirmed",
    "accounts_user remettre-a-zero": "factor_reset_done",
    "accounts_user annuler-la-remise-a-zero": "factor_reset_stopped",
    "referrals_caseloadtransfer arreter": "caseload_transfer_stopped",
    "referrals_caseloadtransfer verifier": "caseload_transfer_checked",
    "accounts_accounthold lever": "hold_lifted",
    "referrals_candidatehold lever": "hold_lifted",
    "accounts_alert fermer-les-sessions": "session_closed",
    "accounts_alert clore": "alert_closed",
    "referrals_referral relancer-le-document": "document_remade",
    "referrals_cvrequest relancer-le-document": "document_remade",
    "referrals_screenedreferral suite": "outcome_recorded",
    "referrals_screenedreferral relancer-le-document": "document_remade",
    "referrals_slot deplacer": "referral_moved",
    "referrals_slot annuler-et-fermer": "referral_cancelled",
    "referrals_appointment annuler": "referral_cancelled",
    "referrals_appointment relancer-le-document": "document_remade",
    "support_rightsrequest preparer-la-copie": "person_file_asked",
    "support_rightsrequest telecharger-la-copie": "person_file_taken",
    "referrals_referral rectifier": "candidate_changed",
    "referrals_cvrequest rectifier": "candidate_changed",
    "referrals_screenedreferral rectifier": "candidate_changed",
    "referrals_appointment rectifier": "candidate_changed",
    "offers_eventquarantine classer": "event_dismissed",
}
# What it calls what is typed into the sheets of the desk, where it is no change of one.
SHEETS = {
    "accounts_accounthold_add": "hold_placed",
    "accounts_nomination_add": "nomination_changed",
    "accounts_user_add": "account_opened",
    "accounts_user_change": "account_changed",
    "referrals_candidatehold_add": "hold_placed",
    "support_rightsrequest_add": "rights_asked",
}

# The requests of the test that runs, by their number: what they pressed.
posted: dict[str, str] = {}
# What was typed there of persons, secret or free.
typed: set[str] = set()
# What some test of this process pressed with success, and what must be.
pressed: set[str] = set()
to_press: set[str] = set()


class Heard(logging.Handler):
    """The lines of the logs, of the test that runs."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


heard = Heard()


class RecordPosts:
    """Keep which requests were posted and not refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        found, number = request.resolver_match, response.get("X-Request-ID")
        if request.method == "POST" and response.status_code < 400 and found and number:
            typed.update(words_of(request))
            posted[number] = f"{found.view_name} {found.kwargs.get('slug', '')}".strip()
        return response


def words_of(request: HttpRequest) -> Iterator[str]:
    for name, values in request.POST.lists():
        # An outcome has a code too, in letters.
        is_code = name == "code" and any(sign.isdigit() for sign in values[0])
        if name in SECRET_FIELDS or is_code:
            yield from values
    for file in request.FILES.values():
        if str(file.name).endswith(".csv"):
            file.seek(0)
            yield from file.read().decode("utf-8", "replace").split(";")


def find_leaks() -> list[tuple[str, str]]:
    """What was typed and stands where it must not: the place, the word (S41)."""
    words = {word.strip() for word in typed if len(word.strip()) > 3}
    return leaks_of(words, lines_and_rows(heard.records)) if words else []


def forget() -> None:
    """Begin anew with the next test; the one before may have configured the logs."""
    logging.getLogger().addHandler(heard)
    posted.clear()
    typed.clear()
    heard.records.clear()


def changes(*numbers: str) -> dict[str, list[AuditEntry]]:
    """The lines of the journal of these requests; reads and signs stand beside them."""
    found = defaultdict(list)
    rows = AuditEntry.objects.filter(request_id__in=numbers, refused="")
    for row in rows.order_by("pk"):
        if row.action not in ASIDE:
            found[row.request_id].append(row)
    return found


def expected(name: str) -> set[str]:
    """What the journal may call what is recorded there; empty: whatever it likes."""
    page, _, slug = name.removeprefix("admin:").partition(" ")
    register, _, kind = page.rpartition("_")
    if name == page:
        return {action for action, names in PAGES.items() if name in names.split()}
    if kind == "action":
        return {OTHER_BUTTONS.get(f"{register} {slug}", BUTTONS[register])}
    verb = {"add": "admin_added", "change": "admin_changed"}.get(kind)
    return {SHEETS.get(page, verb)} if verb else set()


def is_one(rows: list[AuditEntry]) -> bool:
    """Whether they record one change: one line for each of several objects, at most."""
    return len({(row.target_type, row.target_id) for row in rows}) == len(rows)


def count_presses() -> dict[str, list[str]]:
    """Add what made its line to what was pressed; return what recorded another."""
    seen, found = dict(posted), changes(*posted) if posted else {}
    posted.clear()
    wrong = {}
    for number, rows in found.items():
        name, actions = seen[number], {row.action for row in rows}
        pressed.add(name)
        if not is_one(rows) or not actions <= (expected(name) or actions):
            wrong[name] = [row.action for row in rows]
    return wrong
