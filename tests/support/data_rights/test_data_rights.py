"""Article 10: the register of requests, its routes, its clock (V12)."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.team.actions import change_account
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.background_files import FileState
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.privacy import subject_access
from opus.lib.privacy.personal_data import Person, PersonKind, Retention
from opus.support.data_rights import actions
from opus.support.data_rights.actions import NO_OFFER
from opus.support.data_rights.models import RequestState, Right, RightsRequest, Route
from opus.support.data_rights.tasks import check_rights
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
)
from tests.admin.registers import action_url, list_url, record_url, text_of
from tests.conftest import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory
from tests.support.factories import PersonFileFactory, RightsRequestFactory

pytestmark = pytest.mark.django_db


def test_the_month_ends_on_the_same_day_number_clipped_to_the_month():
    """V12."""
    asked = RightsRequestFactory(received_on=dt.date(2027, 1, 31))

    assert asked.due_on == dt.date(2027, 2, 28)


def test_requests_are_numbered_without_gaps(as_ft_admin):
    """V12: a form that is opened, or a refused request, uses no number."""
    first = RightsRequestFactory()
    as_ft_admin.get(reverse("admin:support_rightsrequest_add"))
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsRequestFactory(kind=PersonKind.EMPLOYER, agency=AgencyFactory())

    year, number = first.number.rsplit("-", 1)
    assert RightsRequestFactory().number == f"{year}-{int(number) + 1:06d}"


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_two_hands_at_once_get_two_numbers(ft_admin):
    """V12."""

    def register(day: int) -> str:
        try:
            return RightsRequestFactory(recorded_by=ft_admin).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as hands:
        numbers = sorted(hands.map(register, range(8)))

    assert [int(one[-6:]) for one in numbers] == list(range(1, 9))


@pytest.mark.parametrize("kind", PersonKind)
def test_each_kind_of_person_has_its_route(kind):
    """V12: the agency for the registered, the DPO for all others.

    A registered person has an agency, and nobody else has.
    """
    is_registered = kind == PersonKind.REGISTERED
    wrong = None if is_registered else AgencyFactory()

    route = Route.AGENCY if is_registered else Route.DPO
    assert RightsRequest(kind=kind).route == route
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsRequestFactory(kind=kind, account=None, agency=wrong)


def test_nothing_is_done_before_the_identity_is_checked(ft_admin):
    """V12: refused by the database too."""
    asked = RightsRequestFactory()

    with pytest.raises(MoveRefused):
        asked.take_up(by=ft_admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsRequest.objects.filter(pk=asked.pk).update(state=RequestState.VERIFIED)


def test_a_request_by_the_wrong_route_is_sent_on_first(as_ft_admin, ft_admin):
    """V12: its month goes on; the message for the person is ready."""
    asked = RightsRequestFactory(misrouted=True)
    due = asked.due_on

    page = text_of(as_ft_admin.get(record_url(asked)))
    assert f"(DPO) de France Travail, {settings.CONTACT['dpo']}" in page
    with pytest.raises(MoveRefused, match="réorientez"):
        asked.verify(by=ft_admin, check="rappel")
    actions.redirect(asked, by=ft_admin)
    asked.verify(by=ft_admin, check="rappel")

    assert (asked.state, asked.due_on) == (RequestState.VERIFIED, due)
    with pytest.raises(MoveRefused):
        actions.redirect(asked, by=ft_admin)


def test_two_months_more_once_and_in_the_first_month(ft_admin, time_machine):
    """V12: the last day is in time; the next one is late."""
    time_machine.move_to(dt.datetime(2038, 1, 10, 9, tzinfo=dt.UTC), tick=False)
    asked = RightsRequestFactory(under_way=True, received_on=dt.date(2037, 12, 31))
    late = RightsRequestFactory(under_way=True, received_on=dt.date(2037, 12, 9))
    last_day = RightsRequestFactory(received_on=dt.date(2037, 12, 10))
    RightsRequestFactory(answered=True, received_on=dt.date(2037, 11, 1))

    assert set(RightsRequest.objects.late()) == {late}
    assert set(RightsRequest.objects.near()) == {late, last_day}
    assert (late.is_late, last_day.is_late) == (True, False)
    actions.put_off(asked, by=ft_admin, because="complexe")
    assert asked.deadline == dt.date(2038, 3, 31)
    for refused in [asked, late]:
        with pytest.raises(MoveRefused):
            actions.put_off(refused, by=ft_admin, because="complexe")


def test_who_must_answer_is_told_of_a_deadline_once(time_machine):
    """V12: near, then late; a number and a link, nobody's name."""
    time_machine.move_to(dt.datetime(2038, 2, 5, 9, tzinfo=dt.UTC), tick=False)
    asked = RightsRequestFactory(received_on=dt.date(2038, 1, 10))
    check_rights()
    check_rights()
    time_machine.move_to(dt.datetime(2038, 2, 11, 9, tzinfo=dt.UTC), tick=False)
    check_rights()
    outbox.relay()

    letters = [one for one in mail.outbox if asked.number in one.body]
    assert [one.to for one in letters] == [[settings.CONTACT["dpo"]]] * 2
    assert "échéance" in letters[0].subject or "retard" in letters[0].subject
    assert all("Demandeuse" not in one.body + one.subject for one in letters)


