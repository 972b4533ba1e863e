"""docs/openapi/offres-evenements.yaml, held to the endpoint that it describes."""

import json
from typing import Any

import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client

from offers.feed.events import BATCH, MAX_EVENTS, MAX_ID, SINGLE, TYPE_PREFIX
from offers.feed.models import EventKind
from tests.offers.helpers.factories import OfferFactory
from tests.offers.helpers.feed import URL, figures_of, post, signed

APPLICATION = WSGIHandler()
PATH = settings.BASE_DIR / "docs" / "openapi" / "offres-evenements.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
OPERATION = DOCUMENT["paths"][URL]["post"]
SCHEMAS = DOCUMENT["components"]["schemas"]
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# The application closes its connection as it does for a browser.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("open_feed"),
]


def send(case: Any, **changes: str) -> Any:
    """The case, signed, straight into the application."""
    body = json.dumps(case.body).encode()
    return Client(APPLICATION).post(
        URL,
        base_url="http://localhost",
        data=body,
        content_type=case.media_type,
        headers=signed(body) | changes,
    )


@pytest.mark.thorough
@pytest.mark.timeout(300)
@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(case=SCHEMA[URL]["POST"].as_strategy())
def test_every_answer_is_one_that_the_document_tells(case):
    response = send(case)

    case.validate_response(response, checks=CHECKS)
    assert response.status_code == 200
    count = len(case.body) if isinstance(case.body, list) else 1
    figures = response.get_json()
    assert figures["recus"] == count
    told_apart = figures["appliques"] + figures["ignores"] + len(figures["rejetes"])
    assert told_apart == count


@hypothesis_settings(max_examples=5, deadline=None)
@given(case=SCHEMA[URL]["POST"].as_strategy())
def test_a_refusal_is_told_too(case):
    response = send(case, **{"webhook-signature": "v1,AAAA"})

    case.validate_response(response, checks=CHECKS)
    assert response.status_code == 401


def test_its_example_is_applied(client):
    OfferFactory(reference="188VMCV")
    content = OPERATION["requestBody"]["content"][BATCH]

    for example in content["examples"].values():
        assert figures_of(post(client, example["value"]))[1:] == (1, 0, [])


def test_its_limits_and_names_are_those_of_the_code():
    event = SCHEMAS["Evenement"]["properties"]
    content = OPERATION["requestBody"]["content"]

    assert set(content) == {BATCH, SINGLE}
    assert content[BATCH]["schema"]["maxItems"] == MAX_EVENTS
    assert event["id"]["maxLength"] == MAX_ID
    assert event["type"]["enum"] == [f"{TYPE_PREFIX}{kind}" for kind in EventKind]
    assert set(OPERATION["responses"]) == {"200", "400", "401", "405", "413", "503"}
