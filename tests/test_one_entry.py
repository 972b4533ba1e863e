"""Every address that changes something, and every button of the desk: one entry (S37).

Each is driven once, as the person does it whom it is for. What is changed is told by
exactly one line of the journal, whatever it calls; reads and signs stand beside it. An
address that is posted to and is not here fails.
"""

import csv
import datetime as dt
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.letters import Carrier
from accounts.nominations import actions as nomination_actions
from accounts.signin import reset_tokens
from accounts.signin.models import BackupCodeSet
from accounts.team import actions
from accounts.users import actions as account_opening
from accounts.users.enums import Role
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound.models import OutboxEntry
from opus.support.data_rights import actions as rights
from opus.support.data_rights.models import GestureKind, RightsRequest
from referrals.candidate_emails import actions as mails
from referrals.candidate_emails.models import MailConsent
from referrals.documents.actions import make_document
from tests.accounts.authenticator import (
    Authenticator,
    enrol_passkey,
    options_of,
    origin,
)
from tests.accounts.factories import (
    PASSWORD,
    AccountHoldFactory,
    AdviserFactory,
    AgencyFactory,
    AgreementDocumentFactory,
    AlertFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    FactorResetFactory,
    FtAdminFactory,
    LeaveFactory,
    LetterFactory,
    ModelTextFactory,
    NominationFactory,
    OpenSessionFactory,
    PartnershipFactory,
    ReviewMeetingFactory,
    RgcFactory,
    SecurityEventFactory,
    StructureFactory,
    TotpDeviceFactory,
    make_registered_number,
    make_siret,
)
from tests.accounts.journeys import another_browser, give_password
from tests.admin.registers import (
    action_url,
    make_everyday_word,
    make_outcome_code,
    make_reject,
    record_url,
)
from tests.canaries import Witness, listening
from tests.cases import each_case
from tests.conftest import sign_in
from tests.forms import longest_form
from tests.lib.uploads.files import PDF
from tests.offers.helpers.factories import OfferFactory, RejectedEventFactory
from tests.one_entry import changes, to_press
from tests.referrals.cv_factories import CvLetterFactory, CvRequestFactory, upload
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    CandidateHoldFactory,
    CaseloadTransferFactory,
    DateProposalFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
    SavedSearchFactory,
    SlotFactory,
    StandInFactory,
    end,
)
from tests.referrals.screened import ScreenedReferralFactory, in_state, record, sheet_of
from tests.support.factories import (
    AnnouncementFactory,
    CertifiedBrowserFactory,
    GuideFactory,
    IncidentFactory,
    PlannedWorkFactory,
    QuestionFactory,
    RightsRequestFactory,
    SurveyFactory,
    TicketFactory,
)
from tests.walk import addresses

pytestmark = pytest.mark.django_db

NEW = "cinq mots choisis par moi seul"
TWICE = {"password1": NEW, "password2": NEW}


def today() -> str:
    return timezone.localdate().isoformat()


def day_in(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def in_days(days: int) -> str:
    return day_in(days).isoformat()


def entries_of(response: Any) -> list[str]:
    """What the journal tells of the change that this request made."""
    number = response["X-Request-ID"]
    return [row.action for row in changes(number).get(number, [])]


# --- The pages ------------------------------------------------------------------------

Scene = Callable[[Client], Any]
SCENES: dict[str, tuple[str, Scene]] = {}
# What is posted to and changes nothing of the trade.
UNTOLD = {
    "csp_report": "what a browser reports goes to the log",
    "passkey_options": "a question for the browser",
    "passkey_new_options": "a question for the browser",
    "session_extend": "the session's own clock",
    "candidates": "a person is looked for: a read, posted so that no address names him",
    "referrals": "the same, among one's own acts",
    "screened_referrals": "the same",
    "cv_requests": "the same",
    "appointments": "the same",
    "referral_start": "the same, on the way to an act",
    "cv_request_start": "the same",
    "screened_referral_start": "the same, on the way to an act with preselection",
    "appointment_start": "the same, on the way to a convocation",
    "offer_document_again": "a sheet that names nobody is printed once more",
    "saved_search_add": "one's own shelf of searches: words and places, nobody's data",
    "saved_search_stop": "one's own e-mails, by their link: the searches stay",
    "alerts_stop": "the same, all of them",
    "decision_emails": "one’s own e-mails, in *Mon compte*: no data of a person",
    "mailed_document": "a person reads her document: told among the reads",
    "print_job_again": "a file once more: its asking and its reading are told",
    "print_job_cancel": "a file that goes: the documents stay",
    "export_cancel": "a file that goes: its making and its reading are told",
    "survey": "an answer is nobody's: the journal would say whose (U18)",
    "survey_set_aside": "the same: who has not set it aside has answered",
    "feed_events": "France Travail's feed has its own register of deliveries",
}


def scene(name: str, action: str) -> Callable[[Scene], Scene]:
    """How that address is posted to with success, and what the journal calls it."""

    def declare(play: Scene) -> Scene:
        assert name not in SCENES
        SCENES[name] = (action, play)
        return play

    return declare


def partner_names() -> set[str]:
    return {
        address.name for address in addresses() if not address.is_admin and address.name
    }


def test_every_address_that_is_posted_to_has_its_scene(client: Client) -> None:
    """A page for reading answers 405; whatever else does not is in the list."""
    sign_in(client, RgcFactory())
    posted = {"logout"} | {
        address.name
        for address in addresses()
        # Last of all: it would end the walk.
        if not address.is_admin
        and address.name != "logout"
        and client.post(address.path).status_code != 405
    }

    assert posted - set(SCENES) - set(UNTOLD) == set()
    assert set(SCENES) | set(UNTOLD) <= partner_names()
    to_press.update(posted - set(UNTOLD))


@each_case("name", sorted(UNTOLD))
def test_what_is_said_to_change_nothing_tells_nothing(
    client: Client, name: str
) -> None:
    sign_in(client, AdviserFactory())
    paths = {address.name: address.path for address in addresses()}

    response = client.post(paths[name], {"who": "1234567A"})

    assert entries_of(response) == []


# Signing in.


@scene("login", "first_factor_proved")
def password(client: Client) -> Any:
    return give_password(client, AdviserFactory().identifier)


@scene("login_code", "sign_in")
def backup_code(client: Client) -> Any:
    """By a backup code, which is told within the same line."""
    adviser = AdviserFactory()
    code = BackupCodeSet.draw(adviser)[0]
    give_password(client, adviser.identifier)
    return client.post(reverse("login_code"), {"code": code})


@scene("passkey_login", "sign_in")
def passkey(client: Client) -> Any:
    key = Authenticator()
    enrol_passkey(sign_in(another_browser(), AdviserFactory()), key)
    answer = key.get(options_of(client, "passkey_options"), origin())
    return client.post(reverse("passkey_login"), {"credential": answer})


def newcomer(client: Client) -> User:
    """Somebody who has chosen a password and has no second factor yet."""
    account: User = AdviserFactory(created=True)
    give_password(client, account.identifier)
    return account


@scene("enrol_factor", "factor_enrolled")
def first_application(client: Client) -> Any:
    account = newcomer(client)
    client.get(reverse("enrol_factor"))
    code = account.totpdevice_set.get().current_token()
    return client.post(reverse("enrol_factor"), {"code": code})


@scene("enrol_passkey", "factor_enrolled")
def first_passkey(client: Client) -> Any:
    newcomer(client)
    return enrol_passkey(client, Authenticator(), to="enrol_passkey")


@scene("step_up", "identity_confirmed")
def identity(client: Client) -> Any:
    adviser = AdviserFactory()
    code = BackupCodeSet.draw(adviser)[0]
    return sign_in(client, adviser).post(reverse("step_up"), {"code": code})


@scene("passkey_confirm", "identity_confirmed")
def identity_by_passkey(client: Client) -> Any:
    adviser, key = AdviserFactory(), Authenticator()
    enrol_passkey(sign_in(client, adviser), key)
    answer = key.get(options_of(client, "passkey_options"), origin())
    return client.post(reverse("passkey_confirm"), {"credential": answer})


@scene("logout", "sign_out")
def signed_out(client: Client) -> Any:
    return sign_in(client, AdviserFactory()).post(reverse("logout"))


@scene("password_forgotten", "password_reset_asked")
def forgotten(client: Client) -> Any:
    return client.post(
        reverse("password_forgotten"), {"who": AdviserFactory().identifier}
    )


@scene("password_reset", "password_changed")
def chosen_by_link(client: Client) -> Any:
    token = reset_tokens.make(AdviserFactory())
    client.get(reverse("password_reset_link", args=[token]))
    return client.post(reverse("password_reset"), TWICE)


@scene("password_change", "password_changed")
def chosen_by_holder(client: Client) -> Any:
    sign_in(client, AdviserFactory())
    return client.post(reverse("password_change"), {"old_password": PASSWORD, **TWICE})


def slip(client: Client) -> Any:
    account, secret = actions.open_account(
        by=RgcFactory(),
        first_name="Zoé",
        last_name="Durand",
        email="zoe.durand@partenaire.example",
    )
    data = {"identifier": account.identifier, "secret": secret}
    return client.post(reverse("first_access"), data)


SCENES["first_access"] = ("first_factor_proved", slip)


@scene("first_access_password", "first_access")
def first_password(client: Client) -> Any:
    slip(client)
    return client.post(reverse("first_access_password"), TWICE)


def link(client: Client) -> Any:
    account = User(
        role=Role.FT_ADMIN,
        first_name="Paul",
        last_name="Garnier",
        email="paul.garnier@francetravail.example",
    )
    account_opening.open_account(account, by=None)
    token = account.first_accesses.get().token
    client.get(reverse("activation_link", args=[token]))
    return client.post(reverse("activation"), {"identifier": account.identifier})


SCENES["activation"] = ("first_factor_proved", link)


@scene("activation_password", "first_access")
def password_by_link(client: Client) -> Any:
    link(client)
    return client.post(reverse("activation_password"), TWICE)


@scene("own_rights", "rights_asked")
def own_rights(client: Client) -> Any:
    sign_in(client, AdviserFactory())
    return client.post(reverse("own_rights"), {"right": "acces"})


@scene("charter", "charter_accepted")
def charter(client: Client) -> Any:
    sign_in(client, AdviserFactory(charter=None))
    return client.post(reverse("charter"), {"accepted": "on"})


# One's own account.


@scene("factor_add", "factor_enrolled")
def another_application(client: Client) -> Any:
    adviser = AdviserFactory()
    sign_in(client, adviser).get(reverse("factor_add"))
    device = adviser.totpdevice_set.get(confirmed=False)
    data = {"name": "téléphone", "code": device.current_token()}
    return client.post(reverse("factor_add"), data)


@scene("factor_add_passkey", "factor_enrolled")
def another_passkey(client: Client) -> Any:
    sign_in(client, AdviserFactory())
    return enrol_passkey(client, Authenticator(), name="bureau")


@scene("factor", "factor_renamed")
def renamed(client: Client) -> Any:
    adviser = AdviserFactory()
    path = reverse("factor", args=[adviser.factors[0].public_id])
    return sign_in(client, adviser).post(path, {"name": "autre"})


@scene("factor_remove", "factor_removed")
def removed(client: Client) -> Any:
    adviser = AdviserFactory()
    sign_in(client, adviser)
    spare = TotpDeviceFactory(user=adviser, name="ancien")
    return client.post(reverse("factor_remove", args=[spare.public_id]))


@scene("backup_codes", "backup_codes_drawn")
def codes(client: Client) -> Any:
    return sign_in(client, AdviserFactory()).post(reverse("backup_codes"))


@scene("factor_reset_stop", "factor_reset_stopped")
def stopped(client: Client) -> Any:
    reset = FactorResetFactory()
    return client.post(reverse("factor_reset_stop", args=[reset.stop_token]))


@scene("account_safety", "account_secured")
def secured(client: Client) -> Any:
    event = SecurityEventFactory()
    FactorResetFactory(account=event.account)
    return client.post(reverse("account_safety", args=[event.stop_token]))


@scene("sessions_close", "session_closed")
def others_closed(client: Client) -> Any:
    adviser = AdviserFactory()
    sign_in(client, adviser)
    OpenSessionFactory(account=adviser)
    return client.post(reverse("sessions_close"))


@scene("session_close", "session_closed")
def one_closed(client: Client) -> Any:
    adviser = AdviserFactory()
    sign_in(client, adviser)
    row = OpenSessionFactory(account=adviser)
    return client.post(reverse("session_close", args=[row.pk]))


# The RGC's accounts.


def team(client: Client, **traits: Any) -> User:
    """An adviser of the structure whose RGC is signed in."""
    adviser: User = AdviserFactory(**traits)
    sign_in(client, RgcFactory(structure=adviser.structure))
    return adviser


def do(client: Client, name: str, account: User, **data: Any) -> Any:
    return client.post(reverse(name, args=[account.public_id]), data)


ZOE = {
    "last_name": "Durand",
    "first_name": "Zoé",
    "email": "zoe.durand@partenaire.example",
    "function": "Conseillère",
    "phone": "04 65 71 00 02",
}


@scene("account_add", "account_opened")
def account_opened(client: Client) -> Any:
    team(client)
    return client.post(reverse("account_add"), ZOE)


@scene("account_import", "accounts_imported")
def imported(client: Client) -> Any:
    """Two accounts by one file: two parts of one line."""
    team(client)
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";")
    rows.writerow(["Nom", "Prénom", "Courriel"])
    rows.writerow(["Durand", "Zoé", "zoe.durand@partenaire.example"])
    rows.writerow(["Petit", "Luc", "luc.petit@partenaire.example"])
    file = SimpleUploadedFile("comptes.csv", text.getvalue().encode())
    return client.post(reverse("account_import"), {"file": file})


