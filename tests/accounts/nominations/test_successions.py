"""A change of RGC: the territory agrees, the region validates and notifies (4.3)."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.agreements import documents
from accounts.nominations import actions
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from tests.accounts.factories import (
    AgencyFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
    post_change,
    staff_named,
)
from tests.accounts.journeys import queue_of
from tests.admin.registers import action_url, record_url, text_of
from tests.conftest import sign_in
from tests.files import make_file
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db

VALIDATION = {"decision_by": "M. Aubry, directrice régionale", "reference": "DR-ARA-44"}
# Of the registered letter that notifies a change (4.3).
POSTING = {"carrier": "autre", "registered_number": "LRE/2026/0042"}


def today() -> dt.date:
    return timezone.localdate()


def successor(state="accepte", **traits):
    """Somebody agreed on for a post that another person held."""
    earlier = NominationFactory(state=NominationState.LEFT, ended_on=today())
    return NominationFactory(convention=earlier.convention, state=state, **traits)


def validate(nomination, by=None, on=None):
    actions.validate_change(
        nomination, by=by or FtAdminFactory(), decided_on=on or today(), **VALIDATION
    )


def put_in_office_by_sql(nomination, by=None, days=0):
    """Write it by hand: in office since so many days from today, by that account."""
    day = today() + dt.timedelta(days=days)
    Nomination.objects.filter(pk=nomination.pk).update(
        state="en_fonction", office_on=day, office_by=by
    )


def buttons(client, nomination):
    page = client.get(record_url(nomination))
    return [button.slug for button in page.context["admin_actions"]]


# --- A successor needs both -----------------------------------------------------------


def test_a_successor_takes_office_after_both_decisions(as_ft_admin):
    """4.1, 4.3: agreement, validation, account, office; a letter of each director."""
    earlier = NominationFactory(state=NominationState.LEFT, ended_on=today())
    row = NominationFactory(
        convention=earlier.convention, state="propose", without_account=True
    )
    actions.accept(
        row,
        by=staff_named("accord.ft"),
        decided_on=today(),
        decision_by="P. Garnier, directeur territorial",
        reference="DT38-118",
    )
    early = as_ft_admin.post(action_url(row, "fournir-compte"))
    as_ft_admin.post(action_url(row, "valider"), {"on": today(), **VALIDATION})
    as_ft_admin.post(action_url(row, "fournir-compte"))
    unposted = as_ft_admin.post(action_url(row, "entrer-en-fonction"))
    make_file(row.change_letter)
    as_ft_admin.post(action_url(row, "notifier"), {"on": today(), **POSTING})
    as_ft_admin.post(action_url(row, "entrer-en-fonction"))

    assert unposted.status_code == 409
    assert "notez d’abord le numéro et le jour d’envoi" in unposted.text
    assert early.status_code == 409
    assert "le directeur régional valide d’abord ce changement" in early.text
    row.refresh_from_db()
    assert row.state == NominationState.IN_OFFICE
    assert (row.validated_on, row.validation_by) == (
        today(),
        "M. Aubry, directrice régionale",
    )
    agreement, validation = row.letters.order_by("rank")
    assert (agreement.kind, validation.kind) == ("rgc_accord", "rgc_changement")
    assert "La direction territoriale" in agreement.html
    assert "Le directeur régional valide ce changement" in agreement.html
    assert "La direction régionale" in validation.html
    assert "Lettre recommandée avec avis de réception" in validation.html
    assert "réf. DR-ARA-44" in validation.html
    page = text_of(as_ft_admin.get(record_url(row)))
    assert "Changement validé" in page
    assert (validation.registered_number, validation.posted_on) == (
        "LRE/2026/0042",
        today(),
    )
    assert "recommandé n°\u00a0LRE/2026/0042, posté le" in page


def test_the_first_naming_needs_no_validation(as_ft_admin):
    """4.1: the territorial director's agreement is enough."""
    first = NominationFactory(state=NominationState.ACCEPTED)

    assert "valider" not in buttons(as_ft_admin, first)
    with pytest.raises(MoveRefused, match="première nommée"):
        validate(first)
    actions.put_in_office(first, by=FtAdminFactory())

    assert first.person.is_rgc_in_office


