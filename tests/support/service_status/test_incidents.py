"""Incidents and works: the banner of every page, the word of each day (art. 6, R17)."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.jobs import JobRun
from opus.lib.outbound import outbox
from opus.support.service_status.banners import banners as banners_now
from opus.support.service_status.models import Incident, PlannedWork
from opus.support.tasks import check_incidents
from tests.accounts.factories import AdviserFactory, AgencyFactory, FtAdminFactory
from tests.admin.registers import action_url
from tests.conftest import sign_in
from tests.opus.page import Page
from tests.support.factories import (
    DAY,
    IncidentFactory,
    PlannedWorkFactory,
    to_the_minute,
)

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


def banners(client: Client, path: str = "/") -> list[str]:
    """The words of each banner of that page."""
    page = Page.of(client.get(path))
    return [
        tag.words()
        for tag in page.all("section")
        if "opus-noprint" in tag.attrs.get("class", "")
    ]


@pytest.mark.parametrize("path", ["/", "/actualites/", "/etat-du-service/"])
def test_every_page_tells_the_incident(as_adviser: Client, path: str):
    """R17: what is touched, since when, what to do, the last word."""
    incident = IncidentFactory()
    incident.add_update("Le fournisseur est prévenu.", by=FtAdminFactory())
    incident.add_update("Retour prévu à 16 h.", by=FtAdminFactory())

    (words,) = banners(as_adviser, path)

    assert "Incident en cours" in words
    for told in (incident.title, incident.advice, "depuis le", "Retour prévu à 16 h."):
        assert told in words
    assert "fournisseur" not in words


def test_france_travails_pages_and_the_sign_in_tell_it_too(as_ft_admin: Client):
    incident = IncidentFactory()

    (words,) = banners(as_ft_admin, "/admin/")
    as_ft_admin.logout()

    assert incident.title in words
    assert banners(as_ft_admin, "/connexion/") == [words]


def test_the_banner_stands_in_a_polite_region(as_adviser: Client):
    """A9."""
    IncidentFactory()

    page = Page.of(as_adviser.get("/"))

    regions = [tag for tag in page.all("div") if tag.attrs.get("role") == "status"]
    assert any("Incident en cours" in tag.words() for tag in regions)


def test_once_it_is_over_the_banner_is_gone_and_the_page_keeps_it(as_adviser: Client):
    incident = IncidentFactory()
    incident.end(at=timezone.now(), summary="Un disque plein.")

    assert banners(as_adviser) == []
    words = Page.of(as_adviser.get("/etat-du-service/")).one("main").words()
    assert incident.title in words
    assert "Un disque plein." in words


def test_the_page_does_not_say_that_all_is_well_meanwhile(client: Client):
    assert "fonctionne normalement" in client.get("/etat-du-service/").content.decode()
    IncidentFactory()

    words = client.get("/etat-du-service/").content.decode()

    assert "fonctionne normalement" not in words
    assert "un incident est en cours" in words


def test_the_banner_costs_one_query(as_adviser: Client, django_assert_num_queries):
    IncidentFactory.create_batch(2)
    PlannedWorkFactory(under_way=True)

    with django_assert_num_queries(1):
        assert len(banners_now()) == 3


def test_a_database_away_shows_no_banner(monkeypatch: pytest.MonkeyPatch):
    """R13: the page that says so still comes."""

    with transaction.atomic():
        with connection.cursor() as cursor, pytest.raises(Exception, match="nulle"):
            cursor.execute("SELECT * FROM nulle_part")
        assert banners_now() == []
        transaction.set_rollback(True)


def test_a_day_without_a_word_tells_staff_once_a_day(mailoutbox: list[Any]):
    """R17."""
    national = FtAdminFactory()
    FtAdminFactory(agency=AgencyFactory())
    now = timezone.now()
    incident = IncidentFactory(silent=True)
    IncidentFactory(declared_at=now - DAY + MINUTE)

    check_incidents()
    check_incidents()
    outbox.relay()

    assert [letter.to for letter in mailoutbox] == [[national.email]]
    assert incident.title in mailoutbox[0].body
    assert incident.title not in mailoutbox[0].subject
    assert JobRun.objects.filter(pk="check-incidents").exists()
    with time_machine.travel(now + DAY + MINUTE):
        check_incidents()
        outbox.relay()
    assert len(mailoutbox) == 3  # The first again, and the second for the first time.


def test_the_word_of_the_day_stills_the_alert(mailoutbox: list[Any]):
    admin = FtAdminFactory()
    incident = IncidentFactory(silent=True)
    check_incidents()

    incident.add_update("Toujours en panne.", by=admin)
    outbox.relay()

    assert mailoutbox == []
    assert not Incident.objects.unspoken().exists()


def test_the_desk_counts_the_silent_ones(as_ft_admin: Client):
    """U15."""
    IncidentFactory(silent=True)
    IncidentFactory()

    queues = as_ft_admin.get(reverse("admin:index")).context["queues"]

    (queue,) = [one for one in queues if one.label == "Incidents sans nouvelles"]
    assert (queue.value, queue.is_waiting) == ("1", True)
    assert as_ft_admin.get(queue.url).context["cl"].result_count == 1


def test_staff_declares_speaks_and_ends(as_ft_admin: Client):
    started = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    add = reverse("admin:support_incident_add")
    form = as_ft_admin.get(add).context["adminform"].form
    assert form.get_initial_for_field(form.fields["started_at"], "started_at")
    as_ft_admin.post(
        add, {"title": "La recherche", "advice": "Patientez.", "started_at": started}
    )
    incident = Incident.objects.get()

    as_ft_admin.post(action_url(incident, "nouvelles"), {"text": "On répare."})
    early = as_ft_admin.post(
        action_url(incident, "clore"), {"at": "2020-01-01T10:00", "summary": "Fini."}
    )
    as_ft_admin.post(action_url(incident, "clore"), {"at": started, "summary": "Fini."})

    assert "La fin vient après le début" in early.content.decode()
    incident.refresh_from_db()
    assert (incident.summary, incident.updates.get().text) == ("Fini.", "On répare.")
    told = AuditEntry.objects.filter(target_type="support.incident").order_by("pk")
    assert [entry.action for entry in told] == [
        "admin_added",
        "incident_changed",
        "incident_changed",
    ]


def test_an_incident_to_come_is_refused(as_ft_admin: Client):
    ahead = (timezone.localtime() + DAY).strftime("%Y-%m-%dT%H:%M")

    response = as_ft_admin.post(
        reverse("admin:support_incident_add"),
        {"title": "La recherche", "advice": "Patientez.", "started_at": ahead},
    )

    assert "Un incident a déjà commencé" in response.content.decode()
    assert 'value="La recherche"' in response.content.decode()


def test_nothing_is_added_to_what_is_over():
    incident = IncidentFactory(over=True)

    with pytest.raises(MoveRefused, match="est clos"):
        incident.add_update("Encore un mot.", by=FtAdminFactory())
    with pytest.raises(MoveRefused, match="est clos"):
        incident.end(at=timezone.now(), summary="Une autre fin.")


def test_an_end_without_a_summary_is_refused_by_postgresql():
    incident = IncidentFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(ended_at=timezone.now())


# --- Planned works --------------------------------------------------------------------


def test_works_are_told_five_days_ahead(as_ft_admin: Client, settings):
    url = reverse("admin:support_plannedwork_add")
    at = timezone.localtime() + settings.WORKS_LEAD

    def typed(start: dt.datetime) -> dict[str, str]:
        return {
            "title": "Tout Opus",
            "advice": "",
            "starts_at": f"{start:%Y-%m-%dT%H:%M}",
            "ends_at": f"{start + dt.timedelta(hours=2):%Y-%m-%dT%H:%M}",
        }

    near = as_ft_admin.post(url, typed(at - MINUTE))
    far = as_ft_admin.post(url, typed(at + 2 * MINUTE))

    assert "annoncée au moins 5 jours avant" in near.content.decode()
    assert far.status_code == 302
    assert PlannedWork.objects.count() == 1


def test_postgresql_wants_a_day_at_least():
    now = timezone.now()

    with pytest.raises(IntegrityError), transaction.atomic():
        PlannedWorkFactory(
            announced_at=now, starts_at=to_the_minute(now + DAY - 2 * MINUTE)
        )


def test_works_told_neither_move_nor_grow_nor_vanish():
    """R16: a breakdown cannot be turned into works afterwards."""
    works = PlannedWorkFactory()
    rows = PlannedWork.objects.filter(pk=works.pk)

    for change in (
        {"starts_at": works.starts_at - MINUTE},
        {"ends_at": works.ends_at + MINUTE},
        {"announced_at": works.announced_at - DAY},
        {"cancelled_at": works.starts_at + MINUTE},
    ):
        with pytest.raises(IntegrityError, match="ne se déplace"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError, match="ne se déplace"), transaction.atomic():
        rows.delete()
    rows.update(ends_at=works.ends_at - MINUTE)


def test_works_stand_in_a_banner_and_on_the_page_before_and_during(
    client: Client, settings
):
    far = timezone.now() + settings.WORKS_LEAD + dt.timedelta(hours=1)
    works = PlannedWorkFactory(starts_at=to_the_minute(far))
    assert banners(sign_in(client, AdviserFactory())) == []

    for at, word in (
        (works.starts_at - DAY, "Opération planifiée"),
        (works.starts_at, "Opération en cours"),
    ):
        with time_machine.travel(at):
            (words,) = banners(sign_in(client, AdviserFactory()))
            assert words.startswith(word)
            page = Page.of(client.get("/etat-du-service/"))
            assert "Opérations planifiées" in [tag.words() for tag in page.all("h2")]
    with time_machine.travel(works.ends_at):
        assert banners_now() == []


def test_works_are_given_up_before_and_ended_during(as_ft_admin: Client):
    ahead, now = PlannedWorkFactory(), PlannedWorkFactory(under_way=True)

    as_ft_admin.post(action_url(ahead, "annuler"))
    as_ft_admin.post(action_url(now, "terminer"))

    ahead.refresh_from_db()
    now.refresh_from_db()
    assert ahead.cancelled_at
    assert now.ends_at <= timezone.now()
    for works, verb in ((ahead, "annuler"), (now, "terminer")):
        again = as_ft_admin.get(action_url(works, verb)).content.decode()
        assert "cela ne se peut pas" in again
