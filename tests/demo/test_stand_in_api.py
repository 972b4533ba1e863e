"""The stand-in for the public API: it answers as the API's OpenAPI document says."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
import schemathesis
from django.conf import settings as opus_settings
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from demo.synthetic import make_offers
from demo.synthetic.stand_in_api import TOKEN_PATH, Fault, StandIn, serving

OFFERS = list(make_offers(400, seed=5))
# France Travail's text is theirs: whoever has the file says where it is.
# France Travail's own, not shipped: where it lies beside the checkout, or where named.
REFERENCE = opus_settings.BASE_DIR.parent / "shared" / "data" / "reference"
DOCUMENT = Path(
    os.environ.get("OPUS_API_DOCUMENT", REFERENCE / "openapi-offres-emploi-v2.json")
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def server():
    with serving(StandIn(lambda: OFFERS)) as server:
        yield server


@pytest.fixture(scope="module")
def browser(server):
    with httpx2.Client(base_url=server.url, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {token_of(client)}"
        yield client


def token_of(client: httpx2.Client, **changes: str) -> Any:
    form = {
        "grant_type": "client_credentials",
        "client_id": "PAR_opus_demo",
        "client_secret": "demo",
        "scope": "api_offresdemploiv2 o2dsoffre",
    }
    response = client.post(TOKEN_PATH, data=form | changes)
    return response.json().get("access_token") or (
        response.status_code,
        response.json()["error"],
    )


def search(client: httpx2.Client, **query: str) -> tuple[int, str, list[str]]:
    """(status, Content-Range, the numbers of the offers)."""
    response = client.get(f"/v2/offres/search?{urlencode(query)}")
    found = response.json()["resultats"] if response.status_code in {200, 206} else []
    return (
        response.status_code,
        response.headers.get("Content-Range", ""),
        [offer["id"] for offer in found],
    )


# --- Facts ---------------------------------------------------------------------------


def test_pages_hold_150_offers_at_most_and_say_how_many_there_are(browser):
    pages = [search(browser, range=f"{n}-{n + 149}") for n in (0, 150, 300, 450)]

    assert [(status, told, len(found)) for status, told, found in pages] == [
        (206, "offres 0-149/400", 150),
        (206, "offres 150-299/400", 150),
        (206, "offres 300-399/400", 100),
        (204, "*/0", 0),
    ]
    assert len({one for _, _, found in pages for one in found}) == 400


def test_all_in_one_page_is_a_200(browser):
    department = "38"
    status, told, found = search(browser, departement=department)

    assert (status, told) == (200, f"offres 0-{len(found) - 1}/{len(found)}")
    assert 0 < len(found) < 150


@pytest.mark.parametrize(
    "query",
    [
        {"range": "0-150"},
        {"range": "3001-3002"},
        {"range": "3000-3150"},
        {"range": "10-9"},
        {"range": "tout"},
        {"minCreationDate": "2026-11-01T00:00:00Z"},
        {"minCreationDate": "hier", "maxCreationDate": "2026-11-02T00:00:00Z"},
        {
            "minCreationDate": "2026-11-03T00:00:00Z",
            "maxCreationDate": "2026-11-02T00:00:00Z",
        },
    ],
)
def test_what_the_document_does_not_allow_is_a_400(browser, query):
    assert search(browser, **query)[0] == 400


def test_a_window_holds_what_was_created_in_it_the_newest_first(browser):
    dates = sorted(offer["dateCreation"][:19] + "Z" for offer in OFFERS)
    start, end = dates[50], dates[120]

    _, _, found = search(browser, minCreationDate=start, maxCreationDate=end)

    known = {offer["id"]: offer["dateCreation"] for offer in OFFERS}
    told = [known[reference][:19] + "Z" for reference in found]
    assert told == sorted(told, reverse=True)
    assert (min(told), max(told)) == (start, end)
    assert len(found) == sum(start <= date <= end for date in dates)


def test_one_offer_has_its_address_and_no_word_of_its_mode(browser):
    response = browser.get(f"/v2/offres/{OFFERS[0]['id']}")

    assert response.json()["intitule"] == OFFERS[0]["intitule"]
    assert "opus" not in response.json()
    assert browser.get("/v2/offres/999ZZZZ").status_code == 204


def test_a_token_is_asked_for_and_ends(server):
    with httpx2.Client(base_url=server.url, trust_env=False) as client:
        assert client.get("/v2/offres/search").status_code == 401
        assert token_of(client, client_secret="faux") == (401, "invalid_client")
        assert token_of(client, grant_type="password") == (
            400,
            "unsupported_grant_type",
        )
        client.headers["Authorization"] = f"Bearer {token_of(client)}"
        assert client.get("/v2/offres/search").status_code == 206
        server.stand_in.lasts, before = 0, server.stand_in.lasts
        client.headers["Authorization"] = f"Bearer {token_of(client)}"
        server.stand_in.lasts = before
        assert client.get("/v2/offres/search").status_code == 401


def test_it_fails_on_demand(server, browser):
    server.stand_in.faults.extend([Fault(429, {"Retry-After": "3"}), Fault(500)])

    first, second, third = (browser.get("/v2/offres/search") for _ in range(3))

    assert (first.status_code, first.headers["Retry-After"]) == (429, "3")
    assert (second.status_code, third.status_code) == (500, 206)


# --- The document itself, where it is found ------------------------------------------


@pytest.mark.thorough
@pytest.mark.skipif(
    not DOCUMENT.is_file(), reason="France Travail's document is not here"
)
def test_every_answer_is_one_that_the_document_tells(server, browser):
    whole = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    schema = schemathesis.openapi.from_dict(whole)
    schema.config.base_url = server.url
    headers = {"Authorization": browser.headers["Authorization"]}
    statuses = set()

    for path in ("/v2/offres/search", "/v2/offres/{id}"):

        @settings(
            max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=schema[path]["GET"].as_strategy())
        def send(case):
            # Most random ranges are refused: half are left out.
            if case.query and len(str(case.query)) % 2:
                case.query.pop("range", None)
                case.query.pop("minCreationDate", None)
                case.query.pop("maxCreationDate", None)
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS)
            statuses.add(response.status_code)

        send()
    one = schema["/v2/offres/{id}"]["GET"].Case(path_parameters={"id": OFFERS[0]["id"]})
    response = one.call(headers=headers)
    one.validate_response(response, checks=CHECKS)
    assert {200, 204, 206, 400} <= statuses | {response.status_code}
