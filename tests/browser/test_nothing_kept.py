"""France Travail reads what the search of a request found before it says « rien »."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.accounts.factories import FtAdminFactory
from tests.admin.registers import action_url
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.referrals.factories import CandidateFactory
from tests.support.factories import RightsRequestFactory

NUMBER = "7654321Z"


@pytest.mark.phone
def test_the_search_is_read_and_nothing_is_refused_of_who_is_known(
    visitor_of_any_size: Visitor, transactional_db: Any
):
    visitor = visitor_of_any_size
    CandidateFactory(ft_id=NUMBER, first_name="Odile", last_name="Demandeuse")
    facts = {"under_way": True, "account": None, "kind": "non_inscrit"}
    known = RightsRequestFactory(ft_id=NUMBER, phone="06 14 25 36 47", **facts)
    namesake = RightsRequestFactory(**facts)
    nobody = RightsRequestFactory(name="Zoé Inconnue", reply_to="Lyon", **facts)
    sign_in(visitor, FtAdminFactory())

    for asked, words in [
        (known, "serait faux"),
        (namesake, "À vérifier"),
        (nobody, "Aucun registre n’a de ligne"),
    ]:
        visitor.open(action_url(asked, "rien-trouve"))
        expect(visitor.page.locator("#content-main")).to_contain_text(words)
        visitor.check_page()
    visitor.check_pages(action_url(known, "corriger"))
