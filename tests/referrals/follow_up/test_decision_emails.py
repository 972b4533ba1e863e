"""A decision reaches the adviser by e-mail, unless he does without."""

import pytest
from django.core import mail
from django.urls import reverse

from opus.lib.outbound import outbox
from referrals.acts.states import ScreenedState
from referrals.preselection import actions
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.cases import each_case
from tests.conftest import sign_in
from tests.referrals.factories import CandidateFactory
from tests.referrals.screened import in_state, today

pytestmark = pytest.mark.django_db
S = ScreenedState
DECISIONS = {
    S.SHORTLISTED: lambda act, by: actions.shortlist(act, by=by),
    S.SET_ASIDE: lambda act, by: actions.set_aside(act, by=by, reason="assez"),
    S.PRESENTED: lambda act, by: actions.present(act, by=by, on=today()),
}


@each_case("state", DECISIONS)
@each_case("is_wanted", [True, False])
def test_each_decision_is_written_if_wanted(client, adviser, state, is_wanted):
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    candidate = CandidateFactory(adviser=adviser, last_name="Zzcanari")
    before = S.SHORTLISTED if state == S.PRESENTED else S.TO_REVIEW
    act = in_state(before, agent=agent, candidate=candidate)
    sign_in(client, adviser)
    client.post(reverse("decision_emails"), {"recevoir": "oui" if is_wanted else "non"})
    outbox.relay()
    mail.outbox.clear()

    DECISIONS[state](ScreenedReferral.objects.get(pk=act.pk), agent)
    outbox.relay()

    assert [letter.to for letter in mail.outbox] == [[adviser.email]] * is_wanted
    assert "Zzcanari" not in "".join(str(one.message()) for one in mail.outbox)
    button = "Ne plus recevoir" if is_wanted else "Recevoir"
    assert f"{button} ces courriels" in client.get(reverse("profile")).text


def test_a_question_is_always_written(client, adviser):
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    candidate = CandidateFactory(adviser=adviser)
    sign_in(client, adviser)
    client.post(reverse("decision_emails"), {"recevoir": "non"})

    in_state(S.ASKED_FOR_MORE, agent=agent, candidate=candidate)
    outbox.relay()

    assert len(mail.outbox) == 1
