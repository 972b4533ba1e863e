"""The desk's first page: its tiles, and the rows that each counts."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.nominations.enums import NominationState
from opus.lib.database.models import Finding
from opus.lib.jobs.models import JobRun
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import (
    AgencyFactory,
    AgentFactory,
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


def test_each_tile_leads_to_the_rows_that_it_counts(as_ft_admin: Client) -> None:
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
    failed = DocumentFactory(state="echec").referral
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

    assert set(queues) == {
        "Alertes",
        "Demandes d’assistance en retard",
        "Demandes à répondre aujourd’hui",
        "Incidents sans nouvelles",
        "Conventions qui finissent",
        "Conventions à renouveler",
        "Renouvellements à signer",
        "Avenants à confirmer",
        "Fins anticipées à confirmer",
        "Manquements : échéances proches",
        "Droits des personnes : réponses dues",
        "RGC : décisions attendues",
        "RGC : changements à valider",
        "RGC : comptes à fournir",
        "RGC : mises en fonction",
        "RGC : conventions à remettre",
        "RGC : retraits à décider",
        "RGC : fins annoncées",
        "Suivis à confier",
        "Comptes non confirmés",
        "RGC en fonction, compte suspendu",
        "Postes de RGC vacants",
        "Conventions sans RGC",
        "Conventions à venir sans RGC",
        "Conventions sans réunion de suivi",
        "Comptes rendus sans réponse",
        "Lettres à poster",
        "Flux des offres",
        "Relève de l’API",
        "Évènements rejetés",
        "Lignes en quarantaine",
        "Dernier import",
        "Rendez-vous à confirmer",
        "Convocations à renseigner",
        "Entretiens à conclure",
        "Candidatures à examiner",
        "Candidatures à présenter",
        "CV à lire",
        "Lettres de CV en échec",
        "Documents en échec",
        "Convocations en échec",
        "Documents de présélection en échec",
        "Tâches de fond en retard",
        "Envois non partis",
        "Textes à reprendre",
        "Contrôles de cohérence en défaut",
    }
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


def test_what_waits_comes_before_what_is_empty(client: Client) -> None:
    """U15: an agent's work is not under a page of zeros."""
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    AppointmentFactory()
    ScreenedReferralFactory(to_review=True, offer__agency_safir="38086")

    queues = sign_in(client, agent).get(reverse("admin:index")).context["queues"]

    waiting = [queue.label for queue in queues if queue.is_waiting]
    assert waiting == ["Rendez-vous à confirmer", "Candidatures à examiner"]
    assert [queue.label for queue in queues][:2] == waiting


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


def test_an_agents_desk_shows_what_is_his(client: Client) -> None:
    sign_in(client, AgentFactory())

    response = client.get(reverse("admin:index"))

    assert [queue.label for queue in response.context["queues"]] == [
        "Demandes d’assistance en retard",
        "Demandes à répondre aujourd’hui",
        "Conventions qui finissent",
        "Conventions à renouveler",
        "Renouvellements à signer",
        "Avenants à confirmer",
        "Fins anticipées à confirmer",
        "Manquements : échéances proches",
        "Droits des personnes : réponses dues",
        "RGC : décisions attendues",
        "RGC : changements à valider",
        "RGC : comptes à fournir",
        "RGC : mises en fonction",
        "RGC : conventions à remettre",
        "RGC : retraits à décider",
        "RGC : fins annoncées",
        "RGC en fonction, compte suspendu",
        "Postes de RGC vacants",
        "Conventions sans RGC",
        "Conventions à venir sans RGC",
        "Conventions sans réunion de suivi",
        "Comptes rendus sans réponse",
        "Lettres à poster",
        "Rendez-vous à confirmer",
        "Convocations à renseigner",
        "Entretiens à conclure",
        "Candidatures à examiner",
        "Candidatures à présenter",
        "CV à lire",
        "Lettres de CV en échec",
        "Documents en échec",
        "Convocations en échec",
        "Documents de présélection en échec",
    ]
