"""The review meetings of article 11: planned, held, written down, agreed on."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import meetings
from accounts.models import Convention, Decision, MeetingState, Minutes, ReviewMeeting
from opus.lib import outbox
from opus.lib.calendar import add_months
from opus.lib.models import AuditEntry
from opus.lib.states import MoveRefused
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    DecisionFactory,
    FtAdminFactory,
    MinutesFactory,
    ReviewMeetingFactory,
    RgcFactory,
    StructureFactory,
    SuggestionFactory,
    day_from_today,
    end_at_once,
)
from tests.admin.registers import list_url, sheet_url, text_of, verb_url
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

BOTH = ["rgc", "agence"]


def type_by_hand(statement: str) -> None:
    """As somebody would at PostgreSQL's own prompt."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def meeting_of(person: Any, **traits: Any) -> ReviewMeeting:
    convention = person.structure.conventions.get()
    meeting: ReviewMeeting = ReviewMeetingFactory(convention=convention, **traits)
    return meeting


def agreed(**traits: Any) -> ReviewMeeting:
    meeting: ReviewMeeting = ReviewMeetingFactory(written=True, **traits)
    meeting.agree(by=RgcFactory(structure=meeting.convention.structure), revision=1)
    return meeting


# --- What the parties do ----------------------------------------------------------


def test_a_meeting_is_planned_held_written_down_and_agreed_on():
    """U16: each gesture by the party whose it is, each with its line."""
    rgc, agent = RgcFactory(), AgentFactory()
    meeting = ReviewMeetingFactory.build(convention=rgc.structure.conventions.get())

    meetings.plan(meeting, by=agent)
    meetings.hold(meeting, by=agent, on=timezone.localdate(), attended=BOTH)
    meetings.write_minutes(meeting, by=agent, text="Les chiffres progressent.")
    meetings.decide(
        meeting,
        by=agent,
        text="Former deux conseillers.",
        carrier="structure",
        due_on=day_from_today(30),
    )
    meeting.refresh_from_db()
    meetings.agree(meeting, by=rgc, revision=meeting.revision)

    meeting.refresh_from_db()
    assert meeting.state == MeetingState.AGREED
    assert [step.target for step in meeting.steps.all()] == [
        "planifiee",
        "tenue",
        "validee",
    ]
    lines = AuditEntry.objects.filter(action="meeting_changed").order_by("pk")
    assert [line.details["verb"] for line in lines] == [
        "plan",
        "hold",
        "write",
        "decide",
        "agree",
    ]
    assert "progressent" not in str([line.details for line in lines])


@pytest.mark.parametrize("attended", [["rgc"], ["agence", "correspondant"], []])
def test_a_meeting_of_one_party_is_no_review(attended):
    """Art. 11: the parties meet; the database says so too."""
    with pytest.raises(IntegrityError, match="both_parties_were_there"):
        meetings.hold(
            ReviewMeetingFactory(),
            by=AgentFactory(),
            on=timezone.localdate(),
            attended=attended,
        )


def test_a_meeting_is_not_held_before_its_day():
    with pytest.raises(MoveRefused, match="à venir"):
        meetings.hold(
            ReviewMeetingFactory(),
            by=AgentFactory(),
            on=day_from_today(1),
            attended=BOTH,
        )


def test_the_rgc_confirms_what_he_read_and_nothing_written_meanwhile():
    rgc, agent = RgcFactory(), AgentFactory()
    meeting = meeting_of(rgc, written=True)
    read = meeting.revision
    meetings.decide(
        meeting,
        by=agent,
        text="Autre décision.",
        carrier="france_travail",
        due_on=day_from_today(9),
    )

    with pytest.raises(MoveRefused, match="a changé"):
        meetings.agree(meeting, by=rgc, revision=read)

    meeting.refresh_from_db()
    assert meeting.state == MeetingState.HELD


def test_there_is_nothing_to_agree_on_before_the_minutes():
    rgc = RgcFactory()
    with pytest.raises(MoveRefused, match="pas encore de compte rendu"):
        meetings.agree(meeting_of(rgc, held=True), by=rgc, revision=0)


@pytest.mark.parametrize("maker", [AdviserFactory, AgentFactory, FtAdminFactory])
def test_only_the_rgc_gives_the_structures_word(maker):
    meeting = ReviewMeetingFactory(written=True)
    with pytest.raises(MoveRefused, match="RGC"):
        meetings.agree(meeting, by=maker(), revision=1)


