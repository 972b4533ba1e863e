"""RGC at the desk: the buttons of a nomination, step by step (art. 4.1 to 4.3)."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import (
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
)
from tests.admin.registers import action_url, list_url, record_url, text_of
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

ADD = "admin:accounts_nomination_add"


def browser() -> Client:
    return Client(headers={"host": "localhost"}, SERVER_NAME="localhost")


def proposal(convention: Any, **changes: Any) -> dict[str, Any]:
    """The form of a proposal, as the browser would post it."""
    form = {
        "convention": convention.pk,
        "first_name": "Nadia",
        "last_name": "Ferrand",
        "email": "nadia.ferrand@partenaire.example",
        "function": "Responsable du service emploi",
        "is_permanent_staff": "on",
        "has_responsibility": "on",
        "proposed_on": "2026-11-02",
        "proposal_reference": "CCAS-2026-12",
    }
    return {name: value for name, value in (form | changes).items() if value}


def opinion(**changes: Any) -> dict[str, Any]:
    return {
        "opinion": "favorable",
        "on": timezone.localdate(),
        "opinion_by": "L. Favre, directrice de site",
    } | changes


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "on": timezone.localdate(),
        "decision_by": "P. Garnier, directeur territorial",
        "reference": "DT38-118",
    } | changes


def verbs_told(nomination: Nomination) -> list[str]:
    rows = AuditEntry.objects.filter(
        action="nomination_changed", target_id=nomination.pk, refused=""
    )
    return [row.details["verb"] for row in rows.order_by("pk")]


def test_from_the_proposal_to_the_withdrawal(as_ft_admin: Client) -> None:
    """4.1, 4.3, S23, S28: an agent proposes, two administrators appoint."""
    convention = ConventionFactory(structure__agency__safir="38086")
    agent = sign_in(browser(), AgentFactory(agency=convention.agency))
    second = sign_in(browser(), FtAdminFactory())

    agent.post(reverse(ADD), proposal(convention))
    nomination = Nomination.objects.get()
    agent.post(action_url(nomination, "avis"), opinion())
    as_ft_admin.post(action_url(nomination, "accepter"), decision())
    as_ft_admin.post(action_url(nomination, "fournir-compte"))
    agent.post(
        action_url(nomination, "copie"), {"on": timezone.localdate(), "channel": "main"}
    )
    agent.post(action_url(nomination, "notifier"), {"on": timezone.localdate()})
    second.post(action_url(nomination, "entrer-en-fonction"))
    rgc = User.objects.get(role=Role.RGC)
    assert rgc.is_rgc_in_office
    agent.post(action_url(nomination, "avis-retrait"), opinion(director="site"))
    assert rgc.is_rgc_in_office
    as_ft_admin.post(action_url(nomination, "retirer"), decision(reason="comptes"))

    assert not rgc.is_rgc_in_office
    assert [step.target for step in nomination.steps.all()] == [
        NominationState.PROPOSED,
        NominationState.ACCEPTED,
        NominationState.IN_OFFICE,
        NominationState.WITHDRAWN,
    ]
    assert verbs_told(nomination) == [
        "propose",
        "advise",
        "accept",
        "provide_account",
        "hand_copy",
        "notify",
        "put_in_office",
        "advise_withdrawal",
        "withdraw",
    ]
    assert [letter.kind for letter in nomination.letters.order_by("rank")] == [
        "rgc_accord",
        "rgc_retrait",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"is_permanent_staff": ""}, "Le RGC fait partie du personnel permanent"),
        ({"has_responsibility": ""}, "Le RGC a une responsabilité opérationnelle"),
        ({"is_permanent_staff": ""}, "demandez à la structure d’en désigner une autre"),
        ({"email": "ccas@partenaire.example"}, "boîte partagée"),
        ({"email": ""}, "Remplissez « Courriel"),
        ({"proposal_reference": ""}, "Remplissez « Référence de la lettre »"),
        ({"proposed_on": "2099-01-01"}, "Cette date est à venir."),
    ],
)
def test_a_proposal_says_who_and_by_which_letter(
    as_ft_admin: Client, changes: dict[str, str], said: str
) -> None:
    """4.1, S12: with both declarations; the refusal says why and what to do."""
    response = as_ft_admin.post(reverse(ADD), proposal(ConventionFactory(), **changes))

    assert said in text_of(response).replace("\u00a0", " ")
    assert not Nomination.objects.exists()


def test_one_person_is_proposed_at_a_time(as_ft_admin: Client) -> None:
    under_way = NominationFactory(state=NominationState.PROPOSED)

    response = as_ft_admin.post(reverse(ADD), proposal(under_way.convention))

    assert "Une autre personne est déjà proposée" in text_of(response)
    assert Nomination.objects.count() == 1


def test_a_refusal_has_its_reason_and_leads_to_another_proposal(
    as_ft_admin: Client,
) -> None:
    """4.1."""
    refused = NominationFactory(state=NominationState.PROPOSED)
    without = as_ft_admin.post(action_url(refused, "refuser"), decision())
    assert "Choisissez une réponse à «\u00a0Motif\u00a0»" in text_of(without)

    as_ft_admin.post(action_url(refused, "refuser"), decision(reason="non_permanent"))
    sheet = text_of(as_ft_admin.get(record_url(refused)))
    as_ft_admin.post(reverse(ADD), proposal(refused.convention))

    refused.refresh_from_db()
    assert (refused.state, refused.email) == (NominationState.REFUSED, "")
    assert f"{reverse(ADD)}?convention={refused.convention_id}" in sheet
    following = Nomination.objects.exclude(pk=refused.pk).get()
    assert following.previous == refused
    assert "Voir la suite" in text_of(as_ft_admin.get(record_url(refused)))


def test_who_recorded_the_agreement_is_told_to_ask_a_colleague(
    as_ft_admin: Client, ft_admin: Any
) -> None:
    """S28."""
    nomination = NominationFactory(state=NominationState.ACCEPTED, accepted_by=ft_admin)
    url = action_url(nomination, "entrer-en-fonction")

    asked = text_of(as_ft_admin.get(url))
    response = as_ft_admin.post(url, follow=True)

    assert "une autre personne met en fonction" in asked
    assert 'type="submit" class="default"' not in asked
    assert "une autre personne met en fonction" in text_of(response)
    nomination.refresh_from_db()
    assert nomination.state == NominationState.ACCEPTED
    refused = AuditEntry.objects.exclude(refused="").get()
    assert refused.target_id == str(nomination.pk)


def test_one_rgc_in_office_at_a_time(as_ft_admin: Client) -> None:
    in_office = NominationFactory()
    second = NominationFactory(
        convention=in_office.convention,
        state=NominationState.ACCEPTED,
        is_validated=True,
    )

    response = as_ft_admin.post(action_url(second, "entrer-en-fonction"), follow=True)

    assert "Cette convention a déjà un RGC en fonction" in text_of(response)
    second.refresh_from_db()
    assert second.state == NominationState.ACCEPTED


def test_a_decision_does_not_come_before_its_proposal(as_ft_admin: Client) -> None:
    nomination = NominationFactory(state=NominationState.PROPOSED)

    response = as_ft_admin.post(
        action_url(nomination, "accepter"), decision(on="2020-01-01")
    )

    assert "ne peut pas précéder la lettre de la structure" in text_of(response)
    nomination.refresh_from_db()
    assert nomination.state == NominationState.PROPOSED


def test_the_words_of_a_proposal_are_corrected_until_the_decision(
    as_ft_admin: Client,
) -> None:
    """Whom the director agreed on stays, and no state or date is typed (S23)."""
    waiting = NominationFactory(state=NominationState.PROPOSED, without_account=True)
    agreed = NominationFactory(state=NominationState.ACCEPTED, without_account=True)
    form = proposal(waiting.convention, email="n.ferrand@partenaire.example")
    form |= {"state": "en_fonction", "decided_on": "2000-01-01", "office_by": 1}

    as_ft_admin.post(record_url(waiting), form)
    late = as_ft_admin.post(record_url(agreed), form)

    waiting.refresh_from_db()
    assert waiting.email == "n.ferrand@partenaire.example"
    assert waiting.state == NominationState.PROPOSED
    assert waiting.office_by is None
    assert waiting.decided_on is None
    assert late.status_code == 409
    agreed.refresh_from_db()
    assert agreed.email != waiting.email


@pytest.mark.parametrize("changes", [{"first_name": "Autre"}, {"email": "a@b.example"}])
def test_the_database_keeps_whom_the_director_agreed_on(changes: dict) -> None:
    agreed = NominationFactory(state=NominationState.ACCEPTED, without_account=True)

    with pytest.raises(IntegrityError, match="s’est prononcé"), transaction.atomic():
        Nomination.objects.filter(pk=agreed.pk).update(**changes)


# --- Who may --------------------------------------------------------------------------


def buttons(client: Client, nomination: Nomination) -> list[str]:
    response = client.get(record_url(nomination))
    return [verb.slug for verb in response.context["admin_actions"]]


AGENTS_BUTTONS = {
    NominationState.PROPOSED: ["avis"],
    NominationState.ACCEPTED: ["notifier", "copie", "avis-retrait"],
    NominationState.IN_OFFICE: ["copie", "avis-retrait"],
    NominationState.LEFT: ["lettre-vacance"],
    NominationState.ABSENT: ["lettre-vacance"],
}
ADMINS_BUTTONS = {
    NominationState.PROPOSED: ["avis", "accepter", "refuser", "abandonner"],
    NominationState.ACCEPTED: [
        "notifier",
        "entrer-en-fonction",
        "copie",
        "avis-retrait",
        "retirer",
        "abandonner",
    ],
    NominationState.IN_OFFICE: [
        "copie",
        "annoncer",
        "partir",
        "absence",
        "avis-retrait",
        "retirer",
    ],
    NominationState.LEFT: ["lettre-vacance"],
    NominationState.ABSENT: ["lettre-vacance"],
}


@pytest.mark.at_each_run(3)
@pytest.mark.parametrize("state", NominationState)
def test_the_buttons_of_each_state_and_role(
    as_ft_admin: Client, state: NominationState
) -> None:
    """S23: state by state, for an agent and for an administrator."""
    nomination = NominationFactory(state=state)
    agent = sign_in(browser(), AgentFactory(agency=nomination.convention.agency))

    assert buttons(agent, nomination) == AGENTS_BUTTONS.get(state, [])
    assert buttons(as_ft_admin, nomination) == ADMINS_BUTTONS.get(state, [])


def test_an_agent_decides_nothing_even_by_a_forged_request(client: Client) -> None:
    """5.7: agents propose, decisions belong to the directorates."""
    nomination = NominationFactory(state=NominationState.PROPOSED)
    sign_in(client, AgentFactory(agency=nomination.convention.agency))

    for slug in ["accepter", "refuser", "abandonner"]:
        form = decision(reason="dossier")
        response = client.post(action_url(nomination, slug), form, follow=True)
        assert "vous n’en avez pas le droit" in text_of(response)

    nomination.refresh_from_db()
    assert nomination.state == NominationState.PROPOSED


def test_a_territorys_administrator_reads_why_he_may_not_withdraw(
    client: Client,
) -> None:
    """4.3: the region decides; he may record the opinion."""
    region = AgencyFactory(safir="69188", kind="dr")
    territory = AgencyFactory(safir="38900", kind="dt", parent=region)
    nomination = NominationFactory(
        convention__structure__agency=AgencyFactory(safir="38086", parent=territory)
    )
    sign_in(client, FtAdminFactory(agency=territory))
    client.post(action_url(nomination, "avis-retrait"), opinion(director="dt"))
    url = action_url(nomination, "retirer")

    page = text_of(client.get(url))
    client.post(url, decision(reason="comptes"))

    assert "revient au directeur régional" in page
    nomination.refresh_from_db()
    assert nomination.state == NominationState.IN_OFFICE
    sign_in(client, FtAdminFactory(agency=region))
    client.post(url, decision(reason="comptes"))
    nomination.refresh_from_db()
    assert nomination.state == NominationState.WITHDRAWN


def test_staff_of_elsewhere_do_not_see_a_nomination(client: Client) -> None:
    """S27."""
    nomination = NominationFactory()
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="69001")))

    assert nomination.full_name not in text_of(
        client.get(list_url("accounts.nomination"))
    )
    assert client.get(record_url(nomination)).status_code == 302
    assert client.post(action_url(nomination, "avis"), opinion()).status_code == 404


def test_an_agent_proposes_for_his_own_structures_alone(client: Client) -> None:
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="69001")))

    response = client.post(reverse(ADD), proposal(ConventionFactory()))

    assert response.status_code == 200
    assert not Nomination.objects.exists()


@pytest.mark.parametrize(
    ("step", "traits"),
    [
        ("decision", {"state": "propose"}),
        ("compte", {"state": "accepte", "without_account": True}),
        ("fonction", {"state": "accepte"}),
        ("copie", {"state": "en_fonction"}),
        ("retrait", {"state": "en_fonction", "withdrawal_opinion": "favorable"}),
    ],
)
def test_each_step_waits_in_its_own_queue(
    as_ft_admin: Client, step: str, traits: dict[str, Any]
) -> None:
    """U15."""
    waiting = NominationFactory(**traits)
    for state in ["refuse", "abandonne", "parti"]:
        NominationFactory(state=state)

    desk = as_ft_admin.get(reverse("admin:index"))
    [queue] = [
        queue
        for queue in desk.context["queues"]
        if queue.url.endswith(f"attendu={step}")
    ]

    assert queue.value == "1"
    assert list(as_ft_admin.get(queue.url).context["cl"].result_list) == [waiting]


def test_an_rgc_is_not_opened_without_a_nomination(as_ft_admin: Client) -> None:
    """S23: the account is provided after the agreement, by its button."""
    nomination = NominationFactory(state=NominationState.PROPOSED, without_account=True)

    response = as_ft_admin.post(action_url(nomination, "fournir-compte"), follow=True)

    assert "Cela ne se peut plus" in text_of(response)
    assert not User.objects.filter(role=Role.RGC).exists()