def test_an_agency_reads_its_own_requests_and_not_those_of_the_dpo(client):
    """S27, art. 10: nor does a territory's administrator answer for the DPO."""
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))
    ours = RightsRequestFactory(registered=True)
    far = AgencyFactory(safir="69001")
    others = [RightsRequestFactory(registered=True, agency=far), RightsRequestFactory()]

    page = text_of(client.get(list_url("support.rightsrequest")))

    assert ours.number in page
    for other in others:
        assert other.number not in page
        assert client.get(record_url(other)).status_code == 302
    sign_in(client, FtAdminFactory(agency=AgencyFactory(kind="dr")))
    assert client.get(record_url(others[1])).status_code == 302


def test_who_wrote_down_a_request_for_the_other_route_may_send_it_on_only(client):
    agent = AgentFactory()
    sign_in(client, agent)
    asked = RightsRequestFactory(misrouted=True, recorded_by=agent)

    client.post(action_url(asked, "reorienter"))
    response = client.post(
        action_url(asked, "verifier-identite"), {"check_done": "rappel"}
    )

    asked.refresh_from_db()
    assert asked.redirected_on == timezone.localdate()
    assert asked.state == RequestState.RECEIVED
    assert response.status_code == 409


TYPED = {
    "kind": "non_inscrit",
    "right": Right.RECTIFICATION,
    "addressed_to": "dpo",
    "name": "Odile Demandeuse",
    "reply_to": "odile@messagerie.example",
}


def test_the_whole_path_at_the_desk(as_ft_admin):
    """V12: from the day it comes in to its answer, each step in its history; another
    person than who wrote it down checks the identity.
    """
    url, today = reverse("admin:support_rightsrequest_add"), timezone.localdate()
    as_ft_admin.post(url, {**TYPED, "received_on": today.isoformat()})
    asked = RightsRequest.objects.get()
    sign_in(as_ft_admin, colleague := FtAdminFactory())
    for slug, data in [
        ("verifier-identite", {"check_done": "piece"}),
        ("prendre-en-charge", {}),
        ("rien-trouve", {}),
        ("repondre", {}),
    ]:
        as_ft_admin.post(action_url(asked, slug), data)

    asked.refresh_from_db()
    assert (asked.state, asked.checked_by) == (RequestState.ANSWERED, colleague)
    steps = list(asked.steps.values_list("target", flat=True))
    assert steps == ["recue", "verifiee", "en_cours", "repondue"]
    told = AuditEntry.objects.filter(target_id=str(asked.pk)).exclude(
        action=Action.ADMIN_READ
    )
    assert set(told.values_list("action", flat=True)) == {
        Action.RIGHTS_ASKED,
        Action.RIGHTS_MOVED,
    }


def test_a_day_to_come_is_refused_and_keeps_what_was_typed(as_ft_admin):
    url = reverse("admin:support_rightsrequest_add")
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    response = as_ft_admin.post(url, {**TYPED, "received_on": tomorrow.isoformat()})

    assert "dans l’avenir" in text_of(response)
    assert "Odile Demandeuse" in text_of(response)
    assert not RightsRequest.objects.exists()


# --- Whose data these are -------------------------------------------------------------


def agent_of(safir: str):
    return AgentFactory(agency=AgencyFactory(safir=safir))


def sheet_in(safir: str, **facts):
    return CandidateFactory(
        adviser__structure__agency=AgencyFactory(safir=safir), **facts
    )


