"""What the tests of acts share."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.conftest import sign_in
from tests.referrals.factories import CandidateFactory


@pytest.fixture
def candidate(adviser):
    return CandidateFactory(adviser=adviser, first_name="Karim", last_name="Benali")


@pytest.fixture
def agent(db):
    """Somebody of the agency of the factories' offers."""
    return AgentFactory(agency=AgencyFactory(safir="38086", name="Villefontaine"))


@pytest.fixture
def as_agent(client, agent):
    sign_in(client, agent)
    return client


@pytest.fixture
def query_count():
    """How many queries a call makes on what was given, once a process is warm."""

    def count(call, *, given):
        given()
        call()
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    return count
