"""My work by its day: whose it is, how it is sorted, how much of it is shown."""

import datetime as dt
import sys
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from accounts.agreements.models.conventions import Convention, Partnership
from accounts.agreements.models.letters import Letter
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.structures.models import Structure
from accounts.users.models import User
from opus.desk.queues import QUEUES
from opus.desk.views import REGISTERS
from opus.support.management.commands.load_help import load_help
from referrals.preselection.actions import ask_for_more, complete
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    AlertFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    LetterFactory,
    NominationFactory,
    ReviewMeetingFactory,
    RgcFactory,
    StructureFactory,
    TeamReviewFactory,
)
from tests.admin.registers import action_url, record_url
from tests.admin.test_registers import READERS, links_of
from tests.cases import each_case
from tests.conftest import sign_in
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CaseloadTransferFactory,
    DocumentFactory,
)
from tests.referrals.screened import ScreenedReferralFactory, in_state
from tests.support.factories import RightsRequestFactory, TicketFactory
from tests.tables import analyze

pytestmark = pytest.mark.django_db
TO_FINISH = "Nouveaux partenaires à finir"


def tasks_of(client: Client) -> dict[str, list[str]]:
    """What the desk shows as mine: the queues' names by their day."""
    agenda = client.get("/admin/").context["agenda"]
    return {
        part["due"].value: [
            task.queue.slug
            for task in part["tasks"]
            # The factories' conventions are old, and no meeting was held.
            if task.queue.slug != "sans-reunion"
        ]
        for part in agenda
    }


def mine(client: Client) -> set[str]:
    return {slug for slugs in tasks_of(client).values() for slug in slugs}


def test_work_is_sorted_by_its_day(as_ft_admin: Client) -> None:
    """U15: what is late first; each line has its day, its names and its verb."""
    now = timezone.now()
    TicketFactory(answer_due_at=now - dt.timedelta(hours=2))
    TicketFactory(answer_due_at=now + dt.timedelta(days=20))
    ending = EndingFactory(ends_on=timezone.localdate() + dt.timedelta(days=40))
    letter = LetterFactory()
    RgcFactory(structure=ending.convention.structure)
    RgcFactory(structure=letter.convention.structure)

    response = as_ft_admin.get("/admin/")
    shown = tasks_of(as_ft_admin)

    assert shown["late"] == ["assistance-retard"]
    assert shown["later"] == ["assistance-ensuite", "fins"]
    assert "lettres" in shown["no-day"]
    assert response.text.index("En retard") < response.text.index("Plus tard")
    assert ending.convention.structure.name in response.text
    assert f'href="{record_url(letter)}"' in response.text
    assert f'href="{record_url(ending.convention.structure)}"' in response.text


def test_each_reader_has_his_own_work(client: Client) -> None:
    """Agent, territory, region and nation: the rights decide."""
    populate()
    site = AgencyFactory(safir="38086")
    ScreenedReferralFactory(to_review=True, offer__agency_safir="38086")
    region = AgencyFactory(safir="38001", kind="dr", region="84")
    territory = AgencyFactory(safir="38900", kind="dt", department="38")
    site.parent = territory
    territory.parent = region
    territory.save()
    site.save()
    left = NominationFactory(state=NominationState.LEFT)
    successor = NominationFactory(
        convention=left.convention, state=NominationState.ACCEPTED, without_account=True
    )
    successor.convention.structure.agency = site
    successor.convention.structure.save()

    agent, dt_, dr, nation = (
        mine(sign_in(client, user))
        for user in (
            AgentFactory(agency=site),
            FtAdminFactory(agency=territory),
            FtAdminFactory(agency=region),
            FtAdminFactory(),
        )
    )

    assert {"rgc-avis", "a-examiner", "sans-rgc"} <= agent
    assert not {"rgc-decision", "lettres", "avenants", "assistance-retard"} & agent
    assert {"rgc-decision", "lettres", "avenants"} <= dt_
    assert "rgc-validation" not in dt_
    assert "rgc-avis" not in dt_
    assert {"rgc-decision", "rgc-validation"} <= dr
    assert {"rgc-decision", "rgc-validation", "lettres"} <= nation


def test_what_another_hand_must_confirm_is_not_mine(client: Client) -> None:
    """S28: it is counted, and stands among the work of the others."""
    amendment = AmendmentFactory(quota=30)
    other = FtAdminFactory()

    sign_in(client, amendment.proposed_by)
    own = mine(client)
    counted = {
        pile.label: pile.value for pile in client.get("/admin/").context["queues"]
    }
    theirs = mine(sign_in(client, other))

    assert "avenants" not in own
    assert counted["Avenants à confirmer"] == "1"
    assert "avenants" in theirs


def test_a_post_for_which_somebody_is_proposed_waits_once(as_ft_admin: Client) -> None:
    nomination = NominationFactory(state=NominationState.PROPOSED)

    shown = mine(as_ft_admin)

    assert "rgc-decision" in shown
    assert "sans-rgc" not in shown
    assert nomination.full_name in as_ft_admin.get("/admin/").text


def test_a_partner_begun_and_left_waits_to_be_finished(as_ft_admin: Client) -> None:
    begun = StructureFactory(convention=None)
    StructureFactory()

    response = as_ft_admin.get("/admin/")
    [pile] = [one for one in response.context["queues"] if one.label == TO_FINISH]
    listed = as_ft_admin.get(pile.url).context["cl"].result_list

    resume = record_url(begun)
    assert "a-finir" in mine(as_ft_admin)
    assert (pile.value, list(listed)) == ("1", [begun])
    assert f'href="{resume}"' in response.text
    assert as_ft_admin.get(resume, follow=True).status_code == 200


