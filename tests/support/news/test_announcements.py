"""Announcements: five days ahead, with a note, to whom they concern (art. 6, R17)."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.support.news import actions
from opus.support.news.emails import change_announced
from opus.support.news.models import (
    Announcement,
    AnnouncementReading,
    AnnouncementState,
)
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.admin.registers import action_url, record_url
from tests.conftest import sign_in
from tests.opus.page import Page
from tests.support.factories import AnnouncementFactory, in_days

pytestmark = pytest.mark.django_db

CHANGES = {
    "four days ahead": {"goes_live_on": lambda: in_days(4)},
    "without a day": {"goes_live_on": lambda: None},
    "without a note": {"note": lambda: ""},
}


def change(**given: Any) -> Announcement:
    values = {name: value() for name, value in given.items()}
    announcement: Announcement = AnnouncementFactory(draft=True, change=True, **values)
    return announcement


@pytest.mark.parametrize("given", CHANGES.values(), ids=CHANGES)
def test_a_change_is_refused_without_its_note_or_its_five_days(given):
    """R17: the verb says why, and PostgreSQL holds it whoever writes."""
    announcement = change(**given)

    with pytest.raises(MoveRefused, match=r"\(art\. 6\)"):
        announcement.publish(by=FtAdminFactory())

    announcement.refresh_from_db()
    assert announcement.state == AnnouncementState.DRAFT
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.filter(pk=announcement.pk).update(
            state="publiee", published_on=timezone.localdate()
        )


@pytest.mark.parametrize("note", [{"note": "Pas à pas."}, {"guide": "https://a.fr/g"}])
def test_five_days_ahead_with_a_note_or_a_guide_it_is_published(note):
    announcement = AnnouncementFactory(
        draft=True, change=True, **{"note": "", "guide": "", **note}
    )

    announcement.publish(by=FtAdminFactory())

    assert announcement.published_on == timezone.localdate()
    assert [step.target for step in announcement.steps.all()] == ["publiee"]


def test_days_are_those_of_paris():
    """At 23:30 of the 20th in UTC it is the 21st in Paris: the 25th is too near."""
    announcement = change(goes_live_on=lambda: dt.date(2026, 6, 25))
    with time_machine.travel(dt.datetime(2026, 6, 20, 23, 30, tzinfo=dt.UTC)):
        assert "26 juin 2026" in announcement.why_unpublishable()
    with time_machine.travel(dt.datetime(2026, 6, 20, 21, 30, tzinfo=dt.UTC)):
        assert announcement.why_unpublishable() == ""


def test_what_was_published_stays_as_people_read_it():
    announcement = AnnouncementFactory()

    with pytest.raises(IntegrityError, match="ne change plus"), transaction.atomic():
        Announcement.objects.filter(pk=announcement.pk).update(text="Autre chose.")


def test_the_button_says_why_not_or_publishes_and_the_journal_tells(
    as_ft_admin: Client,
):
    unready, announcement = change(note=lambda: ""), change()

    refused = as_ft_admin.post(action_url(unready, "publier"), follow=True)
    as_ft_admin.post(action_url(announcement, "publier"))

    assert "publiée avec sa notice" in refused.content.decode()
    unready.refresh_from_db()
    assert unready.state == AnnouncementState.DRAFT

    entry = AuditEntry.objects.get(action=Action.ANNOUNCEMENT_CHANGED, refused="")
    assert (entry.target_id, entry.details["verb"]) == (str(announcement.pk), "publier")


def test_a_territory_neither_publishes_nor_withdraws_for_the_country(client: Client):
    sign_in(client, FtAdminFactory(agency=AgencyFactory(kind="dt", department="38")))
    draft, shown = change(), AnnouncementFactory()

    for announcement, slug in [(draft, "publier"), (shown, "retirer")]:
        before = announcement.state
        answer = client.post(action_url(announcement, slug))
        announcement.refresh_from_db()
        assert answer.status_code == 409
        assert announcement.state == before


def test_what_was_published_is_read_only_on_its_sheet(as_ft_admin: Client):
    page = Page.of(as_ft_admin.get(record_url(AnnouncementFactory())))

    assert [tag for tag in page.all("input") if tag.attrs.get("name") == "title"] == []


def test_a_region_must_be_named_for_a_regional_announcement(as_ft_admin: Client):
    url = reverse("admin:support_announcement_add")
    typed = {"kind": "information", "title": "A", "text": "B", "audience": "region"}

    refused = as_ft_admin.post(url, typed)
    taken = as_ft_admin.post(url, typed | {"region": "84"})

    assert "Choisissez la région" in refused.content.decode()
    assert taken.status_code == 302
    assert Announcement.objects.get().region == "84"


def test_the_rgc_concerned_are_written_to_once(
    mailoutbox: list[Any], as_ft_admin: Client
):
    """Art. 6: a link, neither text nor note."""
    here = RgcFactory(structure=StructureFactory(postcode="38080"))
    RgcFactory(structure=StructureFactory(postcode="75011"))
    AdviserFactory(structure=here.structure)
    announcement = AnnouncementFactory(
        draft=True, change=True, audience="region", region="84"
    )

    as_ft_admin.post(action_url(announcement, "publier"))
    outbox.relay()

    letters = [row for row in mailoutbox if "évolution" in row.subject]
    assert [letter.to for letter in letters] == [[here.email]]
    assert announcement.get_absolute_url() in letters[0].body
    assert announcement.note not in letters[0].body


def test_an_information_is_written_to_nobody(as_ft_admin: Client):
    as_ft_admin.post(action_url(AnnouncementFactory(draft=True), "publier"))

    assert not OutboxEntry.objects.filter(effect="change-announced").exists()


def test_a_letter_of_a_withdrawn_change_does_not_leave(mailoutbox: list[Any]):
    rgc = RgcFactory()
    announcement = AnnouncementFactory(change=True)
    change_announced.post(key="x", announcement=str(announcement.pk), account=rgc.pk)
    announcement.withdraw(by=FtAdminFactory())

    outbox.relay()

    assert mailoutbox == []


def test_a_withdrawn_change_is_corrected_by_a_second_letter_and_its_link_says_so(
    mailoutbox: list[Any], as_ft_admin: Client, client: Client
):
    """Art. 6: to whom the first one left, and nobody else."""
    rgc = RgcFactory()
    late = RgcFactory()
    announcement = AnnouncementFactory(draft=True, change=True)
    as_ft_admin.post(action_url(announcement, "publier"))
    first = OutboxEntry.objects.filter(effect="change-announced")
    first.filter(arguments__account=late.pk).update(dropped_at=timezone.now())
    outbox.relay()
    mailoutbox.clear()

    as_ft_admin.post(action_url(announcement, "retirer"))
    outbox.relay()
    page = sign_in(client, rgc).get(announcement.get_absolute_url())

    (letter,) = mailoutbox
    assert letter.to == [rgc.email]
    assert letter.subject == "Opus : une évolution annoncée est retirée"
    assert announcement.title in letter.body
    assert page.status_code == 410
    assert "Cette actualité est retirée" in page.text
    assert announcement.text not in page.text


def test_a_change_in_service_is_withdrawn_without_a_letter(mailoutbox: list[Any]):
    rgc = RgcFactory()
    announcement = AnnouncementFactory(change=True)
    pk = str(announcement.pk)
    change_announced.post(key=f"{pk}:{rgc.pk}", announcement=pk, account=rgc.pk)
    outbox.relay()
    mailoutbox.clear()

    with time_machine.travel(timezone.now() + dt.timedelta(days=30), tick=False):
        actions.withdraw(announcement, by=FtAdminFactory())
        outbox.relay()

    assert mailoutbox == []


def titles(client: Client, path: str) -> list[str]:
    page = Page.of(client.get(path))
    found = [
        link.words()
        for link in page.all("a")
        if "/actualites/" in link.attrs.get("href", "")
    ]
    return [words for words in found if words != "Toutes les actualités"]


def test_each_sees_what_concerns_him(client: Client):
    structure = StructureFactory(postcode="38080")
    for title, given in {
        "tous": {},
        "rgc": {"audience": "rgc"},
        "ici": {"audience": "region", "region": "84"},
        "ailleurs": {"audience": "region", "region": "11"},
        "brouillon": {"draft": True},
        "retirée": {"withdrawn": True},
    }.items():
        AnnouncementFactory(title=title, **given)

    sign_in(client, AdviserFactory(structure=structure))
    assert set(titles(client, "/actualites/")) == {"tous", "ici"}
    sign_in(client, RgcFactory(structure=structure))
    assert set(titles(client, "/actualites/")) == {"tous", "rgc", "ici"}
    assert set(titles(client, "/")) == {"tous", "rgc", "ici"}


@pytest.mark.parametrize("traits", [{"draft": True}, {"audience": "rgc"}])
def test_what_is_not_for_me_does_not_exist(as_adviser: Client, traits):
    announcement = AnnouncementFactory(**traits)

    assert as_adviser.get(announcement.get_absolute_url()).status_code == 404


def test_the_badge_goes_once_it_is_read(as_adviser: Client, adviser):
    announcement = AnnouncementFactory()
    assert "Non lue" in as_adviser.get("/").content.decode()

    as_adviser.get(announcement.get_absolute_url())
    as_adviser.get(announcement.get_absolute_url())

    assert "Non lue" not in as_adviser.get("/").content.decode()
    assert "Non lue" not in as_adviser.get("/actualites/").content.decode()
    assert AnnouncementReading.objects.get().account == adviser


def test_the_page_tells_the_day_the_words_and_the_note(as_adviser: Client):
    announcement = AnnouncementFactory(change=True, guide="https://exemple.fr/guide")

    page = Page.of(as_adviser.get(announcement.get_absolute_url()))

    words = page.one("main").words()
    assert announcement.title == page.one("h1").words()
    for told in ("L’agence a déménagé.", "Mise en service le", "Ouvrez la page Suivi."):
        assert told in words
    assert "https://exemple.fr/guide" in page.links().values()


@pytest.mark.parametrize("path", ["/actualites/", "/"])
def test_a_list_costs_the_same_whatever_its_length(as_adviser: Client, path: str):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_adviser.get(path)
        return len(queries)

    AnnouncementFactory()
    count()
    with_one = count()
    AnnouncementFactory.create_batch(2)

    assert count() == with_one
