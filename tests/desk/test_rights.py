"""Article 10: the register of requests, its routes, its clock (V12)."""

import datetime as dt

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opus.desk.models import PersonKind, RequestState, Right, RightsRequest, Route
from opus.desk.rights import register
from opus.desk.rights.tasks import watch_rights
from opus.desk.rights.words import message_for
from opus.lib import outbox
from opus.lib.audit import Action
from opus.lib.models import AuditEntry
from opus.lib.personal_data import Retention
from opus.lib.states import MoveRefused
from tests.accounts.factories import AgencyFactory, AgentFactory, FtAdminFactory
from tests.admin.registers import list_url, sheet_url, text_of, verb_url
from tests.conftest import sign_in
from tests.desk.factories import RightsRequestFactory

pytestmark = pytest.mark.django_db


def test_the_month_ends_on_the_same_day_number_clipped_to_the_month():
    """V12."""
    asked = RightsRequestFactory(received_on=dt.date(2027, 1, 31))

    assert asked.due_on == dt.date(2027, 2, 28)


@pytest.mark.parametrize(
    ("kind", "route"),
    [
        (PersonKind.REGISTERED, Route.AGENCY),
        (PersonKind.NOT_REGISTERED, Route.DPO),
        (PersonKind.STAFF, Route.DPO),
        (PersonKind.PARTNER, Route.DPO),
        (PersonKind.EMPLOYER, Route.DPO),
    ],
)
def test_each_kind_of_person_has_its_route(kind, route):
    """V12: the agency for the registered, the DPO for all others."""
    assert RightsRequest(kind=kind).route == route