def asked_at(safir: str, **facts):
    """A registered job seeker's, checked by a colleague of the agency."""
    agency = AgencyFactory(safir=safir)
    return RightsRequestFactory(registered=True, under_way=True, agency=agency, **facts)


def test_a_request_is_about_one_person_until_she_is_detached(as_ft_admin, ft_admin):
    """V12, V13: a second look finds nobody more, a stale page too."""
    asked = RightsRequestFactory(under_way=True, kind="non_inscrit", account=None)
    first, second = (ReferralFactory(candidate__ft_id="") for _ in range(2))
    actions.attach(asked, first.number, by=ft_admin)

    refused = as_ft_admin.post(action_url(asked, "trouver"), {"who": second.number})
    page = text_of(as_ft_admin.get(record_url(asked)))
    assert refused.status_code == 409
    assert "détachez-la d’abord" in text_of(refused)
    assert action_url(asked, "detacher") in page
    assert action_url(asked, "trouver") not in page
    assert asked.person.candidates == {first.candidate_id}
    copy = actions.prepare_file(asked, by=ft_admin, about=asked.about)
    actions.detach(asked, by=ft_admin)
    actions.attach(asked, second.number, by=ft_admin)

    copy.refresh_from_db()
    assert copy.state == FileState.CANCELLED
    assert asked.person.candidates == {second.candidate_id}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_attach_at_once_the_second_sees_the_first(ft_admin):
    """V12: the request is locked before anybody is looked for."""
    asked = RightsRequestFactory(under_way=True, kind="non_inscrit", account=None)
    first, second = (ReferralFactory(candidate__ft_id="") for _ in range(2))
    refusals = []

    def attach() -> None:
        try:
            request = RightsRequest.objects.get(pk=asked.pk)
            actions.attach(request, second.number, by=ft_admin)
        except MoveRefused as error:
            refusals.append(str(error))
        finally:
            connection.close()

    other = threading.Thread(target=attach)
    with transaction.atomic():
        actions.attach(asked, first.number, by=ft_admin)
        other.start()
        other.join(timeout=1)
        assert other.is_alive()
    other.join(timeout=60)

    assert refusals == [actions.ATTACHED]
    assert asked.person.candidates == {first.candidate_id}


def test_every_sheet_of_the_person_is_found_and_nobody_who_shares_her_address(ft_admin):
    """V13: one person, all that is held of her."""
    hers = {CandidateFactory(ft_id="7654321Z", email="a@b.example").pk for _ in "ab"}
    asked = RightsRequestFactory(registered=True, under_way=True)
    actions.attach(asked, "a@b.example", by=ft_admin)
    assert asked.person.candidates == hers

    CandidateFactory(ft_id="7654322Y", email="a@b.example")
    other = RightsRequestFactory(registered=True, under_way=True)
    with pytest.raises(MoveRefused, match="Plusieurs personnes"):
        actions.attach(other, "a@b.example", by=ft_admin)


@pytest.mark.parametrize("kind", PersonKind)
def test_who_is_found_is_of_the_kind_that_the_request_says(kind, ft_admin):
    """V12: the same words as for nobody."""
    typed = {
        PersonKind.REGISTERED: CandidateFactory(ft_id="7654321Z").ft_id,
        PersonKind.NOT_REGISTERED: ReferralFactory(candidate__ft_id="").number,
        PersonKind.STAFF: FtAdminFactory().identifier,
        PersonKind.PARTNER: AdviserFactory().identifier,
        PersonKind.EMPLOYER: OfferFactory().pk,
    }
    nobody = NO_OFFER if kind == PersonKind.EMPLOYER else actions.NOBODY
    agency = AgencyFactory() if kind == PersonKind.REGISTERED else None
    route = RightsRequest(kind=kind).route
    facts = {"kind": kind, "account": None, "agency": agency, "addressed_to": route}
    for whose, identifier in typed.items():
        asked = RightsRequestFactory(under_way=True, **facts)
        if whose == kind:
            actions.attach(asked, identifier, by=ft_admin)
            assert asked.person
            continue
        with pytest.raises(MoveRefused) as refused:
            actions.attach(asked, identifier, by=ft_admin)
        assert str(refused.value) == nobody