def test_another_structures_rgc_gives_no_word():
    meeting = ReviewMeetingFactory(written=True)
    with pytest.raises(MoveRefused, match="RGC"):
        meetings.remark(meeting, by=RgcFactory(), text="À revoir.")


def test_a_partner_writes_nothing_of_france_travails():
    rgc = RgcFactory()
    with pytest.raises(MoveRefused, match="personnel de France Travail"):
        meetings.write_minutes(meeting_of(rgc, held=True), by=rgc, text="Écrit ici.")


def test_a_meeting_is_planned_about_a_convention_that_is_not_over():
    convention = StructureFactory().conventions.get()
    end_at_once(convention)
    convention.refresh_from_db()
    with pytest.raises(MoveRefused, match="pris fin"):
        meetings.plan(
            ReviewMeetingFactory.build(convention=convention), by=AgentFactory()
        )


def test_a_correction_keeps_every_version_and_asks_the_structure_again():
    meeting, agent = agreed(), AgentFactory()

    with pytest.raises(MoveRefused, match="tant qu’ils ne sont pas validés"):
        meetings.write_minutes(meeting, by=agent, text="En cachette.")
    meetings.reopen(meeting, by=agent)
    meetings.write_minutes(meeting, by=agent, text="Corrigé.")

    meeting.refresh_from_db()
    assert meeting.state == MeetingState.HELD
    assert [(one.version, one.text) for one in meeting.minutes.all()] == [
        (2, "Corrigé."),
        (1, "Les parties ont revu les chiffres de la période."),
    ]


def test_a_decision_is_closed_once():
    decision, agent = DecisionFactory(), AgentFactory()
    today = timezone.localdate()
    meetings.close_decision(decision, by=agent, on=today, is_dropped=False)

    with pytest.raises(MoveRefused, match="déjà close"):
        meetings.close_decision(decision, by=agent, on=today, is_dropped=True)

    decision.refresh_from_db()
    assert (decision.closed_on, decision.is_dropped) == (today, False)


def test_the_rgc_is_told_of_each_version_by_a_link_and_no_word(
    django_capture_on_commit_callbacks,
):
    """V17: the letter says where to read."""
    rgc = RgcFactory()
    AdviserFactory(structure=rgc.structure)
    meeting = meeting_of(rgc, held=True)

    with django_capture_on_commit_callbacks(execute=True):
        meetings.write_minutes(meeting, by=AgentFactory(), text="Secret de la réunion.")
    outbox.relay()

    [letter] = mail.outbox
    assert letter.to == [rgc.email]
    assert meeting.get_absolute_url() in letter.body
    assert "Secret" not in letter.body + letter.subject


# --- What the database keeps ------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM accounts_reviewmeeting",
        "UPDATE accounts_reviewmeeting SET held_on = held_on - 1",
        "UPDATE accounts_reviewmeeting SET attended = '{rgc,territoire}'",
        "DELETE FROM accounts_minutes",
        "UPDATE accounts_minutes SET text = 'Autre chose.'",
        "UPDATE accounts_decision SET text = 'Autre chose.'",
        "DELETE FROM accounts_decision",
        "UPDATE accounts_reviewmeeting SET state = 'annulee', cancel_reason = 'report'",
    ],
)
def test_what_was_held_is_neither_erased_nor_written_over(statement):
    """Art. 11: whoever writes, by hand too."""
    meeting = ReviewMeetingFactory(written=True)
    DecisionFactory(meeting=meeting)

    with pytest.raises(IntegrityError):
        type_by_hand(statement)


@pytest.mark.parametrize("make", [MinutesFactory, DecisionFactory])
@pytest.mark.parametrize("meeting", [agreed, ReviewMeetingFactory])
def test_nothing_is_added_to_what_is_agreed_on_or_not_yet_held(make, meeting):
    row = meeting()
    number = {"version": 2} if make is MinutesFactory else {}
    with pytest.raises(IntegrityError, match="une fois la réunion tenue"):
        make(meeting=row, **number)


