"""Lists cut into pages."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import RequestContext, Template

from opus.lib.web import paginate
from tests.opus.page import Page


def draw(rf, address: str, count: int) -> Page:
    request = rf.get(address)
    request.user = AnonymousUser()
    page = paginate(request, list(range(count)), 20)
    template = Template('{% include "components/pagination.html" %}')
    return Page.of(template.render(RequestContext(request, {"page": page})))


def test_links_keep_the_filters_of_the_address(rf):
    page = draw(rf, "/offres/?q=ma%C3%A7on&page=2", 60)

    assert page.links() == {
        "Page précédente": "?q=ma%C3%A7on&page=1",
        "1": "?q=ma%C3%A7on&page=1",
        "2": "",
        "3": "?q=ma%C3%A7on&page=3",
        "Page suivante": "?q=ma%C3%A7on&page=3",
    }


def test_a_long_list_shows_its_ends_and_its_neighbourhood(rf):
    page = paginate(rf.get("/?page=10"), list(range(400)), 20)

    assert list(page.shown_pages) == [1, 2, "…", 8, 9, 10, 11, 12, "…", 19, 20]


def test_one_page_needs_no_navigation(rf):
    assert draw(rf, "/", 20).all("nav") == []


@pytest.mark.parametrize(("asked", "given"), [("0", 3), ("x", 1), ("99", 3), ("", 1)])
def test_an_odd_number_leads_to_a_page(rf, asked, given):
    assert paginate(rf.get(f"/?page={asked}"), list(range(60)), 20).number == given