def test_an_agent_finds_nobody_beyond_his_territory(client):
    """S27: neither a national account nor another territory's candidate."""
    agent = agent_of("38086")
    sign_in(client, agent)
    national = FtAdminFactory()
    far, near = sheet_in("69001", ft_id="7654321Z"), sheet_in("38086", ft_id="1234567A")
    asked = asked_at("38086")

    pages = [
        text_of(client.post(action_url(asked, "trouver"), {"who": typed}))
        for typed in (far.ft_id, national.identifier, national.email, "0000000X")
    ]

    assert all("ne connaît personne sous cet identifiant" in page for page in pages)
    assert not asked.person
    client.post(action_url(asked, "trouver"), {"who": near.ft_id})
    assert asked.person.candidates == {near.pk}


def test_the_sheet_and_the_question_of_the_copy_show_who_was_found(client):
    """V13: her name and what identifies her, and one confirms that it is she."""
    sign_in(client, agent_of("38086"))
    hers = sheet_in("38086", ft_id="7654321Z", last_name="Zcherchée")
    asked = asked_at("38086")
    client.post(action_url(asked, "trouver"), {"who": hers.ft_id})

    for page in (record_url(asked), action_url(asked, "preparer-la-copie")):
        told = text_of(client.get(page))
        assert "Zcherchée" in told
        assert hers.ft_id in told
    unread = client.post(
        action_url(asked, "preparer-la-copie"), {"about": ",".join(asked.about)}
    )
    stale = client.post(
        action_url(asked, "preparer-la-copie"),
        {"is_this_person": "on", "about": "accounts.user 1"},
    )
    assert unread.status_code == 200
    assert "entre-temps" in text_of(stale)
    assert not asked.files.exists()


def test_who_recorded_a_request_does_not_see_whose_it_is_unless_he_answers(client):
    """V12: both laws are on its page, those of the convention and those of today."""
    sign_in(client, agent := agent_of("38086"))
    account = AdviserFactory(last_name="Zcherché")
    asked = RightsRequestFactory(under_way=True, recorded_by=agent, account=account)

    page = text_of(client.get(record_url(asked)))

    assert "Zcherché" not in page
    assert ("article 49" in page, "article 39" in page) == (True, True)


