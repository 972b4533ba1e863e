"""The review meetings of article 11: planned, written down, answered by the RGC."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.meetings import actions
from accounts.meetings.models import ReviewMeeting
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.dates import add_months
from opus.lib.outbound import outbox
from opus.lib.uploads.findings import Finding
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    ReviewMeetingFactory,
    RgcFactory,
    StructureFactory,
    day_from_today,
    end_at_once,
)
from tests.admin.registers import action_url, list_url, record_url, text_of
from tests.conftest import sign_in
from tests.harness import in_parallel
from tests.lib.uploads.files import PDF
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db


def meeting_of(person: Any, **traits: Any) -> ReviewMeeting:
    convention = person.structure.conventions.get()
    meeting: ReviewMeeting = ReviewMeetingFactory(convention=convention, **traits)
    return meeting


def answered(remark: str = "") -> ReviewMeeting:
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    actions.reply(meeting, by=rgc, version=meeting.version, remark=remark)
    meeting.refresh_from_db()
    return meeting


def sheet_of(meeting: ReviewMeeting, **typed: Any) -> dict[str, Any]:
    """What its sheet sends."""
    return {
        "convention": meeting.convention_id,
        "held_on": meeting.held_on.isoformat(),
        "attended": meeting.attended,
        "minutes": meeting.minutes,
        "decisions": meeting.decisions,
        "follow_up": meeting.follow_up,
        **typed,
    }


# --- What France Travail writes ---------------------------------------------------


def test_staff_plan_a_meeting_then_write_it_down_and_the_rgc_is_written_to(
    as_ft_admin: Client, django_capture_on_commit_callbacks
):
    """Art. 11, V17: the e-mail says where to read, and no word of the minutes."""
    rgc = RgcFactory()
    AdviserFactory(structure=rgc.structure)
    convention = rgc.structure.conventions.get()
    planned = {"convention": convention.pk, "held_on": day_from_today(0).isoformat()}
    as_ft_admin.post(reverse("admin:accounts_reviewmeeting_add"), planned)
    meeting = ReviewMeeting.objects.get()
    assert (meeting.convention, meeting.status) == (convention, "prévue")

    with django_capture_on_commit_callbacks(execute=True):
        as_ft_admin.post(
            record_url(meeting),
            sheet_of(
                meeting,
                attended=["rgc", "agence"],
                minutes="Secret de la réunion.",
                decisions="Former deux conseillers.",
            ),
        )
    outbox.relay()

    meeting.refresh_from_db()
    assert meeting.attended == ["rgc", "agence"]
    assert meeting.status == "compte rendu à accepter"
    [letter] = mail.outbox
    assert letter.to == [rgc.email]
    assert meeting.get_absolute_url() in letter.body
    assert "Secret" not in letter.body + letter.subject
    lines = AuditEntry.objects.filter(target_type="accounts.reviewmeeting")
    assert "Secret" not in str([line.details for line in lines])


@pytest.mark.parametrize(
    "typed",
    [
        {"attended": ["rgc"]},
        {"attended": ["agence", "correspondant"]},
        {"minutes": "Sans personne."},
        {"decisions": "Sans personne."},
    ],
)
def test_a_meeting_of_one_party_is_no_review(as_ft_admin: Client, typed):
    """Art. 11: the parties meet; the database refuses it too."""
    meeting = ReviewMeetingFactory(held_on=day_from_today(-1))

    page = as_ft_admin.post(record_url(meeting), sheet_of(meeting, **typed)).text

    assert "réunit les deux parties" in page
    with database_refuses("both_parties_were_there"):
        ReviewMeeting.objects.filter(pk=meeting.pk).update(**typed)


def test_nothing_is_written_down_before_the_day(as_ft_admin: Client):
    meeting = ReviewMeetingFactory(held_on=day_from_today(1))

    typed = sheet_of(meeting, attended=["rgc", "agence"], minutes="Déjà\u00a0?")
    page = as_ft_admin.post(record_url(meeting), typed).text

    assert "Ce jour est à venir" in page
    assert "Déjà\u00a0?" in page
    meeting.refresh_from_db()
    assert (meeting.attended, meeting.minutes) == ([], "")


def test_the_minutes_may_be_a_pdf(as_ft_admin: Client):
    rgc = RgcFactory()
    meeting = meeting_of(rgc, held=True)

    as_ft_admin.post(
        action_url(meeting, "joindre"), {"file": SimpleUploadedFile("cr.pdf", PDF)}
    )

    client = sign_in(Client(SERVER_NAME="localhost"), rgc)
    page = client.get(meeting.get_absolute_url()).text
    file = client.get(reverse("meeting_file", args=[meeting.pk]))
    assert "Télécharger le compte rendu (PDF)" in page
    assert "Enregistrer la réponse" in page
    assert (file.content, file["Content-Type"]) == (PDF, "application/pdf")
    assert file["Content-Disposition"].startswith("attachment")
    own = as_ft_admin.get(
        reverse("admin:accounts_reviewmeeting_file", args=[meeting.pk])
    )
    assert own.content == PDF


def test_a_file_that_nobody_could_read_is_refused(as_ft_admin: Client):
    file = SimpleUploadedFile("cr.pdf", b"%PDF-1.7 cut")

    page = as_ft_admin.post(
        action_url(ReviewMeetingFactory(held=True), "joindre"), {"file": file}
    )

    assert Finding.BROKEN in text_of(page)
    assert ReviewMeeting.objects.get().minutes_file is None


def test_an_agent_writes_the_meetings_of_his_territory_alone(client: Client):
    agent = AgentFactory()
    ours = ConventionFactory(agency=agent.agency)
    theirs = ReviewMeetingFactory(convention=ConventionFactory(agency=AgencyFactory()))
    sign_in(client, agent)
    add = reverse("admin:accounts_reviewmeeting_add")
    day = day_from_today(9).isoformat()

    client.post(add, {"convention": theirs.convention_id, "held_on": day})
    client.post(add, {"convention": ours.pk, "held_on": day})

    assert ReviewMeeting.objects.exclude(pk=theirs.pk).get().convention == ours
    assert client.get(record_url(theirs)).status_code == 302
    file = reverse("admin:accounts_reviewmeeting_file", args=[theirs.pk])
    assert client.get(file).status_code == 404


def test_a_meeting_is_about_a_convention_that_is_not_over(as_ft_admin: Client):
    convention = StructureFactory().conventions.get()
    end_at_once(convention)

    as_ft_admin.post(
        reverse("admin:accounts_reviewmeeting_add"),
        {"convention": convention.pk, "held_on": day_from_today(9).isoformat()},
    )

    assert not ReviewMeeting.objects.exists()


def test_the_follow_up_is_written_after_the_reply_and_nothing_else(as_ft_admin: Client):
    meeting = answered()

    as_ft_admin.post(
        record_url(meeting),
        sheet_of(meeting, minutes="Réécrit.", follow_up="Formation faite en mars."),
    )

    was = meeting.minutes
    meeting.refresh_from_db()
    assert meeting.follow_up == "Formation faite en mars."
    assert meeting.minutes == was
    page = text_of(as_ft_admin.get(record_url(meeting)))
    assert "RGC de la structure, direction de l’agence" in page
    assert "Joindre le compte rendu" not in page


# --- What the RGC answers ---------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "reply", "words"),
    [
        ({"reply": "accord"}, "accord", "Compte rendu validé"),
        (
            {"reply": "remarque", "remark": "Le chiffre de mars est faux."},
            "remarque",
            "Le chiffre de mars est faux.",
        ),
    ],
)
def test_the_rgc_reads_the_minutes_and_answers_once(
    as_ft_admin: Client, typed, reply, words
):
    """Art. 11: with the day and the person, read by both parties."""
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    client = sign_in(Client(SERVER_NAME="localhost"), rgc)
    page = client.get(meeting.get_absolute_url()).text
    assert "Les parties ont revu les chiffres" in page
    path = reverse("meeting_reply", args=[meeting.pk])

    client.post(path, {"version": meeting.version, **typed})
    again = client.post(
        path, {"version": meeting.version, "reply": "accord"}, follow=True
    ).text

    meeting.refresh_from_db()
    assert (meeting.reply, meeting.replied_by) == (reply, rgc)
    assert meeting.replied_at.date() == dt.datetime.now(dt.UTC).date()
    assert "déjà répondu" in again
    assert words in client.get(meeting.get_absolute_url()).text
    told = text_of(as_ft_admin.get(record_url(meeting)))
    assert words.lower() in told.lower()
    assert str(rgc) in told
    line = AuditEntry.objects.get(action="meeting_changed", refused="")
    assert line.details == {"verb": reply, "convention": meeting.convention_id}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Choisissez une réponse à"),
        ({"reply": "remarque"}, "Écrivez votre remarque."),
        ({"reply": "accord", "remark": "Un mot."}, "Un mot."),
        ({"reply": "remarque", "remark": "Voir x@y.example"}, "Voir x@y.example"),
        ({"reply": "remarque", "remark": "Le 06 12 34 56 78"}, "Le 06 12 34 56 78"),
    ],
)
def test_a_reply_that_says_two_things_is_refused_and_not_lost(
    client: Client, typed, words
):
    """V1, A5: what was typed stays in the box."""
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    sign_in(client, rgc)

    page = client.post(
        reverse("meeting_reply", args=[meeting.pk]), {"version": 1, **typed}
    ).text

    assert words in page
    meeting.refresh_from_db()
    assert meeting.reply == ""


def test_an_old_page_answers_nothing_and_who_reads_again_answers_there(client: Client):
    """A5: the refused page shows the minutes of now, and keeps the remark."""
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)
    path = reverse("meeting_reply", args=[meeting.pk])
    typed = {"reply": "remarque", "remark": "La décision 2 manque."}
    old = {"version": meeting.version, **typed}
    ReviewMeeting.objects.filter(pk=meeting.pk).update(decisions="Autre décision.")
    sign_in(client, rgc)

    page = client.post(path, old)
    meeting.refresh_from_db()
    assert meeting.reply == ""
    refused = page.context["form"]
    client.post(path, {name: refused[name].value() for name in refused.fields})

    assert "a changé depuis que vous l’avez ouvert" in page.text
    assert "Autre décision." in page.text
    meeting.refresh_from_db()
    assert (meeting.reply, meeting.remark) == ("remarque", typed["remark"])


def test_there_is_nothing_to_answer_before_the_minutes():
    rgc = RgcFactory()
    with pytest.raises(MoveRefused, match="pas encore de compte rendu"):
        actions.reply(meeting_of(rgc, held=True), by=rgc, version=1)


@pytest.mark.parametrize(
    "maker", [AdviserFactory, AgentFactory, FtAdminFactory, RgcFactory]
)
def test_only_the_rgc_of_the_structure_answers(maker):
    with pytest.raises(MoveRefused, match="RGC"):
        actions.reply(ReviewMeetingFactory(written=True), by=maker(), version=1)


@pytest.mark.django_db(transaction=True)
def test_two_replies_at_once_make_one():
    """R10: the row is locked."""
    rgc = RgcFactory()
    meeting = meeting_of(rgc, written=True)

    def reply(remark: str) -> Callable[[], object]:
        return lambda: actions.reply(meeting, by=rgc, version=1, remark=remark)

    answers = in_parallel(reply(""), reply("Non."))

    assert sum(isinstance(one, MoveRefused) for one in answers) == 1


# --- What the database keeps ------------------------------------------------------


@pytest.mark.at_each_run(3)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM accounts_reviewmeeting",
        "UPDATE accounts_reviewmeeting SET held_on = held_on - 1",
        "UPDATE accounts_reviewmeeting SET attended = '{rgc,territoire}'",
        "UPDATE accounts_reviewmeeting SET minutes = 'Autre chose.'",
        "UPDATE accounts_reviewmeeting SET minutes_file = 'x'",
        "UPDATE accounts_reviewmeeting SET decisions = 'Autre chose.'",
        "UPDATE accounts_reviewmeeting SET remark = 'Autre chose.'",
        "UPDATE accounts_reviewmeeting SET reply = 'accord', remark = ''",
        "UPDATE accounts_reviewmeeting SET replied_at = now()",
    ],
)
def test_what_was_answered_is_neither_erased_nor_written_over(statement):
    """Art. 11: whoever writes, by hand too."""
    answered("À revoir.")

    with database_refuses(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_held_meeting_is_not_erased_and_keeps_its_convention():
    meeting = ReviewMeetingFactory(held=True)

    with database_refuses():
        meeting.delete()
    with database_refuses():
        ReviewMeeting.objects.update(convention=ConventionFactory())


@pytest.mark.parametrize(
    "changes",
    [
        {"reply": "accord"},
        {"reply": "remarque", "replied_at": timezone.now()},
        {"remark": "Sans réponse."},
    ],
)
def test_half_a_reply_is_refused(changes):
    meeting = ReviewMeetingFactory(written=True)
    with database_refuses():
        ReviewMeeting.objects.filter(pk=meeting.pk).update(**changes)


# --- Reviews that are due ---------------------------------------------------------


def test_a_convention_without_review_for_a_year_is_due():
    """Art. 11: the last day of the year counts; a planned meeting does not."""
    edge = add_months(timezone.localdate(), -settings.MEETING_EVERY_MONTHS)
    never, lately, long_ago, over = (
        StructureFactory().conventions.get() for _ in range(4)
    )
    ConventionFactory(starts_on=edge + dt.timedelta(days=1))
    ReviewMeetingFactory(convention=never)
    ReviewMeetingFactory(convention=lately, held=True, held_on=edge)
    ReviewMeetingFactory(
        convention=long_ago, held=True, held_on=edge - dt.timedelta(days=1)
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


def test_minutes_without_reply_have_their_tile_and_their_list(as_ft_admin: Client):
    waiting = ReviewMeetingFactory(written=True)
    planned, done = ReviewMeetingFactory(), answered()

    desk = text_of(as_ft_admin.get("/admin/"))
    page = text_of(
        as_ft_admin.get(list_url("accounts.reviewmeeting"), {"reponse": "attendue"})
    )

    assert "Comptes rendus sans réponse" in desk
    shown = [
        one for one in (waiting, planned, done) if one.convention.structure.name in page
    ]
    assert shown == [waiting]


@pytest.mark.parametrize("page", ["meetings", "accounts"])
def test_the_rgc_reads_that_a_review_is_due_until_it_is_held(client: Client, page):
    rgc = RgcFactory()
    sign_in(client, rgc)
    words = "Une réunion de suivi est à prévoir"
    assert words in client.get(reverse(page)).text

    meeting_of(rgc, held=True)

    assert words not in client.get(reverse(page)).text


# --- The structure's pages --------------------------------------------------------


def test_an_adviser_reads_the_decisions_and_not_the_minutes(client: Client):
    adviser = AdviserFactory()
    meeting = meeting_of(adviser, written=True, follow_up="Faite en mars.")
    sign_in(client, adviser)

    page = client.get(meeting.get_absolute_url()).text

    assert meeting.decisions in page
    assert "Faite en mars." in page
    assert "Les parties ont revu les chiffres" not in page
    assert "Enregistrer la réponse" not in page
    assert client.get(reverse("meeting_file", args=[meeting.pk])).status_code == 403


def test_the_rgc_prepares_the_figures_of_the_twelve_months_before(client: Client):
    rgc = RgcFactory()
    meeting = meeting_of(rgc, held=True, held_on=dt.date(2026, 11, 20))
    sign_in(client, rgc)

    page = client.get(meeting.get_absolute_url()).text

    assert "vue=structure&amp;du=2025-11&amp;au=2026-10" in page


def test_another_structures_meeting_does_not_exist(client: Client):
    """S20."""
    sign_in(client, RgcFactory())
    meeting = ReviewMeetingFactory(written=True, minutes_file=PDF)

    assert client.get(meeting.get_absolute_url()).status_code == 404
    assert client.get(reverse("meeting_file", args=[meeting.pk])).status_code == 404
    path = reverse("meeting_reply", args=[meeting.pk])
    assert client.post(path, {"version": 1, "reply": "accord"}).status_code == 404
    assert "Réunion du" not in client.get(reverse("meetings")).text


def test_the_list_costs_the_same_whatever_its_length(client: Client):
    rgc = RgcFactory()
    sign_in(client, rgc)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("meetings")).status_code == 200
        return len(queries)

    meeting_of(rgc, written=True)
    count()
    with_one = count()
    meeting_of(rgc, held=True, held_on=day_from_today(-9), minutes_file=PDF)
    meeting_of(rgc)

    assert count() == with_one
