"""A caseload confided for a time: who sees and acts, from which day to which (5.6)."""

import datetime as dt
import functools
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.users.enums import UserState
from accounts.users.models import AddressChange
from opus.lib.audit.models import AuditEntry
from opus.lib.dates import date_format
from opus.lib.outbound import outbox
from referrals.activity.counts import MINE, TEAM, scope_of
from referrals.acts import jobs as acts_jobs
from referrals.acts.act_rights import ActKind
from referrals.appointments import emails as appointment_emails
from referrals.appointments import jobs
from referrals.candidates.models import Candidate, StandIn, history_of
from referrals.caseloads import actions as caseloads_actions
from referrals.caseloads.actions import HandoverRefused, apply_due, hand_over, take_back
from referrals.direct.models import Referral
from referrals.documents.models import Document
from referrals.duplicates import actions
from referrals.favourites.models import Favourite
from referrals.making.actions import make
from referrals.saved_searches.models import SavedSearch
from referrals.todo import open_acts
from tests.accounts.factories import (
    AdviserFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.conftest import sign_in
from tests.harness import in_parallel
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
    SavedSearchFactory,
    StandInFactory,
    entrust,
)
from tests.tables import as_owner

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
KEY = "6f1b3a52-0000-4000-8000-000000000000"
FIRST, LAST = dt.date(2037, 12, 7), dt.date(2037, 12, 11)


def at(day: dt.date, hour: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(hour), PARIS)


def today() -> dt.date:
    return timezone.localdate()


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


@pytest.fixture
def office():
    """Claire leaves for a while; Samir stays, with somebody of his own; an RGC."""
    structure = StructureFactory()
    rgc = RgcFactory(structure=structure, first_name="Nadia", last_name="Ferrand")
    samir = AdviserFactory(structure=structure, first_name="Samir", last_name="Roux")
    claire = AdviserFactory(structure=structure, first_name="Claire", last_name="Petit")
    hers = CandidateFactory(adviser=claire, last_name="Zzdeclaire")
    CandidateFactory(adviser=samir)
    return rgc, samir, claire, hers


def sees(account, person) -> bool:
    return Candidate.objects.visible_to(account).filter(pk=person.pk).exists()


# --- The days -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        (at(FIRST - days(1), "23:59:59"), False),
        (at(FIRST, "00:00:00"), True),
        (at(FIRST, "12:00:00"), True),
        (at(LAST, "23:59:59"), True),
        (at(LAST + days(1), "00:00:00"), False),
    ],
)
def test_the_right_lasts_from_midnight_to_midnight_in_paris(office, instant, opens):
    """S24: a predicate on dates; the owner keeps hers all along."""
    _, samir, claire, hers = office
    StandInFactory(owner=claire, colleague=samir, starts_on=FIRST, ends_on=LAST)

    with time_machine.travel(instant, tick=False):
        assert sees(samir, hers) is opens
        assert sees(claire, hers)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    before=st.integers(-200, 200),
    length=st.integers(0, 91),
    hour=st.integers(-300 * 24, 300 * 24),
)
def test_no_instant_outside_the_days_gives_a_right(office, before, length, hour):
    """S24: of any days and any hour, over both changes of the clocks."""
    _, samir, claire, hers = office
    first = FIRST + days(before)
    last = first + days(length)
    StandIn.objects.all().delete()
    StandInFactory(owner=claire, colleague=samir, starts_on=first, ends_on=last)

    with time_machine.travel(at(FIRST, "00:30") + dt.timedelta(hours=hour), tick=False):
        day = dt.datetime.now(PARIS).date()
        assert sees(samir, hers) is (first <= day <= last)
        assert sees(claire, hers)


def test_everything_of_the_person_opens_and_nothing_else(office):
    """S20, S24: acts, documents, offers and searches; not what the owner keeps."""
    _, samir, claire, hers = office
    document = DocumentFactory(act=ReferralFactory(candidate=hers))
    kept = FavouriteFactory(candidate=hers)
    own = FavouriteFactory(adviser=claire, candidate=None)
    search = SavedSearchFactory(candidate=hers)
    mine = SavedSearchFactory(account=claire)

    def open_to(account):
        return {
            *Referral.objects.visible_to(account),
            *Document.objects.visible_to(account),
            *Favourite.objects.visible_to(account),
            *SavedSearch.objects.visible_to(account),
        }

    everything = {document.act, document, kept, search}
    assert not open_to(samir) & everything
    StandInFactory(owner=claire, colleague=samir)
    assert everything <= open_to(samir)
    assert not {own, mine} & open_to(samir)
    assert {*everything, own, mine} <= open_to(claire)