def race(first: Any, second: Any) -> list[bool]:
    """Both at once, each on its own connection: which were let through."""
    start = threading.Barrier(2)

    def run(gesture: Any) -> bool:
        try:
            start.wait(timeout=10)
            gesture()
        except (IntegrityError, MoveRefused):
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return [
            future.result() for future in [pool.submit(run, g) for g in (first, second)]
        ]


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_have_two_numbers():
    """R10: the meeting's row is held, so that numbers follow one another."""
    meeting, agent = ReviewMeetingFactory(held=True), AgentFactory()

    def decide() -> None:
        meetings.decide(
            ReviewMeeting.objects.get(pk=meeting.pk),
            by=agent,
            text="Une décision.",
            carrier="structure",
            due_on=day_from_today(9),
        )

    assert race(decide, decide) == [True, True]
    numbers = meeting.decisions.values_list("number", flat=True)
    assert sorted(numbers) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_refuses_the_same_number_twice():
    """The control of the race: both ask the same number, one is refused."""
    meeting = ReviewMeetingFactory(held=True)

    def decide_blindly() -> None:
        Decision.objects.create(
            meeting_id=meeting.pk,
            number=1,
            text="Une décision.",
            carrier="structure",
            due_on=day_from_today(9),
        )

    assert sorted(race(decide_blindly, decide_blindly)) == [False, True]


# --- Reviews that are due ---------------------------------------------------------


def test_a_convention_without_review_for_a_year_is_due():
    """Art. 11: the last day of the year counts; a cancelled or planned one does not."""
    edge = add_months(timezone.localdate(), -settings.MEETING_EVERY_MONTHS)
    never, lately, long_ago, over = (
        StructureFactory().conventions.get() for _ in range(4)
    )
    ConventionFactory(starts_on=edge + dt.timedelta(days=1))
    ReviewMeetingFactory(convention=never)
    ReviewMeetingFactory(convention=lately, held=True, planned_on=edge)
    ReviewMeetingFactory(
        convention=long_ago, held=True, planned_on=edge - dt.timedelta(days=1)
    )
    end_at_once(over)

    due = Convention.objects.without_review()

    assert set(due) == {never, long_ago}


def test_the_desk_counts_them_and_leads_to_their_list(as_ft_admin: Client):
    due = StructureFactory().conventions.get()
    held = StructureFactory().conventions.get()
    ReviewMeetingFactory(convention=held, held=True)

    desk = text_of(as_ft_admin.get("/admin/"))
    page = text_of(
        as_ft_admin.get(list_url("accounts.convention"), {"suivi": "aucune"})
    )

    assert "Conventions sans réunion de suivi" in desk
    assert "suivi=aucune" in desk
    assert due.number in page
    assert held.number not in page


@pytest.mark.parametrize("page", ["meetings", "accounts"])
def test_the_rgc_reads_that_a_review_is_due_until_it_is_held(client: Client, page):
    rgc = RgcFactory()
    sign_in(client, rgc)
    words = "Une réunion de suivi est à prévoir"
    assert words in client.get(reverse(page)).text

    meeting_of(rgc, held=True)

    assert words not in client.get(reverse(page)).text


# --- The structure's pages --------------------------------------------------------


def test_the_rgc_reads_the_minutes_and_confirms_them(client: Client):
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    sign_in(client, rgc)
    page = client.get(meeting.get_absolute_url()).text
    assert "Les parties ont revu les chiffres" in page
    assert "du=2026-01&amp;au=2026-10" in page

    client.post(reverse("meeting_agree", args=[meeting.pk]), {"revision": "1"})

    meeting.refresh_from_db()
    assert meeting.state == MeetingState.AGREED


def test_an_old_page_confirms_nothing(client: Client):
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    sign_in(client, rgc)

    response = client.post(
        reverse("meeting_agree", args=[meeting.pk]), {"revision": "0"}, follow=True
    )

    assert "a changé depuis que vous l’avez ouvert" in response.text
    meeting.refresh_from_db()
    assert meeting.state == MeetingState.HELD


def test_an_adviser_reads_the_decisions_and_not_the_minutes(client: Client):
    adviser = AdviserFactory()
    meeting = meeting_of(adviser, written=True)
    DecisionFactory(meeting=meeting, text="Former deux conseillers.")
    sign_in(client, adviser)

    page = client.get(meeting.get_absolute_url()).text

    assert "Former deux conseillers." in page
    assert "Les parties ont revu les chiffres" not in page
    assert "Valider le compte rendu" not in page


def test_another_structures_meeting_does_not_exist(client: Client):
    """S20."""
    sign_in(client, RgcFactory())
    meeting = ReviewMeetingFactory(written=True)

    assert client.get(meeting.get_absolute_url()).status_code == 404
    for name in ["meeting_agree", "meeting_remark"]:
        path = reverse(name, args=[meeting.pk])
        assert client.post(path, {"revision": 1, "text": "x"}).status_code == 404
    assert "Réunion du" not in client.get(reverse("meetings")).text


def test_a_remark_goes_to_the_version_that_was_read(client: Client):
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    sign_in(client, rgc)
    path = reverse("meeting_remark", args=[meeting.pk])

    client.post(path, {"text": "Le deuxième chiffre est celui de mars."})

    remark = meeting.remarks.get()
    assert (remark.version, remark.by) == (1, rgc)
    assert remark.text in client.get(meeting.get_absolute_url()).text