def test_who_lost_the_agreement_before_the_office_has_no_successor():
    """Nobody held the post: the next is the first."""
    refused = NominationFactory(
        state=NominationState.WITHDRAWN, office_on=None, person=None
    )
    first = NominationFactory(convention=refused.convention, state="accepte")

    actions.put_in_office(first, by=FtAdminFactory())

    assert first.person.is_rgc_in_office


def test_without_the_validation_the_office_is_refused():
    row = successor()

    with pytest.raises(MoveRefused, match="succède à un autre RGC"):
        actions.put_in_office(row, by=FtAdminFactory())
    validate(row)
    post_change(row)
    actions.put_in_office(row, by=FtAdminFactory())

    assert row.person.is_rgc_in_office


def test_a_change_is_validated_once_and_after_the_agreement():
    with pytest.raises(MoveRefused, match="après l’accord"):
        validate(successor("propose"))
    row = successor()
    validate(row)

    with pytest.raises(MoveRefused, match="déjà validé"):
        validate(row)


def test_the_validation_does_not_come_before_the_agreement(as_ft_admin):
    row = successor(decided_on=today())
    day = today() - dt.timedelta(days=1)

    answer = as_ft_admin.post(action_url(row, "valider"), {"on": day, **VALIDATION})

    assert "ne peut pas précéder l’accord" in answer.text
    assert "DR-ARA-44" in answer.text  # What was typed stays.
    row.refresh_from_db()
    assert row.validated_on is None


def test_a_territorys_administrator_reads_who_validates(client):
    """4.3."""
    region = AgencyFactory(safir="69188", kind="dr")
    territory = AgencyFactory(safir="38900", kind="dt", parent=region)
    agency = AgencyFactory(safir="38086", parent=territory)
    earlier = NominationFactory(state="parti", convention__structure__agency=agency)
    row = NominationFactory(convention=earlier.convention, state="accepte")
    sign_in(client, FtAdminFactory(agency=territory))

    page = text_of(client.get(action_url(row, "valider")))
    client.post(action_url(row, "valider"), {"on": today(), **VALIDATION})

    assert "validé par le directeur régional (art. 4.3)" in page
    assert Nomination.objects.get(pk=row.pk).validated_on is None
    sign_in(client, FtAdminFactory(agency=region))
    client.post(action_url(row, "valider"), {"on": today(), **VALIDATION})
    assert Nomination.objects.get(pk=row.pk).validated_on == today()
    assert documents.above(agency, "dr") == region


def test_a_change_that_the_region_does_not_validate_is_withdrawn():
    """4.3: the person agreed on never takes office, and the letter says so."""
    row = successor()

    actions.withdraw(
        row, by=FtAdminFactory(), decided_on=today(), reason="fonction", **VALIDATION
    )

    assert row.state == NominationState.WITHDRAWN
    html = row.letters.get().html
    assert "n’entre pas en fonction" in html
    assert "n’administre plus" not in html


# --- Whoever writes -------------------------------------------------------------------


def test_sql_puts_no_successor_in_office_without_the_validation():
    with database_refuses("succède à un autre RGC"):
        put_in_office_by_sql(successor(), FtAdminFactory())


def test_nor_is_one_written_in_office_at_once():
    with database_refuses("succède à un autre RGC"):
        successor("en_fonction", is_validated=False)


def test_a_validation_is_not_taken_back():
    row = successor()
    validate(row)

    with database_refuses("ne change plus"):
        Nomination.objects.filter(pk=row.pk).update(
            validated_on=None,
            validated_by=None,
            validation_by="",
            validation_reference="",
        )


# --- The desk -------------------------------------------------------------------------


def test_a_change_waits_for_the_region_and_then_for_its_account(as_ft_admin):
    """U15: queues hold what can be done now."""
    row = successor(person=None, email="anne.tissot@partenaire.example")
    label = "RGC\u00a0: changements à valider"
    queue = queue_of(as_ft_admin, label)
    shown = list(as_ft_admin.get(queue.url).context["cl"].result_list)
    accounts = queue_of(as_ft_admin, "RGC\u00a0: comptes à fournir")
    assert (queue.value, shown, accounts.value) == ("1", [row], "0")
    assert "validation du changement" in text_of(as_ft_admin.get(record_url(row)))

    validate(row)

    assert queue_of(as_ft_admin, label).value == "0"
    assert queue_of(as_ft_admin, "RGC\u00a0: comptes à fournir").value == "1"