@pytest.mark.parametrize("who", ["stranger", "colleague", "rgc"])
def test_nobody_else_sees_more(client, office, who):
    """S20: to them the person does not exist, as before."""
    rgc, samir, claire, hers = office
    StandInFactory(owner=claire, colleague=samir)
    other = {
        "stranger": AdviserFactory,
        "colleague": lambda: AdviserFactory(structure=claire.structure),
        "rgc": lambda: rgc,
    }[who]()

    assert not sees(other, hers)
    page = sign_in(client, other).get(hers.get_absolute_url())
    assert page.status_code == 404


def test_a_caseload_that_is_confided_goes_no_further(office):
    """No chain: who stands in confides neither his own nor hers meanwhile."""
    _, samir, claire, hers = office
    third = AdviserFactory(structure=claire.structure)
    StandInFactory(owner=claire, colleague=samir)
    whens = {"starts_on": today() + days(3), "ends_on": today() + days(20)}

    with pytest.raises(HandoverRefused, match="ne se confient pas plus loin"):
        caseloads_actions.confide(samir, to=third, by=samir, **whens)
    with pytest.raises(HandoverRefused, match="ne se confient pas plus loin"):
        caseloads_actions.confide(third, to=claire, by=third, **whens)
    later = today() + days(10)
    caseloads_actions.confide(samir, to=third, by=samir, starts_on=later, ends_on=later)

    with time_machine.travel(at(later, "09:00"), tick=False):
        assert not sees(third, hers)


@pytest.mark.parametrize("state", [UserState.SUSPENDED, UserState.CLOSED])
@pytest.mark.parametrize("whose", ["owner", "colleague"])
def test_a_suspended_or_closed_account_takes_the_right_away_at_once(
    office, state, whose
):
    """S14: no job, no gesture."""
    _, samir, claire, hers = office
    one = StandInFactory(owner=claire, colleague=samir)
    account = getattr(one, whose)
    if state == UserState.CLOSED and whose == "owner":
        entrust(hers, AdviserFactory(structure=claire.structure))
    assert sees(samir, hers) or state == UserState.CLOSED
    account.suspend(by=None, reason="depart")
    if state == UserState.CLOSED:
        for person in account.candidates.all():
            entrust(person, office[0])
        account.close(by=None, reason="depart")

    assert not sees(samir, hers)
    assert not StandIn.objects.in_force()


def test_it_ends_early_by_the_owner_and_the_right_with_it(client, office):
    """S37: one entry, told once; the colleague is told by letter."""
    _, samir, claire, hers = office
    one = StandInFactory(owner=claire, colleague=samir)
    path = reverse("caseload_take_back", args=[one.pk])

    sign_in(client, claire).post(path)
    client.post(path)

    assert not sees(samir, hers)
    entry = AuditEntry.objects.get(action="caseload_taken_back")
    assert entry.details == {"from": samir.pk}
    outbox.relay()
    (message,) = mail.outbox
    assert message.to == [samir.email]
    assert hers.last_name not in message.subject + message.body


def test_neither_the_colleague_nor_a_stranger_ends_it(client, office):
    """S20."""
    _, samir, claire, _ = office
    one = StandInFactory(owner=claire, colleague=samir)
    elsewhere = RgcFactory()

    for account in (samir, AdviserFactory()):
        path = reverse("caseload_take_back", args=[one.pk])
        assert sign_in(client, account).post(path).status_code == 404
    path = reverse("account_take_back", args=[claire.public_id, one.pk])
    assert sign_in(client, elsewhere).post(path).status_code == 404

    assert StandIn.objects.in_force().get() == one


def test_the_rgc_ends_what_an_adviser_confided(client, office):
    rgc, samir, claire, _ = office
    one = StandInFactory(owner=claire, colleague=samir)

    path = reverse("account_take_back", args=[claire.public_id, one.pk])
    sign_in(client, rgc).post(path)

    assert not StandIn.objects.in_force()