@scene("team_review", "team_reviewed")
def reviewed(client: Client) -> Any:
    """One of two is gone, and suspended by the same answer."""
    gone = AdviserFactory()
    here = AdviserFactory(structure=gone.structure)
    User.objects.update(created_at=timezone.now() - dt.timedelta(days=400))
    sign_in(client, RgcFactory(structure=gone.structure))
    answers = {f"personne-{here.public_id}": "oui", f"personne-{gone.public_id}": "non"}
    return client.post(reverse("team_review"), answers)


@scene("account_edit", "account_changed")
def edited(client: Client) -> Any:
    adviser = team(client)
    data = {"email": "autre@partenaire.example", "function": "", "phone": ""}
    return do(client, "account_edit", adviser, **data)


@scene("account_leave", "leave_recorded")
def long_leave(client: Client) -> Any:
    """From today, for more than three months: the account is suspended with it."""
    adviser = team(client)
    return do(client, "account_leave", adviser, starts_on=today(), ends_on=in_days(150))


@scene("account_leave_cancel", "leave_cancelled")
def back(client: Client) -> Any:
    adviser = team(client)
    LeaveFactory(account=adviser, created_by=adviser)
    return do(client, "account_leave_cancel", adviser)


@scene("account_suspend", "account_suspended")
def suspended(client: Client) -> Any:
    return do(client, "account_suspend", team(client), reason="perte")


@scene("account_reactivate", "account_reactivated")
def reactivated(client: Client) -> Any:
    """During an announced absence, which ends with it."""
    adviser = team(client, suspended=True, last_login=timezone.now())
    LeaveFactory(account=adviser, created_by=adviser)
    return do(client, "account_reactivate", adviser)


@scene("account_close", "account_closed")
def closed(client: Client) -> Any:
    """Whom it accompanied goes to a colleague with it."""
    adviser = team(client)
    CandidateFactory(adviser=adviser)
    ReferralFactory(candidate=CandidateFactory(adviser=adviser))
    colleague = str(AdviserFactory(structure=adviser.structure).public_id)
    return do(
        client,
        "account_close",
        adviser,
        reason="depart",
        acts_to=colleague,
        others_to=colleague,
    )


@scene("account_hand_over", "caseload_handed_over")
def handed_over(client: Client) -> Any:
    """Two sets to two colleagues."""
    adviser = team(client)
    CandidateFactory(adviser=adviser)
    ReferralFactory(candidate=CandidateFactory(adviser=adviser))
    one, other = AdviserFactory.create_batch(2, structure=adviser.structure)
    return do(
        client,
        "account_hand_over",
        adviser,
        acts_to=str(one.public_id),
        others_to=str(other.public_id),
    )


@scene("account_hand_over_stop", "caseload_transfer_stopped")
def hand_over_stopped(client: Client) -> Any:
    adviser = team(client)
    CaseloadTransferFactory(account=adviser)
    return do(client, "account_hand_over_stop", adviser)


@scene("caseload_transfer", "caseload_transfer_confirmed")
def hand_over_confirmed_by_link(client: Client) -> Any:
    """It moves the persons, which its own line tells."""
    transfer = waiting_transfer(FtAdminFactory())
    path = reverse("caseload_transfer", args=[transfer.token])
    return client.post(path, {"choix": "confirmer"})


@scene("account_confide", "caseload_confided")
def confided(client: Client) -> Any:
    adviser = team(client)
    colleague = AdviserFactory(structure=adviser.structure)
    data = {"colleague": str(colleague.public_id), "starts_on": today()}
    return do(client, "account_confide", adviser, ends_on=today(), **data)


