"""« Opus ne garde aucune donnée sur vous » is said only while it is true (GDPR 12)."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound.models import OutboxEntry
from opus.lib.privacy.personal_data import PersonKind
from opus.support.data_rights import actions, person_search
from opus.support.data_rights.models import (
    GestureKind,
    RequestState,
    RightsGesture,
    RightsRequest,
)
from referrals.candidates.models import Candidate
from tests.accounts.factories import AdviserFactory, AgencyFactory, FtAdminFactory
from tests.admin.registers import action_url, record_url, text_of
from tests.referrals.factories import CandidateFactory
from tests.support.factories import RightsRequestFactory

pytestmark = pytest.mark.django_db

NUMBER = "7654321Z"
HERS = {"first_name": "Odile", "last_name": "Demandeuse"}


def asked_as(kind: str = "non_inscrit", **facts) -> RightsRequest:
    return RightsRequestFactory(under_way=True, account=None, kind=kind, **facts)


@pytest.mark.parametrize("kind", ["non_inscrit", "agent", "partenaire", "employeur"])
@pytest.mark.parametrize(
    ("hers", "given"),
    [
        ({"ft_id": NUMBER}, {"ft_id": NUMBER}),
        (
            {**HERS, "email": "odile.demandeuse@partenaire.example"},
            {"reply_to": "Odile.Demandeuse@partenaire.example"},
        ),
        (
            {**HERS, "email": "o@b.example"},
            {"reply_to": "Lyon", "email": "o@b.example"},
        ),
        ({**HERS, "phone": "06 14 25 36 47"}, {"phone": "+33 6 14 25 36 47"}),
    ],
)
def test_nothing_is_never_said_of_who_is_known_whatever_the_kind(
    kind, hers, given, ft_admin
):
    """By her number, or by her name at her address or telephone."""
    CandidateFactory(**{"ft_id": "", **hers})
    asked = asked_as(kind, **given)

    with pytest.raises(MoveRefused) as refused:
        actions.act(asked, GestureKind.NOTHING, by=ft_admin)

    assert str(refused.value) == person_search.IS_KNOWN
    assert not asked.gestures.exists()


def test_an_account_is_found_as_well_and_a_former_number_and_a_former_address(ft_admin):
    account = AdviserFactory(**HERS, email="odile.demandeuse@partenaire.example")
    with pytest.raises(MoveRefused, match="serait faux"):
        actions.act(asked_as(), GestureKind.NOTHING, by=ft_admin)

    account.address_changes.create(former="avant@b.example", by=ft_admin)
    asked = asked_as(reply_to="Lyon", email="avant@b.example")
    found = person_search.search(asked)
    assert [one.is_certain for one in found.persons] == [True]

    candidate = CandidateFactory(ft_id="7654322Y")
    candidate.corrections.create(
        field="ft_id", before=NUMBER, after="7654322Y", reason="demande", by=ft_admin
    )
    found = person_search.search(asked_as(name="Lucie Gall", ft_id=NUMBER))
    assert [one.row.pk for one in found.certain] == [candidate.pk]


def test_every_declared_register_with_text_is_looked_in():
    """Derived from the declarations: a new table is looked in by itself."""
    expected = {
        str(table.class_._meta.verbose_name_plural)
        for table in person_search.personal_data.tables()
        if person_search.columns_of(table)
    }
    found = person_search.search(asked_as(ft_id=NUMBER))

    assert {one.register for one in found.registers} == expected
    assert not found.with_rows


def test_a_namesake_is_read_before_nothing_is_said(as_ft_admin):
    CandidateFactory(**HERS, ft_id="", email="autre@b.example")
    asked = asked_as()
    url = action_url(asked, "rien-trouve")
    page = text_of(as_ft_admin.get(url))
    assert "À vérifier" in page
    seal = person_search.search(asked).seal
    assert seal

    unread = as_ft_admin.post(url, {"others": seal})
    assert "dites que ce n’est pas" in text_of(unread)
    CandidateFactory(**HERS, ft_id="", email="encore@b.example")
    stale = as_ft_admin.post(url, {"others": seal, "is_nobody": "on"})
    assert stale.status_code == 409
    assert not asked.gestures.exists()
    now = person_search.search(asked).seal
    as_ft_admin.post(url, {"others": now, "is_nobody": "on"})

    gesture = asked.gestures.get()
    assert gesture.counts["lignes lues, d’autres personnes"] == 2
    assert gesture.counts["par"] == ["nom et prénom", "adresse de courriel"]
    assert "cherché par" in asked.replies.get().html


def test_the_desk_says_why_nothing_is_refused_and_gives_no_button(as_ft_admin):
    CandidateFactory(ft_id=NUMBER)
    asked = asked_as(ft_id=NUMBER)
    page = as_ft_admin.get(action_url(asked, "rien-trouve"))

    assert "C’est cette personne" in text_of(page)
    ways = [action_url(asked, slug) for slug in ("trouver", "corriger")]
    assert [f'href="{url}"' in page.content.decode() for url in ways] == [True, True]
    assert "serait faux" in text_of(page)
    assert 'type="submit" class="default' not in page.content.decode()
    refused = as_ft_admin.post(action_url(asked, "rien-trouve"))
    assert refused.status_code == 409


# --- In the database, whoever writes --------------------------------------------------


def test_the_database_refuses_nothing_while_that_number_exists(ft_admin):
    """And of a registered person whose number is unknown."""
    CandidateFactory(ft_id=NUMBER)
    known = asked_as(ft_id=NUMBER)
    attached = RightsRequestFactory(under_way=True)
    registered = RightsRequestFactory(registered=True, under_way=True)
    with pytest.raises(MoveRefused) as refused:
        actions.act(registered, GestureKind.NOTHING, by=ft_admin)
    assert str(refused.value) == person_search.NUMBER_FIRST
    for asked in (known, attached, registered):
        with pytest.raises(IntegrityError), transaction.atomic():
            RightsGesture.objects.create(
                request=asked, kind=GestureKind.NOTHING, answer="accordee", by=ft_admin
            )


def test_nothing_is_looked_at_again_on_the_day_of_the_answer(ft_admin):
    asked = asked_as(ft_id=NUMBER)
    actions.act(asked, GestureKind.NOTHING, by=ft_admin)
    CandidateFactory(ft_id=NUMBER)

    with pytest.raises(IntegrityError, match="serait faux"), transaction.atomic():
        RightsRequest.objects.filter(pk=asked.pk).update(
            state=RequestState.ANSWERED, ended_on=timezone.localdate()
        )
    actions.correct(
        asked,
        by=ft_admin,
        because="identifiant",
        kind="inscrit",
        agency=AgencyFactory(),
    )
    actions.attach(asked, NUMBER, by=ft_admin)
    assert not asked.is_done
    with pytest.raises(MoveRefused, match="Rien n’a encore été fait"):
        actions.answer(asked, by=ft_admin)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ft_id", [NUMBER, ""])
def test_a_record_being_written_is_waited_for(ft_id, ft_admin):
    """With her number, the answer waits and is refused; without one, it does not."""
    asked = asked_as(ft_id=NUMBER)
    record = CandidateFactory(ft_id="")
    refusals = []

    def say_nothing() -> None:
        try:
            RightsGesture.objects.create(
                request=asked, kind=GestureKind.NOTHING, answer="accordee", by=ft_admin
            )
        except IntegrityError as error:
            refusals.append(str(error))
        finally:
            connection.close()

    other = threading.Thread(target=say_nothing)
    with transaction.atomic():
        Candidate.objects.filter(pk=record.pk).update(ft_id=ft_id)
        other.start()
        other.join(timeout=2)
        assert other.is_alive() == bool(ft_id)
    other.join(timeout=60)

    assert len(refusals) == bool(ft_id)
    assert asked.gestures.exists() == (not ft_id)


# --- Its kind is corrected, and it is passed on ---------------------------------------


def test_a_wrong_kind_is_corrected_with_a_reason_and_passed_on(as_ft_admin):
    """V12: under way too; the agency is notified and the person is then found."""
    candidate = CandidateFactory(ft_id=NUMBER)
    asked = asked_as()
    agency = AgencyFactory(safir="38086")
    FtAdminFactory(agency=agency)
    typed = {
        "kind": PersonKind.REGISTERED,
        "agency": agency.pk,
        "ft_id": NUMBER.lower(),
        "because": "identifiant",
    }

    no_reason = as_ft_admin.post(
        action_url(asked, "corriger"), {**typed, "because": ""}
    )
    assert no_reason.status_code == 200
    as_ft_admin.post(action_url(asked, "corriger"), typed)

    asked.refresh_from_db()
    assert (asked.kind, asked.agency, asked.ft_id) == ("inscrit", agency, NUMBER)
    assert asked.state == RequestState.UNDER_WAY
    line = AuditEntry.objects.get(
        target_id=str(asked.pk), action=Action.RIGHTS_MOVED, refused=""
    )
    assert line.details["because"] == "identifiant"
    assert line.details["kind"] == ["non_inscrit", "inscrit"]
    assert line.details["to"] == f"agence {agency.pk}"
    assert OutboxEntry.objects.filter(effect="rights-to-answer").exists()
    assert NUMBER in text_of(as_ft_admin.get(record_url(asked)))
    actions.attach(asked, NUMBER, by=FtAdminFactory())
    assert asked.person.candidates == {candidate.pk}


def test_an_agency_that_lacks_is_said_at_its_box(as_ft_admin):
    asked = asked_as()
    typed = {"kind": PersonKind.REGISTERED, "ft_id": NUMBER, "because": "identifiant"}

    page = as_ft_admin.post(action_url(asked, "corriger"), typed)

    assert dict(page.context["form"].errors) == {"agency": [actions.NO_AGENCY]}
    assert NUMBER in text_of(page)


def test_a_request_is_not_corrected_once_answered_nor_while_somebody_is_attached(
    ft_admin,
):
    answered = RightsRequestFactory(answered=True, account=None)
    own = actions.request_for_oneself(by=AdviserFactory(), right="acces")
    attached = RightsRequestFactory(under_way=True)
    for asked, words in [
        (answered, "ne se corrige plus"),
        (own, "ne se corrige plus"),
        (attached, "détachez-la"),
    ]:
        with pytest.raises(MoveRefused, match=words):
            actions.correct(asked, by=ft_admin, because="dit", kind="employeur")
    free = asked_as()
    with pytest.raises(MoveRefused, match="Rien n’est changé"):
        actions.correct(free, by=ft_admin, because="dit", kind="non_inscrit")
    with pytest.raises(MoveRefused, match="Choisissez l’agence"):
        actions.correct(free, by=ft_admin, because="dit", kind="inscrit")


def test_a_corrected_request_is_searched_again_before_the_answer(as_ft_admin):
    """« Rien » was said by what the request gave then."""
    asked = asked_as(reply_to="Lyon")
    as_ft_admin.post(action_url(asked, "rien-trouve"))
    typed = {"kind": asked.kind, "email": "o@b.example", "because": "identifiant"}
    as_ft_admin.post(action_url(asked, "corriger"), typed)
    early = as_ft_admin.post(action_url(asked, "repondre"))

    assert "cherchez de nouveau" in text_of(early)
    # It is passed to nobody else.
    assert not OutboxEntry.objects.filter(effect="rights-to-answer").exists()
    as_ft_admin.post(action_url(asked, "rien-trouve"))
    as_ft_admin.post(action_url(asked, "repondre"))

    asked.refresh_from_db()
    assert asked.state == RequestState.ANSWERED
    by = [gesture.counts["par"] for gesture in asked.gestures.all()]
    assert by == [["nom et prénom"], ["nom et prénom", "adresse de courriel"]]


def test_a_record_written_since_stops_the_answer_until_it_is_attached(as_ft_admin):
    """By name and address: the database knows numbers alone."""
    asked = asked_as()
    as_ft_admin.post(action_url(asked, "rien-trouve"))
    email = "odile.demandeuse@partenaire.example"
    CandidateFactory(**HERS, ft_id="", email=email)

    refused = as_ft_admin.post(action_url(asked, "repondre"))

    assert refused.status_code == 409
    assert "serait faux" in text_of(refused)
    asked.refresh_from_db()
    assert asked.state == RequestState.UNDER_WAY


def test_nothing_is_said_once_by_two_tabs(as_ft_admin, ft_admin):
    asked = asked_as()
    presses = [as_ft_admin.post(action_url(asked, "rien-trouve")) for _ in range(2)]
    with pytest.raises(MoveRefused, match="une seule fois"):
        actions.act(asked, GestureKind.NOTHING, by=ft_admin)

    assert [one.status_code for one in presses] == [302, 409]
    assert asked.gestures.count() == asked.replies.count() == 1