# --- What may be confided -------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (-1, 5, "Ce jour est passé"),
        (5, 4, "Le dernier jour précède le premier"),
        (0, 92, "92\u00a0jours au plus"),
    ],
)
def test_odd_days_are_refused_at_their_field(client, office, first, last, sentence):
    """What was typed stays in the form."""
    _, samir, claire, _ = office
    data = {
        "colleague": str(samir.public_id),
        "starts_on": (today() + days(first)).isoformat(),
        "ends_on": (today() + days(last)).isoformat(),
    }

    page = sign_in(client, claire).post(reverse("caseload_confide"), data).text

    assert sentence in page
    assert data["ends_on"] in page
    assert not StandIn.objects.exists()


def test_ninety_two_days_are_the_most(office):
    _, samir, claire, _ = office
    last = today() + days(91)

    caseloads_actions.confide(
        claire, to=samir, starts_on=today(), ends_on=last, by=claire
    )

    assert StandIn.objects.get().ends_on == last


def test_nobody_of_another_structure_nor_with_a_shut_account_stands_in(office):
    """S20: whoever writes, the database says the same of the structure."""
    _, samir, claire, _ = office
    samir.suspend(by=None, reason="depart")
    whens = {"starts_on": today(), "ends_on": today()}

    for colleague in (AdviserFactory(), samir):
        with pytest.raises(HandoverRefused, match="actif"):
            caseloads_actions.confide(claire, to=colleague, by=claire, **whens)
    with pytest.raises(IntegrityError, match="même structure"), transaction.atomic():
        StandInFactory(owner=claire, colleague=AdviserFactory())


def test_it_changes_no_more_it_only_ends():
    one = StandInFactory()
    rows = StandIn.objects.filter(pk=one.pk)

    with pytest.raises(IntegrityError, match="se reprennent"), transaction.atomic():
        rows.update(ends_on=one.ends_on + days(30))
    rows.update(ended_at=timezone.now(), ended_by=one.owner)
    with pytest.raises(IntegrityError, match="se reprennent"), transaction.atomic():
        rows.update(ended_at=None, ended_by=None)


def test_two_overlapping_are_refused_and_one_taken_back_makes_room(office):
    rgc, samir, claire, _ = office
    whens = {"starts_on": today() + days(2), "ends_on": today() + days(30)}
    one = StandInFactory(owner=claire, colleague=samir)

    with pytest.raises(HandoverRefused, match="déjà confiés"):
        caseloads_actions.confide(claire, to=rgc, by=rgc, **whens)
    caseloads_actions.take_back(one, by=rgc)
    other = AdviserFactory(structure=claire.structure)
    caseloads_actions.confide(claire, to=other, by=rgc, **whens)

    assert StandIn.objects.ahead().get().colleague == other


def test_confided_to_oneself_it_waits_and_its_adviser_is_told(office):
    """S39: a stolen session of an RGC reads nobody by standing in at once."""
    rgc, _, claire, hers = office
    AddressChange.objects.create(account=claire, former="claire@avant.example", by=rgc)
    whens = {"starts_on": today(), "ends_on": today() + days(9)}

    with pytest.raises(HandoverRefused, match="ne peuvent être confiés avant"):
        caseloads_actions.confide(
            claire, to=rgc, by=rgc, starts_on=today(), ends_on=today()
        )
    transfer = caseloads_actions.confide(claire, to=rgc, by=rgc, **whens)

    assert {claire.email, "claire@avant.example"} <= set(receivers())
    assert transfer.is_waiting
    assert not sees(rgc, hers)
    with time_machine.travel(transfer.ready_at + days(1) / 24):
        apply_due()
        apply_due()
        confided = StandIn.objects.in_force().get()
        assert (confided.starts_on, confided.ends_on) == (today(), whens["ends_on"])
        assert sees(rgc, hers)


# --- What the colleague does ----------------------------------------------------------


def test_an_act_bears_his_name_and_the_person_stays_hers(client, office):
    """Art. 7: who made it is who signs; the owner finds it on return."""
    _, samir, claire, hers = office
    one = StandInFactory(owner=claire, colleague=samir)

    act = make(ActKind.REFERRAL, OfferFactory().pk, hers.pk, by=samir, key=KEY)
    caseloads_actions.take_back(one, by=claire)

    hers.refresh_from_db()
    assert (act.adviser, hers.adviser) == (samir, claire)
    assert str(samir) in act.document.html
    assert sign_in(client, claire).get(act.get_absolute_url()).status_code == 200
    assert sign_in(client, samir).get(act.get_absolute_url()).status_code == 404