@scene("account_take_back", "caseload_taken_back")
def confided_taken_back(client: Client) -> Any:
    adviser = team(client)
    one = StandInFactory(owner=adviser)
    return client.post(reverse("account_take_back", args=[adviser.public_id, one.pk]))


@scene("caseload_confide", "caseload_confided")
def own_confided(client: Client) -> Any:
    adviser = AdviserFactory()
    colleague = AdviserFactory(structure=adviser.structure)
    data = {"colleague": str(colleague.public_id), "starts_on": today()}
    return sign_in(client, adviser).post(
        reverse("caseload_confide"), data | {"ends_on": today()}
    )


@scene("caseload_take_back", "caseload_taken_back")
def own_taken_back(client: Client) -> Any:
    one = StandInFactory()
    return sign_in(client, one.owner).post(reverse("caseload_take_back", args=[one.pk]))


@scene("account_first_access", "first_access_renewed")
def renewed(client: Client) -> Any:
    return do(client, "account_first_access", team(client), check_done="piece")


@scene("account_factor_reset", "factor_reset_asked")
def lost(client: Client) -> Any:
    answers = {"check_done": "piece", "reason": "perte"}
    return do(client, "account_factor_reset", team(client), **answers)


@scene("account_factor_reset_slip", "factor_reset_done")
def lost_done(client: Client) -> Any:
    adviser = team(client)
    FactorResetFactory(account=adviser, ready=True)
    return do(client, "account_factor_reset_slip", adviser)


@scene("account_factor_reset_stop", "factor_reset_stopped")
def lost_stopped(client: Client) -> Any:
    adviser = team(client)
    rgc = adviser.structure.users.get(role=Role.RGC)
    FactorResetFactory(account=adviser, asked_by=rgc)
    return do(client, "account_factor_reset_stop", adviser)


# Candidates and acts.


@scene("candidate_add", "candidate_added")
def candidate_added(client: Client) -> Any:
    sign_in(client, AdviserFactory())
    data = {"first_name": "Karim", "last_name": "Essai", "ft_id": "1234567A"}
    return client.post(reverse("candidate_add"), data)


@scene("candidate_import", "candidate_added")
def candidates_imported(client: Client) -> Any:
    """Each person is a change of her own, as acts are (here, one person)."""
    sign_in(client, AdviserFactory())
    file = SimpleUploadedFile("liste.csv", "Nom;Prénom\nBenali;Karim".encode())
    return client.post(reverse("candidate_import"), {"file": file})


@scene("candidate_merge", "candidates_merged")
def candidates_merged(client: Client) -> Any:
    kept = CandidateFactory(ft_id="")
    other = CandidateFactory(adviser=kept.adviser)
    sign_in(client, kept.adviser)
    path = reverse("candidate_merge", args=[kept.pk])
    return client.post(path, {"avec": other.pk})


@scene("candidate_edit", "candidate_changed")
def candidate_changed(client: Client) -> Any:
    candidate = CandidateFactory()
    sign_in(client, candidate.adviser)
    page = client.get(reverse("candidate_edit", args=[candidate.pk]))
    form = longest_form(page)
    return client.post(form.action, form.data(city="Bourgoin-Jallieu"))


@scene("referral_confirm", "referral_made")
def referred(client: Client) -> Any:
    candidate, offer = CandidateFactory(), OfferFactory()
    sign_in(client, candidate.adviser)
    path = reverse("referral_confirm", args=[offer.pk, candidate.pk])
    return client.post(path, {"key": str(uuid.uuid4())})


@scene("bulk", "referral_made")
def several_referred(client: Client) -> Any:
    """Each act is a change of its own: one transaction, one line (here, one act)."""
    candidate, offer = CandidateFactory(), OfferFactory()
    sign_in(client, candidate.adviser)
    query = f"?offre={offer.pk}&personne={candidate.pk}"
    pair = f"{offer.pk}.{candidate.pk.hex}"
    data = {"key": str(uuid.uuid4()), "paire": [pair]}
    return client.post(reverse("bulk") + query, data)


@scene("search_export", "export_made")
def exported(client: Client) -> Any:
    sign_in(client, AdviserFactory())
    path = f"{reverse('search_export')}?q=macon"
    return client.post(path, {"file_format": "csv"})


@scene("activity_export", "export_made")
def figures_exported(client: Client) -> Any:
    sign_in(client, AdviserFactory())
    data = {"what": "activity-figures", "file_format": "csv"}
    return client.post(reverse("activity_export"), data)


@scene("activity_pack", "export_made")
def review_prepared(client: Client) -> Any:
    sign_in(client, RgcFactory())
    return client.post(reverse("activity_pack"))


def meeting_of_rgc(client: Client) -> Any:
    rgc = RgcFactory()
    sign_in(client, rgc)
    convention = rgc.structure.conventions.get()
    return ReviewMeetingFactory(convention=convention, written=True)


@scene("meeting_reply", "meeting_changed")
def minutes_answered(client: Client) -> Any:
    meeting = meeting_of_rgc(client)
    data = {"version": meeting.version, "reply": "accord"}
    return client.post(reverse("meeting_reply", args=[meeting.pk]), data)


@scene("favourite_keep", "favourite_kept")
def kept(client: Client) -> Any:
    candidate = CandidateFactory()
    sign_in(client, candidate.adviser)
    path = reverse("favourite_keep", args=[OfferFactory().pk])
    return client.post(path, {"personne": [candidate.pk]})


@scene("candidate_offers", "favourite_kept")
def kept_by_number(client: Client) -> Any:
    candidate = CandidateFactory()
    sign_in(client, candidate.adviser)
    path = reverse("candidate_offers", args=[candidate.pk])
    return client.post(path, {"numero": OfferFactory().pk})


@scene("favourite_remove", "favourite_removed")
def release_legal_hold(client: Client) -> Any:
    favourite = FavouriteFactory()
    sign_in(client, favourite.candidate.adviser)
    return client.post(reverse("favourite_remove"), {"favori": favourite.pk})


@scene("saved_search_for", "search_saved")
def search_for_a_person(client: Client) -> Any:
    candidate = CandidateFactory()
    sign_in(client, candidate.adviser)
    path = f"{reverse('saved_search_for')}?q=macon"
    return client.post(path, {"personne": candidate.pk})


@scene("saved_search_edit", "search_changed")
def persons_search_renamed(client: Client) -> Any:
    search = SavedSearchFactory(candidate=CandidateFactory())
    sign_in(client, search.candidate.adviser)
    path = reverse("saved_search_edit", args=[search.pk])
    return client.post(path, {"name": "Autre nom", "alert": "aucune"})


@scene("saved_search_delete", "search_deleted")
def persons_search_deleted(client: Client) -> Any:
    search = SavedSearchFactory(candidate=CandidateFactory())
    sign_in(client, search.candidate.adviser)
    return client.post(reverse("saved_search_delete", args=[search.pk]))


def act(client: Client, name: str, data: dict[str, Any], **traits: Any) -> Any:
    document = DocumentFactory(
        ready=True, **{f"act__{trait}": True for trait in traits}
    )
    sign_in(client, document.act.adviser)
    return client.post(reverse(name, args=[document.act.pk]), data)


@scene("documents_hand_over", "referral_moved")
def pile_handed_over(client: Client) -> Any:
    document = DocumentFactory()
    sign_in(client, document.act.adviser)
    return client.post(reverse("documents_hand_over"), {"acte": [str(document.act_id)]})


@scene("referral_outcome_undo", "outcome_undone")
def act_outcome_undone(client: Client) -> Any:
    referral = ReferralFactory(handed_over=True)
    end(referral)
    sign_in(client, referral.adviser)
    return client.post(reverse("referral_outcome_undo", args=[referral.pk]))


@scene("screened_referral_confirm", "screened_referral_made")
def screened_referred(client: Client) -> Any:
    candidate = CandidateFactory()
    offer = OfferFactory(delegated_preselection=True)
    sign_in(client, candidate.adviser)
    path = reverse("screened_referral_confirm", args=[offer.pk, candidate.pk])
    return client.post(path, {"key": str(uuid.uuid4())})


def application(client: Client, name: str, data: dict[str, Any], **traits: Any) -> Any:
    act = ScreenedReferralFactory(**traits)
    sheet_of(act)
    sign_in(client, act.adviser)
    return client.post(reverse(name, args=[act.pk]), data)


@scene("screened_outcome_undo", "outcome_undone")
def application_outcome_undone(client: Client) -> Any:
    act = ScreenedReferralFactory(presented=True)
    record(act)
    sign_in(client, act.adviser)
    return client.post(reverse("screened_outcome_undo", args=[act.pk]))