def test_a_registered_person_has_an_agency_and_nobody_else_has():
    agency = AgencyFactory()
    for wrong in [
        {"kind": PersonKind.REGISTERED, "agency": None},
        {"kind": PersonKind.EMPLOYER, "agency": agency},
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            RightsRequestFactory(**wrong)


def test_nothing_is_done_before_the_identity_is_checked(ft_admin):
    """V12: refused by the database too."""
    asked = RightsRequestFactory()

    with pytest.raises(MoveRefused):
        asked.take_up(by=ft_admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsRequest.objects.filter(pk=asked.pk).update(state=RequestState.VERIFIED)


def test_an_illegal_move_typed_in_sql_is_refused():
    """R11."""
    asked = RightsRequestFactory(answered=True)

    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE desk_rightsrequest SET state = 'en_cours', ended_on = NULL"
            " WHERE id = %s",
            [asked.pk],
        )


def test_a_request_by_the_wrong_route_is_sent_on_first(ft_admin):
    """V12: its month goes on; the message for the person is ready."""
    asked = RightsRequestFactory(misrouted=True)
    due = asked.due_on

    assert settings.CONTACT["dpo"] in message_for(asked)
    with pytest.raises(MoveRefused, match="réorientez"):
        asked.verify(by=ft_admin, check="rappel")
    register.redirect(asked, by=ft_admin)
    asked.verify(by=ft_admin, check="rappel")

    assert (asked.state, asked.due_on) == (RequestState.VERIFIED, due)
    with pytest.raises(MoveRefused):
        register.redirect(asked, by=ft_admin)


def test_two_months_more_once_and_in_the_first_month(ft_admin, time_machine):
    """V12."""
    time_machine.move_to(dt.datetime(2038, 1, 10, 9, tzinfo=dt.UTC), tick=False)
    asked = RightsRequestFactory(under_way=True, received_on=dt.date(2037, 12, 31))
    late = RightsRequestFactory(under_way=True, received_on=dt.date(2037, 12, 1))

    asked.put_off(by=ft_admin, because="complexe")

    assert asked.deadline == dt.date(2038, 3, 31)
    for refused in [asked, late]:
        with pytest.raises(MoveRefused):
            refused.put_off(by=ft_admin, because="complexe")


def test_late_and_near_are_told_by_the_day(time_machine):
    """V12: the last day is in time; the next one is late."""
    time_machine.move_to(dt.datetime(2038, 2, 10, 9, tzinfo=dt.UTC), tick=False)
    last_day = RightsRequestFactory(received_on=dt.date(2038, 1, 10))
    late = RightsRequestFactory(received_on=dt.date(2038, 1, 9))
    RightsRequestFactory(received_on=dt.date(2038, 2, 9))
    RightsRequestFactory(answered=True, received_on=dt.date(2037, 12, 1))

    assert set(RightsRequest.objects.late()) == {late}
    assert set(RightsRequest.objects.near()) == {late, last_day}
    assert (late.is_late, last_day.is_late) == (True, False)


def test_who_must_answer_is_told_of_a_deadline_once(time_machine):
    """V12: near, then late; a number and a link, nobody's name."""
    time_machine.move_to(dt.datetime(2038, 2, 5, 9, tzinfo=dt.UTC), tick=False)
    asked = RightsRequestFactory(received_on=dt.date(2038, 1, 10))
    watch_rights()
    watch_rights()
    time_machine.move_to(dt.datetime(2038, 2, 11, 9, tzinfo=dt.UTC), tick=False)
    watch_rights()
    outbox.relay()

    letters = [one for one in mail.outbox if asked.number in one.body]
    assert [one.to for one in letters] == [[settings.CONTACT["dpo"]]] * 2
    assert "échéance" in letters[0].subject or "retard" in letters[0].subject
    assert all("Demandeuse" not in one.body + one.subject for one in letters)


def test_an_agency_reads_its_own_requests_and_not_those_of_the_dpo(client):
    """S27, art. 10."""
    agency = AgencyFactory(safir="38086")
    sign_in(client, AgentFactory(agency=agency))
    ours = RightsRequestFactory(registered=True)
    elsewhere = RightsRequestFactory(
        registered=True, agency=AgencyFactory(safir="69001")
    )
    dpos = RightsRequestFactory()

    page = text_of(client.get(list_url("desk.rightsrequest")))

    shown = {one.number for one in [ours, elsewhere, dpos] if one.number in page}
    assert shown == {ours.number}
    assert client.get(sheet_url(dpos)).status_code == 302


def test_who_wrote_down_a_request_for_the_other_route_may_send_it_on_only(client):
    agent = AgentFactory()
    sign_in(client, agent)
    asked = RightsRequestFactory(misrouted=True, recorded_by=agent)

    client.post(verb_url(asked, "reorienter"))
    response = client.post(
        verb_url(asked, "verifier-identite"), {"check_done": "rappel"}
    )

    asked.refresh_from_db()
    assert asked.redirected_on == timezone.localdate()
    assert asked.state == RequestState.RECEIVED
    assert response.status_code == 409


def test_a_territorys_administrator_does_not_answer_for_the_dpo(client):
    sign_in(client, FtAdminFactory(agency=AgencyFactory(kind="dr")))

    assert client.get(sheet_url(RightsRequestFactory())).status_code == 302


def test_the_whole_path_at_the_desk(as_ft_admin, ft_admin):
    """V12: from the day it comes in to its answer, each step in its history."""
    as_ft_admin.post(
        reverse("admin:desk_rightsrequest_add"),
        {
            "received_on": timezone.localdate().isoformat(),
            "kind": "non_inscrit",
            "right": Right.RECTIFICATION,
            "addressed_to": "dpo",
            "name": "Odile Demandeuse",
            "reply_to": "odile@messagerie.example",
        },
    )
    asked = RightsRequest.objects.get()
    for slug, data in [
        ("verifier-identite", {"check_done": "piece"}),
        ("prendre-en-charge", {}),
        ("repondre", {}),
    ]:
        as_ft_admin.post(verb_url(asked, slug), data)

    asked.refresh_from_db()
    assert (asked.state, asked.checked_by) == (RequestState.ANSWERED, ft_admin)
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
    response = as_ft_admin.post(
        reverse("admin:desk_rightsrequest_add"),
        {
            "received_on": (timezone.localdate() + dt.timedelta(days=1)).isoformat(),
            "kind": "inscrit",
            "right": "acces",
            "addressed_to": "dpo",
            "name": "Odile Demandeuse",
            "reply_to": "odile@messagerie.example",
        },
    )

    assert "dans l’avenir" in text_of(response)
    assert "Odile Demandeuse" in text_of(response)
    assert not RightsRequest.objects.exists()


def test_the_sheet_shows_both_laws(as_ft_admin: Client):
    """V12: the articles of the convention, and those of today."""
    page = text_of(as_ft_admin.get(sheet_url(RightsRequestFactory())))

    assert "article 49" in page
    assert "article 39" in page


# --- From one's own account -----------------------------------------------------------


def test_who_has_an_account_asks_from_it_and_is_known_by_his_sign_in(
    as_adviser, adviser
):
    """V12: to the DPO, the identity checked, the account found; both once."""
    for _ in range(2):
        page = as_adviser.post(
            reverse("own_rights"), {"right": Right.ACCESS}, follow=True
        )

    asked = RightsRequest.objects.get()
    assert (asked.account, asked.route, asked.state) == (
        adviser,
        Route.DPO,
        RequestState.VERIFIED,
    )
    assert asked.check_done == "connexion"
    assert "déjà une demande en cours" in text_of(page)
    assert asked.number in text_of(page)


def test_nobody_reads_anothers_request(as_adviser):
    other = RightsRequestFactory()

    assert other.number not in text_of(as_adviser.get(reverse("own_rights")))


def test_the_page_costs_the_same_whatever_the_number_of_requests(
    as_adviser, adviser, django_assert_num_queries
):
    RightsRequestFactory(account=adviser)
    as_adviser.get(reverse("own_rights"))  # The session's own writes.
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