def test_who_recorded_a_request_neither_verifies_nor_seals_it_alone(client):
    """V12, V13: at the desk, in the model and in the database."""
    agent, colleague = agent_of("38086"), agent_of("38086")
    sign_in(client, agent)
    asked = asked_at("38086", recorded_by=agent)
    asked.candidates.create(candidate=sheet_in("38086").pk)
    ready = asked_at("38086", recorded_by=agent, ready=True)
    received = RightsRequestFactory(
        registered=True, recorded_by=agent, agency=agent.agency
    )
    confirmed = {"is_this_person": "on", "about": ",".join(asked.about)}

    for one, slug, data in [
        (received, "verifier-identite", {"check_done": "rappel"}),
        (asked, "preparer-la-copie", confirmed),
        (ready, "telecharger-la-copie", {}),
    ]:
        assert "Il faut être deux" in text_of(client.get(action_url(one, slug)))
        assert client.post(action_url(one, slug), data).status_code == 409
    with pytest.raises(MoveRefused):
        received.verify(by=agent, check="rappel")
    for write in [
        lambda: RightsRequest.objects.filter(pk=asked.pk).update(checked_by=agent),
        lambda: PersonFileFactory(request=asked, asked_by=agent),
        lambda: ready.files.update(taken_at=timezone.now(), taken_by=agent),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()

    sign_in(client, colleague)
    client.post(action_url(received, "verifier-identite"), {"check_done": "rappel"})
    client.post(action_url(asked, "preparer-la-copie"), confirmed)
    taken = client.post(action_url(ready, "telecharger-la-copie"))
    received.refresh_from_db()
    assert received.checked_by == colleague
    assert asked.files.get().asked_by == colleague
    assert taken["Content-Type"] == "application/zip"
    assert ready.files.get().taken_by == colleague


def test_the_database_keeps_accounts_and_sheets_to_the_requests_of_their_kind():
    """V12: whoever writes."""
    candidates = RightsRequestFactory(registered=True)
    accounts = RightsRequestFactory()
    for write in [
        lambda: RightsRequest.objects.filter(pk=candidates.pk).update(
            account=AdviserFactory()
        ),
        lambda: accounts.candidates.create(candidate=CandidateFactory().pk),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_the_journal_names_by_key_whose_copy_it_was_and_to_whom_it_went(client):
    """S37: at each gesture, and nobody's name."""
    sign_in(client, colleague := FtAdminFactory())
    holder = AdviserFactory(last_name="Zcherché")
    asked = RightsRequestFactory(account=None)
    about = [f"accounts.user {holder.pk}"]

    def press(slug: str, **data: str) -> dict:
        client.post(action_url(asked, slug), data)
        lines = AuditEntry.objects.filter(target_id=str(asked.pk))
        return lines.exclude(action=Action.ADMIN_READ).latest("pk").details

    assert press("verifier-identite", check_done="rappel")["about"] == []
    assert press("trouver", who=holder.identifier)["about"] == about
    assert press("detacher")["about"] == about
    press("trouver", who=holder.identifier)
    assert press("prendre-en-charge")["about"] == about
    prepared = press("preparer-la-copie", is_this_person="on", about=about[0])
    assert prepared["about"] == about
    make_file(asked.files.get())
    assert press("telecharger-la-copie") == {
        "about": about,
        "to": f"accounts.user {colleague.pk}",
    }
    told = str(list(AuditEntry.objects.values_list("details", "refused")))
    assert "Zcherch" not in told
    hers = subject_access.collect(Person(accounts=frozenset({holder.pk})))
    assert "copie de données téléchargée" in {line.action for line in hers.journal}


def test_the_holder_of_an_account_is_notified_at_every_recent_address(ft_admin):
    """V13, ADR 8: of a copy that staff prepared."""
    holder = AdviserFactory(email="ancienne@partenaire.example")
    change_account(holder, by=ft_admin, email="nouvelle@partenaire.example")
    asked = RightsRequestFactory(under_way=True, account=holder)
    outbox.relay()
    mail.outbox.clear()

    actions.prepare_file(asked, by=ft_admin, about=asked.about)
    outbox.relay()

    told = [one for one in mail.outbox if "copie de vos données" in one.subject]
    assert sorted(one.to for one in told) == [
        ["ancienne@partenaire.example"],
        ["nouvelle@partenaire.example"],
    ]
    assert all(asked.number in one.body for one in told)
    assert all(holder.last_name not in one.body for one in told)


# --- From one's own account -----------------------------------------------------------


def test_who_has_an_account_asks_from_it_and_is_known_by_his_sign_in(
    as_adviser, adviser
):
    """V12: to the DPO, the identity checked, the account found; both once."""
    for _ in range(2):
        typed = {"right": Right.ACCESS}
        page = as_adviser.post(reverse("own_rights"), typed, follow=True)

    asked = RightsRequest.objects.get()
    assert (asked.account, asked.route, asked.state, asked.check_done) == (
        *(adviser, Route.DPO),
        *(RequestState.VERIFIED, "connexion"),
    )
    assert "déjà une demande en cours" in text_of(page)
    assert asked.number in text_of(page)
    # It stays his own: nobody detaches it, nor writes another account there.
    with pytest.raises(MoveRefused, match="depuis son compte"):
        actions.detach(asked, by=FtAdminFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsRequest.objects.update(account=AdviserFactory())


def test_a_surname_that_the_guard_would_read_as_a_word_stops_no_request(client):
    """V12: an account may bear it alone; Opus writes it beside a first name."""
    by = AdviserFactory(first_name="Luc", last_name="Gay")

    sign_in(client, by).post(reverse("own_rights"), {"right": Right.ACCESS})

    assert RightsRequest.objects.get().name == "Luc Gay"


def test_nobody_reads_anothers_request_and_the_page_costs_the_same_for_many(
    as_adviser, adviser, django_assert_num_queries
):
    other = RightsRequestFactory()
    RightsRequestFactory(account=adviser)
    assert other.number not in text_of(as_adviser.get(reverse("own_rights")))
    with CaptureQueriesContext(connection) as queries:
        as_adviser.get(reverse("own_rights"))
    RightsRequestFactory.create_batch(2, account=adviser)

    with django_assert_num_queries(len(queries)):
        as_adviser.get(reverse("own_rights"))


def test_the_public_page_shows_two_routes_both_laws_and_every_retention(client):
    """V12, V9."""
    page = text_of(client.get(reverse("privacy")))

    for told in [
        "adressez-vous à l’agence qui vous suit",
        settings.CONTACT["dpo"],
        "article 39",
        "article 49",
        "article 40",
        "article 50",
        *(kept.label for kept in Retention),
    ]:
        assert told in page, told