@scene("appointment_confirm", "summoned")
def convened(client: Client) -> Any:
    candidate, offer = CandidateFactory(), OfferFactory(preselected=True)
    sign_in(client, candidate.adviser)
    path = reverse("appointment_confirm", args=[offer.pk, candidate.pk])
    data = {"key": str(uuid.uuid4()), "choice": SlotFactory().pk}
    return client.post(path, data)


def convocation(client: Client, name: str, data: dict[str, Any], **traits: Any) -> Any:
    appointment = AppointmentFactory(**traits)
    DocumentFactory(ready=True, act=appointment, candidate=appointment.candidate)
    sign_in(client, appointment.adviser)
    return client.post(reverse(name, args=[appointment.pk]), data)


def date_answered(client: Client, name: str) -> Any:
    """The adviser answers the date that the agency proposes."""
    proposal = DateProposalFactory()
    appointment = proposal.appointment
    DocumentFactory(act=appointment, candidate=appointment.candidate)
    sign_in(client, appointment.adviser)
    path = reverse(name, args=[appointment.pk])
    return client.post(path, {"proposal": proposal.pk})


@scene("appointment_date_accept", "referral_moved")
def date_accepted(client: Client) -> Any:
    return date_answered(client, "appointment_date_accept")


@scene("appointment_date_decline", "referral_moved")
def date_declined(client: Client) -> Any:
    return date_answered(client, "appointment_date_decline")


@scene("document_again", "document_remade")
def document_again(client: Client) -> Any:
    document = DocumentFactory()
    sign_in(client, document.act.adviser)
    return client.post(reverse("document_again", args=[document.pk]))


@scene("document_renew", "document_remade")
def document_renew(client: Client) -> Any:
    document = make_document(ReferralFactory())
    sign_in(client, document.act.adviser)
    with writing_offers():
        Offer.objects.update(title="Autre métier")
    return client.post(reverse("document_renew", args=[document.pk]))


def who_agreed() -> MailConsent:
    candidate = CandidateFactory()
    return mails.give_consent(
        candidate, by=candidate.adviser, given_on=timezone.localdate(), way="ecrit"
    )


@scene("candidate_mails", "mail_consent_given")
def mails_agreed_to(client: Client) -> Any:
    candidate = CandidateFactory()
    sign_in(client, candidate.adviser)
    path = reverse("candidate_mails", args=[candidate.pk])
    return client.post(path, {"given_on": today(), "way": "ecrit"})


@scene("candidate_mails_stop", "mail_consent_withdrawn")
def mails_stopped(client: Client) -> Any:
    candidate = who_agreed().candidate
    sign_in(client, candidate.adviser)
    return client.post(reverse("candidate_mails_stop", args=[candidate.pk]))


@scene("person_mail_stop", "mail_consent_withdrawn")
def mails_stopped_by_the_person(client: Client) -> Any:
    path = who_agreed().stop_link.partition("/courriels/")[2]
    return client.post(f"/courriels/{path}")


@scene("document_mail", "document_mailed")
def document_mailed(client: Client) -> Any:
    candidate = who_agreed().candidate
    document = DocumentFactory(ready=True, act__candidate=candidate)
    sign_in(client, candidate.adviser)
    return client.post(reverse("document_mail", args=[document.pk]))


@scene("print_jobs", "sheets_printed")
def sheets_printed(client: Client) -> Any:
    referral = DocumentFactory().act
    sign_in(client, referral.adviser)
    data = {"key": uuid.uuid4(), "acte": [referral.pk]}
    return client.post(reverse("print_jobs"), data)


@scene("cv_request_confirm", "cv_requested")
def cv_requested(client: Client) -> Any:
    candidate, offer = CandidateFactory(), OfferFactory(preselected=True)
    sign_in(client, candidate.adviser)
    path = reverse("cv_request_confirm", args=[offer.pk, candidate.pk])
    return client.post(path, {"key": str(uuid.uuid4()), "due_on": in_days(7)})


def cv_request(client: Client, name: str, data: dict[str, Any], **traits: Any) -> Any:
    cv_request = CvRequestFactory(**traits)
    sign_in(client, cv_request.adviser)
    return client.post(reverse(name, args=[cv_request.pk]), data)


def by_hand() -> dict[str, Any]:
    return {"channel": "main", "on": today()}


# What an adviser does with an act that is in these states.
Typed = Callable[[], dict[str, Any]]
ACT_SCENES: tuple[tuple[str, str, Callable[..., Any], Typed, tuple[str, ...]], ...] = (
    ("referral_hand_over", "referral_moved", act, by_hand, ()),
    (
        "referral_contact",
        "referral_moved",
        act,
        lambda: {"on": today()},
        ("handed_over",),
    ),
    ("referral_interview", "referral_moved", act, lambda: {"on": ""}, ("handed_over",)),
    (
        "referral_outcome",
        "outcome_recorded",
        act,
        lambda: {"code": "embauche", "declared_by": "employeur", "on": today()},
        ("handed_over",),
    ),
    ("referral_cancel", "referral_cancelled", act, dict, ()),
    ("screened_hand_over", "referral_moved", application, by_hand, ()),
    (
        "screened_complete",
        "referral_moved",
        application,
        lambda: {"answer": "Le lundi."},
        ("asked_for_more",),
    ),
    ("screened_shortlist", "referral_moved", application, dict, ("to_review",)),
    (
        "screened_set_aside",
        "referral_moved",
        application,
        lambda: {"reason": "mobilite"},
        ("to_review",),
    ),
    (
        "screened_present",
        "referral_moved",
        application,
        lambda: {"on": today()},
        ("shortlisted",),
    ),
    (
        "screened_interview",
        "referral_moved",
        application,
        lambda: {"on": ""},
        ("presented",),
    ),
    (
        "screened_outcome",
        "outcome_recorded",
        application,
        lambda: {"code": "embauche", "declared_by": "employeur", "on": today()},
        ("presented",),
    ),
    ("screened_cancel", "referral_cancelled", application, dict, ()),
    ("appointment_hand_over", "referral_moved", convocation, by_hand, ("in_slot",)),
    (
        "appointment_change",
        "referral_moved",
        convocation,
        lambda: {"choice": SlotFactory().pk},
        (),
    ),
    (
        "appointment_attend",
        "referral_moved",
        convocation,
        lambda: {"not_handed_because": "dit"},
        ("past",),
    ),
    (
        "appointment_miss",
        "referral_moved",
        convocation,
        lambda: {"absence": "excusee"},
        ("past",),
    ),
    ("appointment_cancel", "referral_cancelled", convocation, dict, ()),
    ("cv_request_hand_over", "referral_moved", cv_request, by_hand, ()),
    ("cv_request_relaunch", "referral_moved", cv_request, dict, ("handed_over",)),
    (
        "cv_request_receive",
        "referral_moved",
        cv_request,
        lambda: {"cv": upload()},
        ("handed_over",),
    ),
    ("cv_request_cancel", "referral_cancelled", cv_request, dict, ()),
)


def act_scene(name: str, play: Callable[..., Any], typed: Typed, *states: str) -> Scene:
    return lambda client: play(client, name, typed(), **dict.fromkeys(states, True))


for name, action, play, typed, states in ACT_SCENES:
    scene(name, action)(act_scene(name, play, typed, *states))


