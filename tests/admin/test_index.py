"""The desk's queues, and the rows that each counts."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.nominations.enums import NominationState
from opus.lib.jobs import JobRun
from opus.lib.models import Finding
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import (
    AgencyFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    LetterFactory,
    NominationFactory,
    TeamReviewFactory,
)
from tests.admin.registers import make_reject, text_of
from tests.conftest import sign_in
from tests.referrals.factories import (
    AppointmentFactory,
    CaseloadTransferFactory,
    DocumentFactory,
)
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db


def test_each_queue_leads_to_the_rows_that_it_counts(as_ft_admin: Client) -> None:
    """U15."""
    soon = timezone.localdate() + dt.timedelta(days=30)
    ending = ConventionFactory(ends_on=soon)
    NominationFactory(state=NominationState.PROPOSED)
    TeamReviewFactory()
    AmendmentFactory(quota=30)
    AmendmentFactory(quota=5, confirmed=True)
    EndingFactory()
    BreachFactory(observed=True)
    BreachFactory(notified=True, notified_on=timezone.localdate())
    LetterFactory()
    CaseloadTransferFactory()
    make_reject()
    failed = DocumentFactory(state="echec").act
    ScreenedReferralFactory(to_review=True)
    ScreenedReferralFactory.create_batch(2, shortlisted=True)
    AppointmentFactory()
    AppointmentFactory(at=timezone.now() - dt.timedelta(days=8))
    AppointmentFactory(attended=True)
    OutboxEntry.objects.create(effect="trial", key="a", given_up_at=timezone.now())
    hour = dt.timedelta(hours=1)
    for name, since in [("late", 3 * hour), ("in-time", hour)]:
        JobRun.objects.create(name=name, every=hour, ended_at=timezone.now() - since)
    for name, count in [("broken", 2), ("sound", 0)]:
        Finding.objects.create(name=name, count=count, checked_at=timezone.now())

    response = as_ft_admin.get(reverse("admin:index"))
    queues = {queue.label: queue for queue in response.context["queues"]}

    counted = {label: queue.value for label, queue in queues.items()}
    for label in ("Dernier import", "Flux des offres", "Relève de l’API"):
        del counted[label]
    for label, value in counted.items():
        listed = as_ft_admin.get(queues[label].url).context["cl"].result_count
        assert str(listed) == value, label
    assert counted["Tâches de fond en retard"] == "1"
    assert counted["Contrôles de cohérence en défaut"] == "1"
    assert counted["Conventions qui finissent"] == "1"
    assert counted["Conventions à renouveler"] == "1"
    assert counted["Avenants à confirmer"] == "1"
    assert counted["Fins anticipées à confirmer"] == "1"
    assert counted["Manquements : échéances proches"] == "1"
    assert counted["Lettres à poster"] == "1"
    assert counted["Candidatures à examiner"] == "1"
    assert counted["Candidatures à présenter"] == "2"
    assert ending.number in text_of(
        as_ft_admin.get(queues["Conventions qui finissent"].url)
    )
    assert failed.number in text_of(as_ft_admin.get(queues["Documents en échec"].url))
    assert queues["Dernier import"].value == "à l’instant"


def test_what_has_no_territory_is_on_the_national_desk_alone(
    as_ft_admin: Client,
) -> None:
    of_an_agency = sign_in(Client(), FtAdminFactory(agency=AgencyFactory()))
    national, local = (
        {queue.label for queue in client.get(reverse("admin:index")).context["queues"]}
        for client in (as_ft_admin, of_an_agency)
    )

    assert local < national
    assert national - local == {
        "Incidents sans nouvelles",
        "Envois non partis",
        "Textes à reprendre",
        "Contrôles de cohérence en défaut",
    }