def test_he_puts_her_sheet_right_though_she_is_not_his(client, office):
    """Her own identifier is nobody else's."""
    _, samir, claire, hers = office
    StandInFactory(owner=claire, colleague=samir)
    path = reverse("candidate_edit", args=[hers.pk])
    data = {
        "first_name": hers.first_name,
        "last_name": hers.last_name,
        "ft_id": hers.ft_id,
        "phone": "06 39 98 11 11",
    }

    response = sign_in(client, samir).post(path, data)

    hers.refresh_from_db()
    assert response.status_code == 302
    assert (hers.phone, hers.adviser) == ("06 39 98 11 11", claire)


def test_nobody_changes_caseload_by_a_merge(office):
    _, samir, claire, hers = office
    StandInFactory(owner=claire, colleague=samir)
    his = CandidateFactory(adviser=samir, phone=hers.phone, ft_id="")

    assert not actions.likely_doubles(hers, by=samir).filter(pk=his.pk).exists()
    with pytest.raises(Candidate.DoesNotExist):
        actions.merge(his, hers, by=samir)


def test_her_tasks_are_in_his_to_do_and_say_whose(client, office):
    _, samir, claire, hers = office
    act = ReferralFactory(candidate=hers)
    assert not open_acts.open_acts_of(samir).tasks
    StandInFactory(owner=claire, colleague=samir)

    page = sign_in(client, samir).get(reverse("home")).text

    assert act.number in page
    assert "suivi de Claire Petit" in page
    assert "suivi de" not in sign_in(client, claire).get(reverse("home")).text


def test_her_figures_stay_hers_and_the_structure_counts_the_author(office):
    """V19: the follow-up of article 11."""
    rgc, samir, claire, hers = office
    StandInFactory(owner=claire, colleague=samir)
    act = make(ActKind.REFERRAL, OfferFactory().pk, hers.pk, by=samir, key=KEY)

    def picked(account, slug):
        return list(scope_of(account, slug).pick(Referral.objects.all()))

    assert (picked(samir, MINE), picked(claire, MINE)) == ([], [act])
    assert [one.adviser for one in picked(rgc, TEAM)] == [samir]


# --- Letters --------------------------------------------------------------------------


def receivers() -> list[str]:
    outbox.relay()
    return sorted(message.to[0] for message in mail.outbox)


@pytest.mark.parametrize("is_confided", [True, False])
@pytest.mark.plants_defects
def test_letters_go_to_who_follows_that_day_and_to_nobody_else(office, is_confided):
    """One reader: the colleague meanwhile, the owner otherwise."""
    _, samir, claire, hers = office
    with time_machine.travel(at(dt.date(2037, 11, 2), "09:00"), tick=False):
        ReferralFactory(candidate=hers, handed_over=True, handed_over_on=today())
        ReferralFactory(candidate=hers).steps.create(
            origin="", target="proposee", by=claire
        )
    with time_machine.travel(at(dt.date(2037, 12, 8), "09:00"), tick=False):
        moved = AppointmentFactory(candidate=hers, at=timezone.now() + days(1))
        if is_confided:
            StandInFactory(owner=claire, colleague=samir)
    with time_machine.travel(at(dt.date(2037, 12, 9), "08:00"), tick=False):
        assert jobs.remind_advisers() == 1
        acts_jobs.remind_advisers()
        appointment_emails.appointment_moved.post(
            key="moved", appointment=str(moved.pk)
        )
        told = set(receivers())

    assert told == {samir.email if is_confided else claire.email}


def test_both_are_told_when_the_rgc_confides_and_no_person_is_named(client, office):
    rgc, samir, claire, hers = office
    data = {"colleague": str(samir.public_id), "starts_on": today().isoformat()}
    data["ends_on"] = (today() + days(5)).isoformat()
    path = reverse("account_confide", args=[claire.public_id])

    page = sign_in(client, rgc).post(path, data, follow=True).text

    assert "sont confiés à Samir Roux" in page
    entry = AuditEntry.objects.get(action="caseload_confided")
    assert entry.target_id == str(claire.pk)
    assert (entry.details["to"], entry.details["people"]) == (samir.pk, 1)
    assert receivers() == sorted([samir.email, claire.email])
    for message in mail.outbox:
        assert hers.last_name not in message.subject + message.body
    assert hers.last_name not in page


# --- Pages ----------------------------------------------------------------------------