@each_case("name", sorted(SCENES))
def test_a_page_that_changes_something_tells_it_once_and_nobodys_words(
    name: str, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    """S37, S41."""
    action, play = SCENES[name]
    caplog.clear()
    witness = Witness(caplog)

    with listening(witness), django_capture_on_commit_callbacks(execute=True):
        response = play(another_browser())

    assert entries_of(response) == [action]
    assert witness.found() == []


# Assistance.


ASKED = {"topic": "autre", "subject": "Une question", "text": "Que faire ?"}


@scene("contact", "ticket_opened")
def asked_reset(client: Client) -> Any:
    return sign_in(client, AdviserFactory()).post(reverse("contact"), ASKED)


@scene("ticket", "ticket_changed")
def said_more(client: Client) -> Any:
    """Within the answer's fifteen days: it is reopened."""
    ticket = TicketFactory(answered=True)
    sign_in(client, ticket.author)
    return client.post(ticket.get_absolute_url(), {"text": "Encore."})


@scene("ticket_link", "ticket_changed")
def said_more_by_link(client: Client) -> Any:
    return client.post(TicketFactory(by_mail=True).link, {"text": "Encore."})


# --- The desk -------------------------------------------------------------------------

# What a button is pressed on; ``me`` presses it.
Maker = Callable[[User], Any]
DECISION = {"on": today, "decision_by": "P. Garnier", "reference": "DT38-118"}
SIGNATORY = {"signatory": "Hélène Marchand, directrice régionale"}
OPINION = {"opinion": "favorable", "on": today, "opinion_by": "L. Favre"}
OPINED = {"withdrawal_opinion": "favorable", "withdrawal_director": "dt"}


def nomination(**traits: Any) -> Maker:
    return lambda me: NominationFactory(**traits)


def promoted(me: User) -> Any:
    """An adviser of the structure, whose role changes as he takes office."""
    convention = ConventionFactory()
    adviser = AdviserFactory(structure=convention.structure)
    return NominationFactory(convention=convention, person=adviser, state="accepte")


def succeeding(me: User) -> Any:
    """A successor agreed on: the regional director validates the change (4.3)."""
    convention = NominationFactory(state="parti").convention
    return NominationFactory(convention=convention, state="accepte")


def leaving(me: User) -> Any:
    row = NominationFactory()
    nomination_actions.announce_end(row, by=me, how="parti", on=day_in(10))
    return row


def failed_convocation(me: User) -> Any:
    appointment = AppointmentFactory()
    DocumentFactory(
        state="echec", failure="panne", act=appointment, candidate=appointment.candidate
    )
    return appointment


def with_its_sheet(**traits: Any) -> Any:
    """With its document, as the action makes it."""
    appointment = AppointmentFactory(**traits)
    make_document(appointment, version=1)
    return appointment


# An appointment's day and place, as they are typed at the desk; any day will do.
OWN_DAY = {
    "day": in_days(9),
    "even_closed": "on",
    "hour": "10:00",
    "mode": "lieu",
    "where": "Salle 2",
}


def failed_act(me: User) -> Any:
    return DocumentFactory(state="echec", failure="panne").act


def standing(**traits: Any) -> Maker:
    return lambda me: ScreenedReferralFactory(**traits)


def set_aside_lately(me: User) -> Any:
    return in_state("ecartee", agent=me)


def rights_of_somebody(right: str) -> RightsRequest:
    asked = RightsRequestFactory(
        under_way=True, kind="non_inscrit", account=None, right=right
    )
    asked.candidates.create(candidate=CandidateFactory(ft_id="").pk)
    return asked


def frozen_rights(me: User) -> Any:
    asked = rights_of_somebody("limitation")
    rights.act(asked, GestureKind.RESTRICTION, by=FtAdminFactory())
    return asked


def rights_of_an_employer(me: User) -> Any:
    asked = RightsRequestFactory(
        under_way=True, kind="employeur", account=None, right="rectification"
    )
    asked.offers.create(offer=OfferFactory().pk)
    return asked


def rights_of_a_candidate(me: User) -> Any:
    CandidateFactory(ft_id="7654321Z")
    return RightsRequestFactory(verified=True, registered=True)


def failed_application(me: User) -> Any:
    act = ScreenedReferralFactory()
    sheet_of(act, state="echec", failure="panne")
    return act


def waiting_transfer(me: User) -> Any:
    """One person, of an adviser whose RGC wants her for himself."""
    rgc = RgcFactory()
    account = AdviserFactory(structure=rgc.structure)
    CandidateFactory(adviser=account)
    return CaseloadTransferFactory(account=account, asked_by=rgc)


def reset_of_rgc(me: User) -> User:
    return FactorResetFactory(of_rgc=True).account


def reset_of_mine(me: User) -> User:
    return FactorResetFactory(of_rgc=True, asked_by=me).account


def confirmed_reset(me: User) -> User:
    reset = FactorResetFactory(of_rgc=True, ready=True)
    reset.confirm(by=FtAdminFactory())
    return reset.account


def adviser_with_a_colleague(me: User) -> User:
    """Somebody who accompanies a person, and who may take over."""
    account: User = AdviserFactory()
    AdviserFactory(structure=account.structure, last_name="Collègue")
    CandidateFactory(adviser=account)
    return account


RECTIFIED = {
    "reason": "demande",
    "first_name": "Zélie",
    "last_name": "Rectifiée",
    "ft_id": "7654321R",
    "phone": "06 39 98 00 09",
    "email": "zelie.rectifiee@messagerie.example",
    "address": "9 rue du Canari",
    "postcode": "38080",
    "city": "L’Isle-d’Abeau",
}


def draft_with_text(me: Any) -> Any:
    ModelTextFactory(published=True)
    return ConventionFactory(draft=True)


# Register → button → what it is pressed on, what is typed.
BUTTONS: dict[str, dict[str, tuple[Maker, dict[str, Any]]]] = {
    "accounts.convention": {
        "signer": (
            lambda me: ConventionFactory(draft=True),
            {"signed_by_ft_on": "2024-01-10", "signed_by_structure_on": "2024-01-12"},
        ),
        "abandonner": (lambda me: ConventionFactory(draft=True), {}),
        "renouveler": (
            lambda me: ConventionFactory(ends_on=day_in(50), parent__pk=9000001),
            {
                "number": "CA-SUITE",
                "parent": 9000001,
                "starts_on": lambda: in_days(51),
                "ends_on": lambda: in_days(400),
            },
        ),
        "document": (draft_with_text, {}),
        "exemplaire": (
            lambda me: ConventionFactory(),
            {"file": lambda: SimpleUploadedFile("ca.pdf", PDF)},
        ),
        "relancer": (
            lambda me: (
                AgreementDocumentFactory(
                    state="echec", content=None, ready_at=None, failure="panne"
                ).convention
            ),
            {},
        ),
        # A correspondent needs no colleague: it counts and its letter is made at once.
        "avenant": (
            lambda me: ConventionFactory(),
            {
                "reference": "DR-1",
                "noticed_on": today,
                "effective_on": today,
                "ft_contact": "M. Essai",
            },
        ),
        "fin": (
            lambda me: ConventionFactory(),
            {"origin": "partenariat", "told_on": today, "ends_on": lambda: in_days(20)},
        ),
        "fin-accord": (
            lambda me: ConventionFactory(),
            {
                "structure_signatory": "Mme Essai, maire",
                "signed_by_structure_on": today,
                "ft_signatory": "M. Essai, directeur",
                "signed_by_ft_on": today,
                "ends_on": lambda: in_days(20),
            },
        ),
        "manquement": (
            lambda me: ConventionFactory(),
            {"reasons": ["partage"], "facts": "Deux postes pour un compte."},
        ),
    },
    "accounts.modeltext": {"publier": (lambda me: ModelTextFactory(), {})},
    "accounts.amendment": {
        "confirmer": (lambda me: AmendmentFactory(quota=30), {}),
        "abandonner": (lambda me: AmendmentFactory(quota=30), {}),
    },
    "accounts.ending": {
        "confirmer": (lambda me: EndingFactory(), SIGNATORY),
        "abandonner": (lambda me: EndingFactory(), {}),
    },
    "accounts.breach": {
        "signer": (lambda me: BreachFactory(proposed=True), SIGNATORY),
        "observations": (
            lambda me: BreachFactory(notified=True),
            {
                "on": today,
                "reference": "C-114",
                "file": lambda: SimpleUploadedFile("obs.pdf", PDF),
            },
        ),
        "maintenir": (
            lambda me: BreachFactory(observed=True),
            SIGNATORY | {"on": today, "ends_on": lambda: in_days(20)},
        ),
        "maintenir-de-nouveau": (
            lambda me: BreachFactory(upheld=True),
            SIGNATORY | {"on": today, "ends_on": lambda: in_days(20)},
        ),
        "abandonner": (lambda me: BreachFactory(notified=True), SIGNATORY),
    },
    "accounts.reviewmeeting": {
        "joindre": (
            lambda me: ReviewMeetingFactory(held=True),
            {"file": lambda: SimpleUploadedFile("cr.pdf", PDF)},
        )
    },
    "accounts.letter": {
        "poster": (
            lambda me: LetterFactory(),
            {
                "carrier": Carrier.LA_POSTE,
                "registered_number": lambda: make_registered_number(4242),
                "on": today,
            },
        ),
        "presenter": (lambda me: LetterFactory(posted=True), {"on": today}),
        "relancer": (lambda me: LetterFactory(failed=True), {}),
        "refaire": (
            lambda me: LetterFactory(
                kind="manquements", breach=BreachFactory(), state="annule"
            ),
            SIGNATORY,
        ),
        "annuler": (lambda me: LetterFactory(), {}),
    },
    "accounts.nomination": {
        "avis": (nomination(state="propose"), OPINION),
        "accepter": (nomination(state="propose"), DECISION),
        "refuser": (nomination(state="propose"), DECISION | {"reason": "dossier"}),
        "valider": (succeeding, DECISION),
        "notifier": (nomination(state="accepte"), {"on": today}),
        "fournir-compte": (nomination(state="accepte", without_account=True), {}),
        "entrer-en-fonction": (promoted, {}),
        "copie": (nomination(state="accepte"), {"on": today, "channel": "main"}),
        "partir": (nomination(), {"on": today}),
        "absence": (nomination(), {"on": today}),
        "annoncer": (nomination(), {"how": "parti", "on": lambda: in_days(10)}),
        "rester": (leaving, {}),
        "avis-retrait": (nomination(), OPINION | {"director": "dt"}),
        "retirer": (nomination(**OPINED), DECISION | {"reason": "comptes"}),
        "maintenir": (nomination(**OPINED), {}),
        "lettre-vacance": (
            nomination(state="parti"),
            {"on": today, "reference": "TC-18"},
        ),
        "abandonner": (nomination(state="propose"), {}),
    },
    "accounts.user": {
        "suspendre": (lambda me: AdviserFactory(), {"reason": "usage"}),
        "reactiver": (
            lambda me: AdviserFactory(suspended=True, last_login=timezone.now()),
            {},
        ),
        "fermer-sessions": (lambda me: AdviserFactory(), {}),
        "lien-activation": (lambda me: RgcFactory(), {"check_done": "piece"}),
        "confier": (
            adviser_with_a_colleague,
            {"others_to": lambda: User.objects.get(last_name="Collègue").public_id},
        ),
        "fermer": (lambda me: AdviserFactory(), {"reason": "depart"}),
        "second-facteur-perdu": (
            lambda me: RgcFactory(),
            {"check_done": "piece", "reason": "perte"},
        ),
        "confirmer-la-remise-a-zero": (reset_of_rgc, {}),
        "remettre-a-zero": (confirmed_reset, {}),
        "annuler-la-remise-a-zero": (reset_of_mine, {}),
    },
    "referrals.caseloadtransfer": {
        "confirmer": (waiting_transfer, {}),
        "arreter": (waiting_transfer, {}),
        "verifier": (lambda me: CaseloadTransferFactory(receiver_is_new=True), {}),
    },
    "support.ticket": {
        "repondre": (lambda me: TicketFactory(), {"text": "Voici la réponse."}),
        "prendre": (lambda me: TicketFactory(), {}),
        "confier": (lambda me: TicketFactory(), {"to": lambda: FtAdminFactory().pk}),
        "preciser": (lambda me: TicketFactory(), {"text": "Quelle offre ?"}),
        "noter": (lambda me: TicketFactory(), {"text": "Voir avec la région."}),
        "etudier": (
            lambda me: TicketFactory(proposal=True),
            {"text": "Nous regardons."},
        ),
        "prevoir": (
            lambda me: TicketFactory(proposal=True, studied=True),
            {"text": "Au printemps."},
        ),
        "livrer": (
            lambda me: TicketFactory(proposal=True, studied=True),
            {"text": "En service."},
        ),
        "decliner": (
            lambda me: TicketFactory(proposal=True),
            {"reason": "Le site public ne le permet pas."},
        ),
        "clore": (lambda me: TicketFactory(answered=True), {"closing": "repondue"}),
    },
    "accounts.accounthold": {
        "prolonger": (lambda me: AccountHoldFactory(), {"ends_on": "2090-01-01"}),
        "lever": (lambda me: AccountHoldFactory(), {}),
    },
    "referrals.candidatehold": {
        "prolonger": (lambda me: CandidateHoldFactory(), {"ends_on": "2090-01-01"}),
        "lever": (lambda me: CandidateHoldFactory(), {}),
    },
    "accounts.alert": {
        "prendre": (lambda me: AlertFactory(), {}),
        "fermer-les-sessions": (lambda me: AlertFactory(), {}),
        "clore": (lambda me: AlertFactory(), {"conclusion": "legitime"}),
    },
    "referrals.referral": {
        "suite": (
            lambda me: ReferralFactory(handed_over=True),
            {"code": "embauche", "on": today},
        ),
        "relancer-le-document": (failed_act, {}),
        "rectifier": (lambda me: ReferralFactory(handed_over=True), RECTIFIED),
    },
    "referrals.cvrequest": {
        "retenir": (lambda me: CvRequestFactory(sent=True), {}),
        "ne-pas-retenir": (
            lambda me: CvRequestFactory(sent=True),
            {"reason": "competences"},
        ),
        "deposer-le-cv": (
            lambda me: CvRequestFactory(handed_over=True),
            {"cv": upload},
        ),
        "relancer-le-document": (
            lambda me: CvLetterFactory(state="echec", failure="panne").act,
            {},
        ),
        "rectifier": (lambda me: CvRequestFactory(), RECTIFIED),
    },
    "referrals.screenedreferral": {
        "preselectionner": (standing(to_review=True), {}),
        "demander-un-complement": (standing(to_review=True), {"text": "Quels jours ?"}),
        "ecarter": (standing(to_review=True), {"reason": "mobilite"}),
        "reprendre": (set_aside_lately, {}),
        "presenter": (standing(shortlisted=True), {"on": today}),
        "entretien": (standing(presented=True), {"on": ""}),
        "suite": (standing(presented=True), {"code": "embauche", "on": today}),
        "relancer-le-document": (failed_application, {}),
        "rectifier": (lambda me: ScreenedReferralFactory(), RECTIFIED),
    },
    "referrals.slot": {
        "fermer": (lambda me: SlotFactory(), {}),
        "deplacer": (
            lambda me: with_its_sheet(in_slot=True).slot,
            {**OWN_DAY, "because": "fermeture"},
        ),
        "annuler-et-fermer": (
            lambda me: with_its_sheet(in_slot=True).slot,
            {"reason": "offre"},
        ),
    },
    "referrals.appointment": {
        "deplacer": (
            lambda me: with_its_sheet(),
            {**OWN_DAY, "choice": "libre", "minutes": "30", "because": "agence"},
        ),
        "proposer-une-autre-date": (
            lambda me: with_its_sheet(),
            {**OWN_DAY, "choice": "libre", "minutes": "30", "because": "agence"},
        ),
        "confirmer-le-rendez-vous": (lambda me: AppointmentFactory(), {}),
        "effectue": (
            lambda me: AppointmentFactory(past=True),
            {"not_handed_because": "dit"},
        ),
        "absence": (lambda me: AppointmentFactory(past=True), {"absence": "excusee"}),
        "retenir": (lambda me: AppointmentFactory(attended=True), {}),
        "ne-pas-retenir": (lambda me: AppointmentFactory(attended=True), {}),
        "annuler": (lambda me: AppointmentFactory(), {"reason": "offre"}),
        "relancer-le-document": (failed_convocation, {}),
        "rectifier": (lambda me: AppointmentFactory(), RECTIFIED),
    },
    "support.announcement": {
        "publier": (lambda me: AnnouncementFactory(draft=True, change=True), {}),
        "retirer": (lambda me: AnnouncementFactory(), {}),
    },
    "support.incident": {
        "nouvelles": (lambda me: IncidentFactory(), {"text": "La réparation avance."}),
        "clore": (
            lambda me: IncidentFactory(silent=True),
            {
                "at": lambda: f"{timezone.localtime():%Y-%m-%dT%H:%M}",
                "summary": "Un disque plein, remplacé.",
            },
        ),
    },
    "support.plannedwork": {
        "annuler": (lambda me: PlannedWorkFactory(), {}),
        "terminer": (lambda me: PlannedWorkFactory(under_way=True), {}),
    },
    "support.rightsrequest": {
        "reorienter": (lambda me: RightsRequestFactory(misrouted=True), {}),
        "corriger": (
            lambda me: RightsRequestFactory(account=None, kind="non_inscrit"),
            {"kind": "employeur", "because": "saisie"},
        ),
        "verifier-identite": (
            lambda me: RightsRequestFactory(),
            {"check_done": "rappel"},
        ),
        "trouver": (rights_of_a_candidate, {"who": "7654321Z"}),
        "detacher": (lambda me: RightsRequestFactory(verified=True), {}),
        "prendre-en-charge": (lambda me: RightsRequestFactory(verified=True), {}),
        "preparer-la-copie": (
            lambda me: RightsRequestFactory(under_way=True),
            {
                "is_this_person": "on",
                "about": lambda: ",".join(RightsRequest.objects.get().about),
            },
        ),
        "telecharger-la-copie": (
            lambda me: RightsRequestFactory(under_way=True, ready=True),
            {},
        ),
        "prolonger": (
            lambda me: RightsRequestFactory(under_way=True),
            {"because": "complexe"},
        ),
        "rectifier": (
            lambda me: rights_of_somebody("rectification"),
            {name: value for name, value in RECTIFIED.items() if name != "reason"},
        ),
        "effacer": (
            lambda me: rights_of_somebody("effacement"),
            {"is_this_person": "on"},
        ),
        "geler": (lambda me: rights_of_somebody("limitation"), {}),
        "lever": (frozen_rights, {}),
        "arreter": (
            lambda me: rights_of_somebody("opposition"),
            {"processings": ["courriels"]},
        ),
        "transmettre": (rights_of_an_employer, {"offer_parts": ["contact"]}),
        "rien-trouve": (
            lambda me: RightsRequestFactory(under_way=True, account=None),
            {},
        ),
        "repondre": (
            lambda me: RightsRequestFactory(under_way=True, answerable=True),
            {},
        ),
        "refuser": (lambda me: RightsRequestFactory(), {"because": "identite"}),
    },
    "offers.eventquarantine": {
        "rejouer": (lambda me: RejectedEventFactory(), {}),
        "classer": (lambda me: RejectedEventFactory(), {}),
    },
    "offers.quarantine": {"clore": (lambda me: make_reject(), {"reason": "inutile"})},
    "lib.outboxentry": {
        "relancer": (
            lambda me: OutboxEntry.objects.create(
                effect="essai", key="a", given_up_at=timezone.now()
            ),
            {},
        )
    },
}
# What the journal calls what a button of that register does, and the exceptions.
BUTTON_ENTRIES = {
    "accounts.convention": "convention_changed",
    "accounts.modeltext": "admin_changed",
    "accounts.amendment": "amendment_changed",
    "accounts.ending": "ending_changed",
    "accounts.breach": "breach_changed",
    "accounts.reviewmeeting": "meeting_changed",
    "accounts.letter": "letter_posted",
    "accounts.nomination": "nomination_changed",
    "accounts.user": "account_suspended",
    "referrals.caseloadtransfer": "caseload_transfer_confirmed",
    "support.ticket": "ticket_changed",
    "accounts.accounthold": "hold_placed",
    "referrals.candidatehold": "hold_placed",
    "accounts.alert": "alert_taken",
    "referrals.referral": "outcome_recorded",
    "referrals.cvrequest": "referral_moved",
    "referrals.screenedreferral": "referral_moved",
    "referrals.slot": "admin_changed",
    "referrals.appointment": "referral_moved",
    "support.announcement": "announcement_changed",
    "support.incident": "incident_changed",
    "support.plannedwork": "works_changed",
    "support.rightsrequest": "rights_moved",
    "offers.eventquarantine": "event_replayed",
    "offers.quarantine": "quarantine_closed",
    "lib.outboxentry": "effect_retried",
}
OTHER_ENTRIES = {
    ("accounts.convention", "relancer"): "document_remade",
    ("accounts.convention", "avenant"): "amendment_changed",
    ("accounts.convention", "fin"): "ending_changed",
    ("accounts.convention", "fin-accord"): "ending_changed",
    ("accounts.convention", "manquement"): "breach_changed",
    ("accounts.letter", "presenter"): "letter_received",
    ("accounts.letter", "relancer"): "document_remade",
    ("accounts.letter", "refaire"): "letter_prepared",
    ("accounts.letter", "annuler"): "letter_cancelled",
    ("accounts.user", "reactiver"): "account_reactivated",
    ("accounts.user", "fermer-sessions"): "session_closed",
    ("accounts.user", "lien-activation"): "first_access_renewed",
    ("accounts.user", "confier"): "caseload_handed_over",
    ("accounts.user", "fermer"): "account_closed",
    ("accounts.user", "second-facteur-perdu"): "factor_reset_asked",
    ("accounts.user", "confirmer-la-remise-a-zero"): "factor_reset_confirmed",
    ("accounts.user", "remettre-a-zero"): "factor_reset_done",
    ("accounts.user", "annuler-la-remise-a-zero"): "factor_reset_stopped",
    ("referrals.caseloadtransfer", "arreter"): "caseload_transfer_stopped",
    ("referrals.caseloadtransfer", "verifier"): "caseload_transfer_checked",
    ("accounts.accounthold", "lever"): "hold_lifted",
    ("referrals.candidatehold", "lever"): "hold_lifted",
    ("accounts.alert", "fermer-les-sessions"): "session_closed",
    ("accounts.alert", "clore"): "alert_closed",
    ("referrals.referral", "relancer-le-document"): "document_remade",
    ("referrals.cvrequest", "relancer-le-document"): "document_remade",
    ("referrals.screenedreferral", "suite"): "outcome_recorded",
    ("referrals.screenedreferral", "relancer-le-document"): "document_remade",
    ("referrals.slot", "deplacer"): "referral_moved",
    ("referrals.slot", "annuler-et-fermer"): "referral_cancelled",
    ("referrals.appointment", "annuler"): "referral_cancelled",
    ("referrals.appointment", "relancer-le-document"): "document_remade",
    ("support.rightsrequest", "preparer-la-copie"): "person_file_asked",
    ("support.rightsrequest", "telecharger-la-copie"): "person_file_taken",
    ("referrals.referral", "rectifier"): "candidate_changed",
    ("referrals.cvrequest", "rectifier"): "candidate_changed",
    ("referrals.screenedreferral", "rectifier"): "candidate_changed",
    ("referrals.appointment", "rectifier"): "candidate_changed",
    ("offers.eventquarantine", "classer"): "event_dismissed",
}


EACH_BUTTON = [(register, slug) for register, rows in BUTTONS.items() for slug in rows]


def test_every_button_of_the_desk_is_pressed_here() -> None:
    buttons = {
        (model._meta.label_lower, verb.slug)
        for model, page in admin.site._registry.items()
        for verb in getattr(page, "admin_actions", ())
    }

    assert buttons == set(EACH_BUTTON)
    to_press.update(
        f"admin:{label.replace('.', '_')}_action {slug}" for label, slug in buttons
    )


@each_case("button", EACH_BUTTON, ids="-".join)
def test_a_button_of_the_desk_tells_it_once_and_nobodys_words(
    as_ft_admin: Client,
    ft_admin: User,
    button: tuple[str, str],
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """S37, S41: the letter that it prepares, the account that it opens are within."""
    register, slug = button
    make, typed = BUTTONS[register][slug]
    action = OTHER_ENTRIES.get(button, BUTTON_ENTRIES[register])
    instance = make(ft_admin)
    data = {
        name: value() if callable(value) else value for name, value in typed.items()
    }

    caplog.clear()
    witness = Witness(caplog)
    with listening(witness), django_capture_on_commit_callbacks(execute=True):
        response = as_ft_admin.post(action_url(instance, slug), data)

    assert entries_of(response) == [action]
    assert witness.found() == []


def added() -> dict[str, dict[str, Any]]:
    """What is typed into the empty sheet of each register that has one."""
    agency = AgencyFactory().pk
    structure = StructureFactory(convention=None)
    return {
        "accounts.agency": {
            "safir": "38999",
            "name": "Agence nouvelle",
            "kind": "agence",
        },
        "accounts.structure": {
            "name": "CCAS nouveau",
            "kind": "ccas",
            "siret": make_siret(4242),
            "agency": agency,
            "sender_name": "Service emploi",
            "address": "1 place de la Mairie",
            "postcode": "38080",
            "commune_code": "38193",
            "phone": "04 65 71 00 00",
        },
        "accounts.partnership": {
            "number": "CP-NOUVELLE",
            "partner": "Union d’essai",
            "signed_on": "2024-01-01",
            "ends_on": "2030-12-31",
        },
        "accounts.modeltext": {
            "name": "nouvelle",
            "legal_basis": "le code du travail",
            "text": "Article 1 : Objet\nOpus est mis à disposition.",
        },
        "accounts.convention": {
            "structure": structure.pk,
            "agency": agency,
            "number": "CA-NOUVELLE",
            "parent": PartnershipFactory().pk,
            "starts_on": "2026-01-01",
            "ends_on": "2028-12-31",
            "signed_quota": "3",
        },
        "accounts.nomination": {
            "convention": ConventionFactory().pk,
            "first_name": "Nadia",
            "last_name": "Ferrand",
            "email": "nadia.ferrand@partenaire.example",
            "function": "Responsable",
            "is_permanent_staff": "on",
            "has_responsibility": "on",
            "proposed_on": "2026-11-02",
            "proposal_reference": "CCAS-2026-12",
        },
        "accounts.reviewmeeting": {
            "convention": ConventionFactory().pk,
            "held_on": in_days(10),
        },
        "accounts.user": {
            "role": Role.FT_ADMIN,
            "first_name": "Paul",
            "last_name": "Garnier",
            "email": "paul.garnier@francetravail.example",
        },
        "support.announcement": {
            "kind": "information",
            "title": "Nouvelle agence",
            "text": "L’agence a déménagé.",
            "audience": "tous",
        },
        "support.incident": {
            "title": "La recherche",
            "advice": "Patientez.",
            "started_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        },
        "support.plannedwork": {
            "title": "Tout Opus",
            "advice": "Imprimez avant.",
            "starts_at": f"{in_days(8)}T20:00",
            "ends_at": f"{in_days(8)}T22:00",
        },
        "support.survey": {"opens_on": in_days(40), "closes_on": in_days(60)},
        "support.rightsrequest": {
            "received_on": today(),
            "kind": "employeur",
            "right": "acces",
            "addressed_to": "dpo",
            "name": "Odile Garnier-Canari",
            "reply_to": "odile.garnier@entreprise.example",
        },
        "referrals.slot": {
            "agency": agency,
            "day": in_days(3),
            "even_closed": "on",
            "last_day": in_days(9),
            "hour": "09:00",
            "last_hour": "11:00",
            "mode": "lieu",
            "where": "1 place de l’Emploi",
            "minutes": "30",
            "capacity": "1",
        },
        "support.question": {
            "title": "Où est le menu ?",
            "slug": "menu",
            "theme": "service",
            "body": "En haut.",
            "position": "5",
            "is_shown": "on",
        },
        "support.certifiedbrowser": {
            "name": "Navigateur",
            "since": "1",
            "systems": "tous",
            "passkeys": "oui",
            "checking": "automatique",
            "position": "5",
            "is_certified": "on",
        },
        "accounts.accounthold": {
            "identifier": AdviserFactory().identifier,
            "reason": "contentieux",
            "reference": "TA-2026-118",
            "ends_on": "2090-01-01",
        },
        "referrals.candidatehold": {
            "number": ReferralFactory().number,
            "reason": "contentieux",
            "reference": "TA-2026-118",
            "ends_on": "2090-01-01",
        },
        "referrals.outcomecode": {
            "code": "essai",
            "label": "Essai",
            "kind": "non_retenu",
            "position": "90",
            "is_open": "on",
        },
        "offers.everydayword": {"words": "zinguerie", "trades": "F1619, F1603"},
    }


# The register of what is added → what the journal calls it.
ADDED = {
    "support.rightsrequest": "rights_asked",
    "accounts.agency": "admin_added",
    "accounts.structure": "admin_added",
    "accounts.modeltext": "admin_added",
    "accounts.partnership": "admin_added",
    "accounts.convention": "admin_added",
    "accounts.nomination": "nomination_changed",
    "accounts.reviewmeeting": "admin_added",
    "accounts.user": "account_opened",
    "support.question": "admin_added",
    "support.certifiedbrowser": "admin_added",
    "accounts.accounthold": "hold_placed",
    "referrals.candidatehold": "hold_placed",
    "referrals.outcomecode": "admin_added",
    "offers.everydayword": "admin_added",
    "referrals.slot": "admin_added",
    "support.announcement": "admin_added",
    "support.incident": "admin_added",
    "support.plannedwork": "admin_added",
    "support.survey": "admin_added",
}
# The register of what is changed → a row of it, what is typed, the line.
CHANGED: dict[str, tuple[Callable[[], Any], dict[str, str], str]] = {
    "accounts.agency": (AgencyFactory, {"name": "Autre nom"}, "admin_changed"),
    "accounts.structure": (StructureFactory, {"name": "Autre nom"}, "admin_changed"),
    "accounts.modeltext": (
        ModelTextFactory,
        {"legal_basis": "une autre loi"},
        "admin_changed",
    ),
    "accounts.partnership": (
        PartnershipFactory,
        {"partner": "Autre nom"},
        "admin_changed",
    ),
    "accounts.convention": (
        lambda: ConventionFactory(draft=True),
        {"signed_quota": "7"},
        "admin_changed",
    ),
    "accounts.nomination": (
        lambda: NominationFactory(
            state="propose", person=None, email="a.b@partenaire.example"
        ),
        {"function": "Autre fonction"},
        "admin_changed",
    ),
    "accounts.reviewmeeting": (
        lambda: ReviewMeetingFactory(written=True),
        {"minutes": "Les chiffres progressent."},
        "admin_changed",
    ),
    "accounts.user": (
        AdviserFactory,
        {"email": "autre@partenaire.example"},
        "account_changed",
    ),
    "support.question": (QuestionFactory, {"body": "Autre."}, "admin_changed"),
    "support.guide": (GuideFactory, {"body": "Autre."}, "admin_changed"),
    "support.certifiedbrowser": (
        CertifiedBrowserFactory,
        {"since": "2"},
        "admin_changed",
    ),
    "referrals.outcomecode": (make_outcome_code, {"label": "Autre"}, "admin_changed"),
    "offers.everydayword": (make_everyday_word, {"words": "Autre"}, "admin_changed"),
    "referrals.slot": (SlotFactory, {"capacity": "4"}, "admin_changed"),
    "support.announcement": (
        lambda: AnnouncementFactory(draft=True),
        {"title": "Autre titre"},
        "admin_changed",
    ),
    "support.incident": (IncidentFactory, {"title": "La recherche"}, "admin_changed"),
    "support.plannedwork": (
        PlannedWorkFactory,
        {"title": "Les documents"},
        "admin_changed",
    ),
    "support.survey": (
        lambda: SurveyFactory(opens_on=day_in(40), closes_on=day_in(60)),
        {"closes_on": day_in(50).isoformat()},
        "admin_changed",
    ),
}


def test_every_sheet_that_is_typed_is_tried_here(rf: Any, ft_admin: User) -> None:
    request = rf.get("/admin/")
    request.user = ft_admin
    pages = admin.site._registry.items()

    may_add = {
        model._meta.label_lower
        for model, page in pages
        if page.has_add_permission(request)
    }
    may_change = {
        model._meta.label_lower
        for model, page in pages
        if page.has_change_permission(request)
    }

    assert (may_add, may_change) == (set(ADDED), set(CHANGED))
    to_press.update(map(add_name, may_add))
    names = {label.replace(".", "_") for label in may_change}
    to_press.update(f"admin:{name}_change" for name in names)


def add_name(label: str) -> str:
    return f"admin:{label.replace('.', '_')}_add"


@each_case("label", ADDED)
def test_a_row_added_at_the_desk_is_told_once_and_without_its_words(
    as_ft_admin: Client,
    label: str,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """S37, S41."""
    url = reverse(add_name(label))
    caplog.clear()
    witness = Witness(caplog)

    with listening(witness), django_capture_on_commit_callbacks(execute=True):
        response = as_ft_admin.post(url, added()[label])

    assert entries_of(response) == [ADDED[label]]
    assert witness.found() == []


@each_case("label", CHANGED)
def test_a_row_changed_at_the_desk_is_told_once(
    as_ft_admin: Client, label: str
) -> None:
    """S37."""
    make, changes, action = CHANGED[label]
    form = longest_form(as_ft_admin.get(record_url(make())))

    response = as_ft_admin.post(form.action, form.data(**changes))

    assert entries_of(response) == [action]


def test_an_object_that_was_changed_within_another_change_is_found_by_its_number(
    client: Client,
) -> None:
    """S37: the account that a quarterly answer suspended has this line in its story."""
    entry = AuditEntry.objects.get(
        request_id=reviewed(client)["X-Request-ID"], action="team_reviewed"
    )
    (part,) = entry.details["parts"]
    gone = User.objects.get(state="suspendu")

    found = AuditEntry.objects.about("accounts.user", str(gone.pk))

    assert part == {
        "action": "account_suspended",
        "target": f"accounts.user {gone.pk}",
        "details": {"reason": "parti"},
    }
    assert entry in found
    assert entry in AuditEntry.objects.telling("account_suspended")


def test_the_button_of_a_sheet_leads_to_its_whole_story(
    client: Client, as_ft_admin: Client
) -> None:
    """S37: at the desk, lines in which the account is a part are there too."""
    reviewed(another_browser())
    gone = User.objects.get(state="suspendu")

    page = as_ft_admin.get(
        reverse("admin:accounts_user_history", args=[gone.pk]), follow=True
    )

    assert "comptes confirmés par le RGC" in page.text
    assert f"accounts.user {gone.pk}" in page.text


def test_a_change_that_is_refused_leaves_no_line_of_it(client: Client) -> None:
    """S37: the rollback of the action takes its entry along."""
    adviser = team(client)
    CandidateFactory(adviser=adviser)

    response = do(client, "account_close", adviser, reason="depart")

    assert entries_of(response) == []
    adviser.refresh_from_db()
    assert adviser.state == "actif"