def test_the_verb_leads_to_its_own_page(as_ft_admin: Client) -> None:
    nomination = NominationFactory(state=NominationState.ACCEPTED, without_account=True)

    response = as_ft_admin.get("/admin/")

    assert f'href="{action_url(nomination, "fournir-compte")}"' in response.text


def test_a_question_answered_keeps_its_place(as_ft_admin: Client) -> None:
    """As in the list: it waits since it first came."""
    first, second = (in_state("a_examiner", agent=FtAdminFactory()) for _ in range(2))
    now = timezone.now()
    for act, age in ((first, 3), (second, 1)):
        act.steps.update(at=now - dt.timedelta(days=age))
    ask_for_more(first, by=FtAdminFactory(), text="Quels jours ?")
    complete(first, by=first.adviser, answer="Tous les jours.")

    agenda = as_ft_admin.get("/admin/").context["agenda"]
    shown = [task for part in agenda for task in part["tasks"]]
    examined = [task for task in shown if task.queue.slug == "a-examiner"]

    assert [task.pk for task in examined] == [str(first.pk), str(second.pk)]
    assert examined[0].since == now - dt.timedelta(days=3)


def test_zeros_are_folded_and_a_queue_is_bounded(as_ft_admin: Client) -> None:
    conventions = [structure.conventions.get() for structure in structures(9)]

    response = as_ft_admin.get("/admin/")
    (agreements, *_) = response.context["sections"]

    shown = [slug for slugs in tasks_of(as_ft_admin).values() for slug in slugs]
    assert shown.count("sans-rgc") == 4
    assert f"Conventions sans RGC ({len(conventions)})" in response.text
    assert {pile.total for pile in agreements["empty"]} == {0}
    assert f"{len(agreements['empty'])} à zéro" in response.text


def structures(number: int) -> list[Any]:
    return StructureFactory.create_batch(number)


def test_an_empty_desk_says_so(client: Client) -> None:
    sign_in(client, AgentFactory())

    assert "Rien n’attend pour vous." in client.get("/admin/").text


WORKERS: dict[str, Any] = {
    "agent": lambda site: AgentFactory(agency=site),
    "nation": lambda site: FtAdminFactory(),
}
# One statement for all queues, one for the breaches that run; for the nation, two
# more for the arrival of the offers. The rest is the session's.
QUERIES = {"agent": 12, "nation": 14}


@pytest.mark.thorough
@each_case("reader", WORKERS)
def test_the_desk_of_four_hundred_structures_takes_few_queries(
    client: Client, reader: str, django_assert_max_num_queries: Any
) -> None:
    site = AgencyFactory(safir="38086")
    for structure in StructureFactory.create_batch(400, agency=site):
        if structure.pk % 4 == 0:
            convention = structure.conventions.get()
            NominationFactory(convention=convention, state=NominationState.PROPOSED)
            LetterFactory(convention=convention)
    ConventionFactory.create_batch(20)
    analyze(Structure, Partnership, Convention, Nomination, Letter, User)
    sign_in(client, WORKERS[reader](site))

    with django_assert_max_num_queries(QUERIES[reader]) as captured:
        response = client.get("/admin/")

    sys.stdout.write(f"{reader}: {len(captured)} queries\n")
    shown = sum(len(part["tasks"]) for part in response.context["agenda"])
    assert 0 < shown <= 4 * len(QUEUES)


def test_every_register_stands_in_the_menu() -> None:
    named = {
        name.lower() for pair in REGISTERS.values() for some in pair for name in some
    }

    assert named == {model._meta.label_lower for model in admin.site._registry}


def test_the_index_of_an_app_leads_to_the_desk(as_ft_admin: Client) -> None:
    response = as_ft_admin.get("/admin/accounts/")

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def populate() -> Structure:
    """Make something of each queue; return a structure with all of it."""
    structure: Structure = StructureFactory(name="Mission locale des Trois-Collines")
    convention = structure.conventions.get()
    RgcFactory(structure=structure)
    AdviserFactory(structure=structure)
    LetterFactory(convention=convention)
    ReviewMeetingFactory(convention=convention, written=True)
    TeamReviewFactory(convention=convention)
    AmendmentFactory(convention=convention, quota=30)
    EndingFactory(convention=convention)
    BreachFactory(convention=convention, observed=True)
    TicketFactory(structure=structure, author=AdviserFactory(structure=structure))
    AlertFactory(structure=structure)
    NominationFactory(state=NominationState.PROPOSED)
    NominationFactory(state=NominationState.ACCEPTED)
    NominationFactory(state=NominationState.LEFT)
    ConventionFactory(ends_on=timezone.localdate() + dt.timedelta(days=30))
    CaseloadTransferFactory()
    DocumentFactory(state="echec")
    ScreenedReferralFactory(to_review=True)
    CvRequestFactory(sent=True)
    AppointmentFactory()
    RightsRequestFactory(under_way=True)
    Structure.objects.update(agency=AgencyFactory(safir="38086", department="38"))
    return structure


@pytest.mark.thorough
@pytest.mark.parametrize("reader", READERS)
def test_every_link_of_the_desk_opens_to_its_reader(
    client: Client, reader: str
) -> None:
    """S27: desk, menu, search and a structure's page; text where it may not."""
    structure = populate()
    load_help()
    sign_in(client, READERS[reader]())
    pages = [
        client.get("/admin/"),
        client.post("/admin/chercher/", {"q": "essai"}),
        client.post("/admin/chercher/", {"q": "tro co"}),
        client.get(record_url(structure)),
    ]

    hrefs = set().union(*map(links_of, pages))
    answers = {
        href: client.get(href, follow=True).status_code
        for href in hrefs
        if not href.startswith(("?", "/deconnexion", "/connexion"))
    }

    assert len(answers) > 30
    assert {href: code for href, code in answers.items() if code != 200} == {}