@pytest.mark.parametrize(
    "text",
    [
        "Voir avec claire@partenaire.example",
        "Rappeler le 06 12 34 56 78",
        "Le dossier 1234567A",
        "Le dossier 12345678901",
    ],
)
def test_a_text_that_reaches_a_person_is_refused_and_not_lost(client: Client, text):
    """V1: no data of a person; what was typed stays in the box."""
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    sign_in(client, rgc)

    page = client.post(reverse("meeting_remark", args=[meeting.pk]), {"text": text})

    assert "rien n’est enregistré" in page.text
    assert text in page.text
    assert not meeting.remarks.exists()


def test_figures_and_dates_are_no_persons_data(client: Client):
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    sign_in(client, rgc)
    text = "Du 01/01/2026 au 31.10.2026 : 1 284 offres, 38193, 12 % de retours."

    client.post(reverse("meeting_remark", args=[meeting.pk]), {"text": text})

    assert meeting.remarks.get().text == text


def test_the_list_costs_the_same_whatever_its_length(client: Client):
    adviser = AdviserFactory()
    sign_in(client, adviser)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("meetings")).status_code == 200
        return len(queries)

    DecisionFactory(
        meeting=meeting_of(adviser, held=True, planned_on=day_from_today(-9))
    )
    count()
    with_one = count()
    for days in (2, 3):
        row = meeting_of(adviser, held=True, planned_on=day_from_today(-days))
        DecisionFactory(meeting=row)

    assert count() == with_one


# --- The desk ---------------------------------------------------------------------


def test_an_agent_sees_the_meetings_of_his_territory(client: Client):
    """S27."""
    agent = AgentFactory()
    ours = ReviewMeetingFactory(
        convention=StructureFactory(agency=agent.agency).conventions.get()
    )
    theirs = ReviewMeetingFactory(
        convention=StructureFactory(agency=AgencyFactory()).conventions.get()
    )
    sign_in(client, agent)

    page = text_of(client.get(list_url("accounts.reviewmeeting")))

    assert ours.convention.structure.name in page
    assert theirs.convention.structure.name not in page
    assert client.get(sheet_url(theirs)).status_code == 302
    assert client.get(verb_url(theirs, "annuler")).status_code == 404


def test_an_agent_plans_no_meeting_beyond_his_territory(client: Client):
    agent = AgentFactory()
    beyond = ConventionFactory()
    sign_in(client, agent)
    data = {
        "convention": beyond.pk,
        "planned_on": day_from_today(9).isoformat(),
        "place": "agence",
        "covers_from": "2026-01-01",
        "covers_until": "2026-10-31",
    }

    client.post(reverse("admin:accounts_reviewmeeting_add"), data)

    assert not ReviewMeeting.objects.exists()


def test_late_decisions_have_their_tile_and_their_list(as_ft_admin: Client):
    late = DecisionFactory(late=True).meeting
    open_one = DecisionFactory().meeting
    closed = DecisionFactory(late=True, closed_on=timezone.localdate()).meeting

    desk = text_of(as_ft_admin.get("/admin/"))
    page = text_of(
        as_ft_admin.get(list_url("accounts.reviewmeeting"), {"reste": "retard"})
    )

    assert "Décisions en retard" in desk
    names = {row.convention.structure.name: row for row in (late, open_one, closed)}
    shown = {name for name in names if name in page}
    assert shown == {late.convention.structure.name}


def test_the_sheet_tells_minutes_remarks_decisions_and_proposals(as_ft_admin: Client):
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    meetings.remark(meeting, by=rgc, text="Un chiffre est à revoir.")
    DecisionFactory(meeting=meeting, text="Former deux conseillers.")
    suggestion = SuggestionFactory(author=rgc, meeting=meeting)

    page = text_of(as_ft_admin.get(sheet_url(meeting)))

    for words in [
        "Les parties ont revu les chiffres",
        "Un chiffre est à revoir.",
        "Former deux conseillers.",
        suggestion.title,
        f"vue={rgc.structure_id}&amp;du=2026-01&amp;au=2026-10",
    ]:
        assert words in page


def test_minutes_begin_from_the_last_version(as_ft_admin: Client):
    meeting = ReviewMeetingFactory(written=True)

    page = text_of(as_ft_admin.get(verb_url(meeting, "compte-rendu")))

    assert Minutes.objects.get().text in page