def test_the_persons_page_says_who_follows_and_until_when(client, office):
    _, samir, claire, hers = office
    with time_machine.travel(at(FIRST, "09:00"), tick=False):
        StandInFactory(owner=claire, colleague=samir, starts_on=FIRST, ends_on=LAST)
        sentence = (
            "Candidat suivi par Claire Petit, confié à Samir Roux jusqu’au "
            "11 décembre 2037 inclus."
        )
        for account in (samir, claire):
            page = sign_in(client, account).get(hers.get_absolute_url()).text
            assert sentence in " ".join(page.split())


def test_both_accounts_histories_tell_who_stood_in_from_when_to_when(client, office):
    """At the RGC's and at France Travail's desk; no person is named."""
    rgc, samir, claire, hers = office
    one = StandInFactory(owner=claire, colleague=samir)
    caseloads_actions.take_back(one, by=claire)
    dates = f"du {date_format(one.starts_on)} au {date_format(one.ends_on)}"
    told = {
        claire: [
            ("Suivis confiés à Samir Roux", dates),
            ("Suivis repris à Samir Roux avant le dernier jour", ""),
        ],
        samir: [
            ("Suivis de Claire Petit confiés à ce compte", dates),
            ("Suivis de Claire Petit repris avant le dernier jour", ""),
        ],
    }

    for account, lines in told.items():
        entries = history_of(account)
        assert [(line.label, line.detail) for line in entries[-2:]] == lines
        page = sign_in(client, rgc).get(reverse("account", args=[account.public_id]))
        sheet = reverse("admin:accounts_user_change", args=[account.pk])
        desk = sign_in(client, FtAdminFactory()).get(sheet)
        for label, detail in lines:
            for text in (page.text, desk.text):
                assert label in text
                assert detail in text
                assert hers.last_name not in text


def test_the_list_says_whose_each_person_is(client, office):
    _, samir, claire, hers = office
    StandInFactory(owner=claire, colleague=samir)

    page = sign_in(client, samir).get(reverse("candidates")).text

    assert "Vous suivez aussi les candidats de Claire Petit" in page
    assert page.count("suivi par Claire Petit") == 1
    entry = AuditEntry.objects.filter(action="persons_listed").latest("at")
    assert str(hers.pk) in {str(one) for one in entry.person_ids}


# --- At the same instant --------------------------------------------------------------


def confide_at_once(claire, colleagues, starts_on):
    """Two forms at the same instant; how many were made."""
    ends_on = starts_on + days(5)

    def confide(colleague):
        try:
            return caseloads_actions.confide(
                claire, to=colleague, starts_on=starts_on, ends_on=ends_on, by=claire
            )
        except (HandoverRefused, IntegrityError):
            return None

    def write(colleague):
        """Without the action's own lock: the constraint alone."""
        try:
            return StandInFactory(
                owner=claire, colleague=colleague, starts_on=starts_on, ends_on=ends_on
            )
        except IntegrityError:
            return None

    made = {}
    for name, do in (("action", confide), ("table", write)):
        StandIn.objects.all().delete()
        calls = [functools.partial(do, one) for one in colleagues]
        made[name] = sum(one is not None for one in in_parallel(*calls))
    return made


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_instant_make_one():
    """R10; and the control: without the exclusion, or the action's own lock."""
    structure = StructureFactory()
    claire, *colleagues = AdviserFactory.create_batch(3, structure=structure)

    assert confide_at_once(claire, colleagues, today()) == {"action": 1, "table": 1}

    StandIn.objects.all().delete()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE referrals_standin DROP CONSTRAINT one_stand_in_at_a_time"
        )
    try:
        made = confide_at_once(claire, colleagues, today())
    finally:
        StandIn.objects.all().delete()
        constraint = next(
            one
            for one in StandIn._meta.constraints
            if one.name == "one_stand_in_at_a_time"
        )
        with as_owner(), connection.schema_editor() as editor:
            editor.add_constraint(StandIn, constraint)
    assert made == {"action": 1, "table": 2}


def test_a_colleague_whose_own_caseload_the_giver_holds_receives_none(office):
    """The giver would go on following these persons; in words."""
    stand_in = StandInFactory()
    giver, receiver = stand_in.colleague, stand_in.owner
    rgc = RgcFactory(structure=giver.structure)
    CandidateFactory(adviser=giver)

    with pytest.raises(HandoverRefused, match="suivrait donc toujours"):
        hand_over(giver, by=rgc, others_to=receiver)
    take_back(stand_in, by=receiver)

    assert hand_over(giver, by=rgc, others_to=receiver)
