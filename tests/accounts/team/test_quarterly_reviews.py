"""« Ces personnes travaillent-elles toujours ici ? », each quarter (S26, art. 4.2)."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.team import actions, quarterly_reviews
from accounts.team.models import TeamReview, TeamReviewAnswer
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
START = dt.date(2027, 11, 30)
# Three months later by the calendar, clipped: 2028 is a leap year.
DUE = dt.date(2028, 2, 29)
ASKED = "Opus : ces personnes travaillent-elles toujours chez vous ?"
REMINDER = "Opus : rappel : confirmez les comptes de votre structure"
ESCALATED = "Opus : une structure n’a pas confirmé ses comptes"
QUESTION = "personnes travaillent-elles toujours ici"


def on(day: dt.date, days: int = 0) -> time_machine.travel:
    noon = dt.datetime.combine(day + dt.timedelta(days=days), dt.time(12), PARIS)
    return time_machine.travel(noon, tick=False)


@pytest.fixture
def team():
    """Two advisers under a convention that took effect on 30 November 2027."""
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=5, starts_on=START)
    rgc = RgcFactory(structure=structure)
    AdviserFactory.create_batch(2, structure=structure)
    begun = dt.datetime.combine(START, dt.time(9), PARIS)
    User.objects.filter(structure=structure).update(
        created_at=begun, last_login=dt.datetime(2028, 6, 1, tzinfo=PARIS)
    )
    return rgc


def advisers(rgc) -> list[User]:
    return list(User.objects.administered_by(rgc).order_by("pk"))


def convention_of(rgc):
    return rgc.structure.conventions.get()


def run() -> list[tuple[str, str]]:
    quarterly_reviews.check_reviews()
    outbox.relay()
    told = [(message.to[0], message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return told


def answer(rgc, here, gone=()) -> None:
    actions.answer_review(convention_of(rgc), by=rgc, here=here, gone=gone)


def field(person) -> str:
    return f"personne-{person.public_id}"


def test_the_question_comes_three_calendar_months_after_the_convention_began(
    client, team
):
    for days, is_asked in [(-1, False), (0, True)]:
        with on(DUE, days):
            page = sign_in(client, team).get(reverse("accounts")).text
            assert (QUESTION in page) is is_asked
            assert ("Prochaine confirmation" in page) is not is_asked


def test_yes_for_all_in_one_click_and_again_three_months_later(client, team):
    """With no job having run: the band is a predicate."""
    people = advisers(team)
    with on(DUE, 3):
        sign_in(client, team)
        response = client.post(
            reverse("team_review"),
            {"tous": "oui", "personne": [str(person.public_id) for person in people]},
            follow=True,
        )

    assert "Merci\xa0: votre réponse est enregistrée." in response.text
    assert QUESTION not in response.text
    assert "3 juin 2028" in response.text
    review = TeamReview.objects.get()
    assert (review.due_on, review.answered_by) == (DUE, team)
    assert list(review.answers.values_list("account", "is_here")) == [
        (person.pk, True) for person in people
    ]
    entry = AuditEntry.objects.get(action="team_reviewed")
    assert entry.details == {"here": 2, "gone": 0}
    for day, is_asked in [(dt.date(2028, 6, 2), False), (dt.date(2028, 6, 3), True)]:
        with on(day):
            page = sign_in(client, team).get(reverse("accounts")).text
            assert (QUESTION in page) is is_asked


def test_one_by_one_who_left_is_suspended_at_once(client, team):
    here, gone = advisers(team)
    with on(DUE):
        sign_in(client, team)
        response = client.post(
            reverse("team_review"), {field(here): "oui", field(gone): "non"}
        )
        page = client.get(response.url).text
        history = client.get(reverse("account", args=[gone.public_id])).text

    assert "Le compte de la personne partie est suspendu" in page
    here.refresh_from_db()
    gone.refresh_from_db()
    assert (here.state, gone.state) == (UserState.ACTIVE, UserState.SUSPENDED)
    assert "Confirmation trimestrielle : ne travaille plus ici" in history
    assert "Ne travaille plus dans la structure" in history


def test_every_person_needs_an_answer(client, team):
    """A5: the error says for whom."""
    here, other = advisers(team)
    with on(DUE):
        sign_in(client, team)
        response = client.post(reverse("team_review"), {field(here): "oui"})

    assert response.context["form"].errors == {
        field(other): [f"Répondez pour {other}."]
    }
    assert not TeamReview.objects.exists()


def test_yes_for_all_is_about_the_persons_who_were_shown(client, team):
    """Somebody appeared in the list since the page was shown: he is asked about."""
    shown = advisers(team)[0]
    with on(DUE):
        sign_in(client, team)
        response = client.post(
            reverse("team_review"), {"tous": "oui", "personne": [str(shown.public_id)]}
        )

    assert response.status_code == 200
    assert len(response.context["form"].errors) == 1
    assert not TeamReview.objects.exists()


def test_the_same_answer_twice_counts_once(team):
    people = [person.pk for person in advisers(team)]
    with on(DUE):
        answer(team, people)
        with pytest.raises(MoveRefused, match="déjà enregistrée"):
            answer(team, people)

    assert TeamReview.objects.count() == 1


def test_an_answer_about_other_persons_is_refused(team):
    stranger = AdviserFactory()
    people = [person.pk for person in advisers(team)]
    with on(DUE):
        for here, gone in [
            (people[:1], []),
            ([*people, stranger.pk], []),
            (people, people[:1]),
        ]:
            with pytest.raises(MoveRefused, match="La liste des comptes a changé"):
                actions.answer_review(
                    convention_of(team), by=team, here=here, gone=gone
                )


def test_the_rgc_is_asked_reminded_twice_then_france_travail_is_told(
    client, team, django_user_model
):
    """S26: silence after two reminders escalates; each letter leaves once."""
    admin = FtAdminFactory(agency=team.structure.agency)
    told = {}
    for days in (-1, 0, 1, 6, 7, 13, 14, 20, 21, 22):
        with on(DUE, days):
            told[days] = run() + run()

    assert {days: letters for days, letters in told.items() if letters} == {
        0: [(team.email, ASKED)],
        7: [(team.email, REMINDER)],
        14: [(team.email, REMINDER)],
        21: [(admin.email, ESCALATED)],
    }
    assert TeamReview.objects.get().escalated_at is not None
    assert AuditEntry.objects.filter(action="team_review_escalated").count() == 1


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((), "aucun courriel n’est parti à ce sujet"),
        ((13,), "un seul courriel est parti"),
        ((0, 7, 14), "3 courriels sont partis"),
    ],
)
def test_the_escalation_counts_the_letters_that_really_left(team, days, said):
    """After an outage, none had."""
    FtAdminFactory(agency=team.structure.agency)
    for day in days:
        with on(DUE, day):
            run()
    with on(DUE, 21):
        quarterly_reviews.check_reviews()
        outbox.relay()

    (letter,) = mail.outbox
    assert said in letter.body


def test_the_question_ends_with_the_convention(client):
    """No reminder, no escalation, no queue: nobody can answer any more."""
    structure = StructureFactory(convention=None)
    last_day = DUE + dt.timedelta(days=7)
    ConventionFactory(structure=structure, quota=5, starts_on=START, ends_on=last_day)
    rgc = RgcFactory(structure=structure)
    AdviserFactory(structure=structure)
    begun = dt.datetime.combine(START, dt.time(9), PARIS)
    User.objects.filter(structure=structure).update(created_at=begun)
    admin = FtAdminFactory(agency=structure.agency)
    with on(DUE):
        assert run() == [(rgc.email, ASKED)]
    with on(DUE, 7):
        quarterly_reviews.check_reviews()
    with on(DUE, 30):
        assert run() == []
        assert tile_of(sign_in(client, admin).get("/admin/")).value == "0"


def test_the_desk_of_france_travail_holds_the_silent_structures(client, team):
    """U15: the tile leads to its rows; an answer takes it away."""
    admin = FtAdminFactory(agency=team.structure.agency)
    far = FtAdminFactory(agency=StructureFactory().agency)
    with on(DUE, 21):
        quarterly_reviews.check_reviews()
        desk = sign_in(client, admin).get("/admin/")
        tile = tile_of(desk)
        rows = client.get(tile.url)
        sheet = client.get(
            reverse(
                "admin:accounts_teamreview_change", args=[TeamReview.objects.get().pk]
            )
        )
        assert tile.value == "1"
        assert str(team.structure) in rows.text
        assert sheet.status_code == 200
        assert str(advisers(team)[0]) in sheet.text
        assert tile_of(sign_in(client, far).get("/admin/")).value == "0"

        people = [person.pk for person in advisers(team)]
        answer(team, people)
        assert tile_of(sign_in(client, admin).get("/admin/")).value == "0"


def tile_of(response):
    return next(
        tile
        for tile in response.context["queues"]
        if tile.label == "Comptes non confirmés"
    )


def test_an_answer_stops_the_reminders(team):
    with on(DUE):
        run()
        people = [person.pk for person in advisers(team)]
        answer(team, people)
    for days in (7, 14, 21):
        with on(DUE, days):
            assert run() == []


def test_with_nobody_to_ask_about_the_quarter_passes(client, team):
    """The first account comes in May: the question of the end of May is about it."""
    User.objects.administered_by(team).update(
        created_at=dt.datetime(2028, 5, 2, 9, tzinfo=PARIS)
    )
    with on(DUE, 30):
        assert run() == []
    with on(dt.date(2028, 5, 29)):
        assert run() == []
    with on(dt.date(2028, 5, 30)):
        assert run() == [(team.email, ASKED)]


def test_once_all_those_asked_about_are_gone_the_question_is_moot(client, team):
    with on(DUE):
        run()
        for person in advisers(team):
            actions.suspend_account(person, by=team, reason="place")
    with on(DUE, 21):
        assert run() == []
        assert QUESTION not in sign_in(client, team).get(reverse("accounts")).text
    review = TeamReview.objects.get()
    assert (review.answered_by, review.escalated_at) == (None, None)
    assert review.answered_at is not None


def test_nothing_to_confirm_says_when_it_comes(client, team):
    with on(START, 10):
        page = sign_in(client, team).get(reverse("team_review")).text

    assert "La prochaine question viendra le 29 février 2028" in page


def test_a_structure_with_no_account_is_asked_nothing(client, rgc):
    assert quarterly_reviews.question(rgc.structure.conventions.get()) is None
    assert sign_in(client, rgc).get(reverse("team_review")).status_code == 200


def test_what_was_answered_is_evidence(team):
    """Nobody changes or deletes it, whoever writes."""
    people = [person.pk for person in advisers(team)]
    with on(DUE):
        answer(team, people)

    for touch in [
        lambda: TeamReview.objects.update(answered_by=None),
        lambda: TeamReviewAnswer.objects.update(is_here=False),
        lambda: TeamReviewAnswer.objects.all().delete(),
    ]:
        with (
            pytest.raises(IntegrityError, match="ne change plus"),
            transaction.atomic(),
        ):
            touch()