def test_no_queue_demands_an_optional_opinion(as_ft_admin):
    """4.1, 4.3: the opinion is optional."""
    NominationFactory(state=NominationState.PROPOSED)

    labels = [one.label for one in as_ft_admin.get("/admin/").context["queues"]]

    assert not [label for label in labels if "avis" in label]


def test_no_queue_holds_what_ended_with_its_agreement(as_ft_admin):
    """U15: nobody can decide, provide or hand over any more."""
    for state in ("propose", "accepte", "en_fonction"):
        NominationFactory(convention__over=True, state=state, copy_given_on=None)

    queues = as_ft_admin.get(reverse("admin:index")).context["queues"]

    assert [one.label for one in queues if "RGC" in one.label and one.is_waiting] == []


def test_a_following_agreement_without_rgc_is_seen_before_it_begins(as_ft_admin):
    """4.1, 13: signed, it waits for its RGC; once in office, it does not."""
    day = today() + dt.timedelta(days=30)
    to_come = ConventionFactory(starts_on=day, ends_on=day + dt.timedelta(days=300))
    NominationFactory()
    label = "Conventions à venir sans RGC"
    queue = queue_of(as_ft_admin, label)
    shown = list(as_ft_admin.get(queue.url).context["cl"].result_list)
    assert (queue.value, shown) == ("1", [to_come])

    agreed = NominationFactory(convention=to_come, state=NominationState.ACCEPTED)
    assert queue_of(as_ft_admin, label).value == "1"
    actions.put_in_office(agreed, by=FtAdminFactory())

    assert queue_of(as_ft_admin, label).value == "0"
    with time_machine.travel(dt.datetime.combine(day, dt.time(12)), tick=False):
        assert User.objects.get(pk=agreed.person_id).is_rgc_in_office


# --- The eight days: to report, not to name (4.3) -------------------------------------


def test_a_letter_before_an_announced_departure_stops_the_clock():
    """4.3: reported beforehand, it is not asked for again."""
    row = NominationFactory()
    on = today() + dt.timedelta(days=5)
    actions.announce_end(row, by=FtAdminFactory(), how="parti", on=on)

    actions.tell_vacancy(row, by=FtAdminFactory(), letter_on=today(), reference="TC-18")

    row.refresh_from_db()
    assert row.vacancy_letter_reference == "TC-18"
    actions.drop_announced_end(row, by=FtAdminFactory())
    row.refresh_from_db()
    assert (row.vacancy_letter_on, row.vacancy_letter_reference) == (None, "")
    with pytest.raises(MoveRefused, match="aucun n’est enregistré ni annoncé"):
        actions.tell_vacancy(row, by=FtAdminFactory(), letter_on=today(), reference="X")


@pytest.mark.parametrize("is_reported", [True, False])
def test_the_letter_sets_no_delay_for_a_successor(is_reported):
    """4.3."""
    reported = {"vacancy_letter_on": today(), "vacancy_letter_reference": "TC-18"}
    row = NominationFactory(**(reported if is_reported else {}))

    actions.end_office(row, by=FtAdminFactory(), ended_on=today(), is_absence=False)
    outbox.relay()

    html = row.letters.get().html
    assert "proposer un successeur\u00a0; aucun délai ne vous est fixé" in html
    assert ("dans les huit jours" in html or "huit jours après" in html) != is_reported
    assert ("réf. TC-18" in html) == is_reported
    [message] = mail.outbox
    assert ("l’a signalé" in message.body) == is_reported
    assert "proposer un successeur à tout moment" in message.body


def test_after_a_withdrawal_nothing_is_owed():
    """4.3: the regional director decided it, the structure has nothing to report."""
    row = NominationFactory(
        state=NominationState.WITHDRAWN, ended_on=today() - dt.timedelta(days=30)
    )

    assert list(Nomination.objects.vacant()) == [row]
    assert list(Nomination.objects.letter_overdue()) == []
    assert not row.is_letter_overdue
    with pytest.raises(MoveRefused, match="aucun n’est enregistré"):
        actions.tell_vacancy(row, by=FtAdminFactory(), letter_on=today(), reference="X")
