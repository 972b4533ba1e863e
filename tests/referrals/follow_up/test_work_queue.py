"""An agency's queue: decide, and the next is there."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from referrals.acts.states import CvState, ScreenedState
from referrals.candidates.models import Processing, ProcessingLimit
from referrals.cv_requests.models import CvRequest
from referrals.follow_up.actions import cancel
from referrals.preselection.actions import shortlist
from referrals.preselection.forms import requirements_of
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgentFactory
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvFileFactory, CvLetterFactory
from tests.referrals.screened import ASKS, in_state

pytestmark = pytest.mark.django_db
S = ScreenedState
QUEUE = reverse("admin:referrals_screenedreferral_changelist")
TO_REVIEW = f"{QUEUE}?state__exact={S.TO_REVIEW}"


def waiting(number, agent):
    """Applications to review, the oldest first."""
    acts = [in_state(S.TO_REVIEW, agent=agent) for _ in range(number)]
    for age, act in enumerate(reversed(acts), 1):
        act.steps.update(at=timezone.now() - dt.timedelta(days=age))
    return acts


def rows_of(client, url):
    return [row.number for row in client.get(url).context["cl"].result_list]


def form_of(page, slug):
    """The address of one of the page's own forms."""
    [button] = [one for one, _ in page.context["decisions"] if one.slug == slug]
    address = reverse(
        f"admin:referrals_{page.context['opts'].model_name}_action",
        args=[page.context["original"].pk, button.slug],
    )
    return f"{address}?{page.context['queue'].query}"


def page_in(client, act, queue):
    name = f"admin:referrals_{act._meta.model_name}_change"
    filters = urlsplit(queue).query
    return client.get(reverse(name, args=[act.pk]), {"_changelist_filters": filters})


def decide(client, page, slug, **fields):
    return client.post(form_of(page, slug), fields, follow=True)


def test_a_queue_is_decided_one_after_the_other(as_agent, agent):
    first, second, third = waiting(3, agent)
    assert rows_of(as_agent, TO_REVIEW) == [
        act.number for act in (first, second, third)
    ]

    page = page_in(as_agent, first, TO_REVIEW)
    page = decide(as_agent, page, "ecarter", reason="competences")
    assert page.context["original"] == second
    # The one that is passed over stays the first.
    page = as_agent.get(page.context["next_url"])
    assert page.context["original"] == third
    page = decide(as_agent, page, "preselectionner")
    assert page.context["original"] == second
    page = decide(as_agent, page, "ecarter", reason="experience")

    assert page.request["QUERY_STRING"] == f"state__exact={S.TO_REVIEW}"
    assert "tout est décidé" in page.text


def test_what_does_not_decide_leaves_one_on_the_act(as_agent, agent):
    act, _ = waiting(2, agent)

    page = page_in(as_agent, act, TO_REVIEW)
    page = decide(as_agent, page, "ecarter", reason="")

    assert page.context["original"] == act
    assert page.context["list_url"] == TO_REVIEW
    assert page.context["form"].errors


def test_a_place_in_the_list_is_found_again(as_agent, agent, monkeypatch):

    monkeypatch.setattr(
        admin.site.get_model_admin(ScreenedReferral), "list_per_page", 2
    )
    acts = waiting(3, agent)

    page = page_in(as_agent, acts[2], f"{TO_REVIEW}&p=2")

    assert page.context["list_url"] == f"{TO_REVIEW}&p=2"
    # Page 2 is gone once the last act of page 2 is decided.
    page = decide(as_agent, page, "ecarter", reason="competences")
    assert page.context["list_url"] == TO_REVIEW


def test_a_colleague_who_decided_first_is_named_and_the_queue_goes_on(as_agent, agent):
    first, second, third = waiting(3, agent)
    page = page_in(as_agent, first, TO_REVIEW)
    stale = form_of(page, "ecarter")
    shortlist(ScreenedReferral.objects.get(pk=first.pk), by=AgentFactory())
    cancel(ScreenedReferral.objects.get(pk=second.pk), by=second.adviser)

    refused = as_agent.post(stale, {"reason": "competences"})
    again = page_in(as_agent, first, TO_REVIEW)

    assert refused.status_code == 409
    assert "présélectionnée" in refused.text
    assert again.context["rank"] is None
    assert str(third.pk) in again.context["next_url"]
    first.refresh_from_db()
    assert first.state == S.SHORTLISTED


def test_nothing_is_decided_about_somebody_whose_data_are_frozen(as_agent, agent):
    """GDPR 18."""
    [act] = waiting(1, agent)
    page = page_in(as_agent, act, TO_REVIEW)
    stale = form_of(page, "preselectionner")
    ProcessingLimit.objects.create(
        candidate=act.candidate,
        processing=Processing.ALL,
        reference="DRT-2026-000001",
        placed_by=agent,
    )

    page = page_in(as_agent, act, TO_REVIEW)
    refused = as_agent.post(stale)

    assert "rien ne se décide" in page.text
    assert "decisions__all" not in page.text
    assert refused.status_code == 409
    act.refresh_from_db()
    assert act.state == S.TO_REVIEW


def test_the_row_says_what_is_needed_to_decide(as_agent, agent):
    offer = OfferFactory(delegated_preselection=True, details=ASKS)
    act = in_state(S.TO_REVIEW, agent=agent, offer=offer)
    act.steps.update(at=timezone.now() - dt.timedelta(days=1))
    ScreenedReferral.objects.update(criteria_met=requirements_of(offer)[:1])

    [row] = as_agent.get(TO_REVIEW).context["cl"].result_list

    pages = as_agent.get(TO_REVIEW).context["cl"].model_admin
    assert pages.fit(row).startswith("1 sur ")
    assert pages.offer_in_a_line(row).startswith(act.offer.title)
    assert pages.waiting(row) == "1\xa0jour"


def test_a_longer_queue_costs_as_many_queries(as_agent, agent, query_count):
    def read():
        as_agent.get(TO_REVIEW)

    def more():
        waiting(2, agent)

    one = query_count(read, given=more)

    assert query_count(read, given=more) == one <= 12


def test_cvs_are_read_oldest_first_from_the_row(as_agent):
    late, early = (CvFileFactory().cv_request for _ in range(2))
    for cv_request, age in ((late, 1), (early, 3)):
        CvLetterFactory(act=cv_request)
        at = timezone.now() - dt.timedelta(days=age)
        cv_request.steps.create(origin="", target=CvState.SENT)
        cv_request.steps.update(at=at)
    queue = reverse("admin:referrals_cvrequest_changelist") + (
        f"?state__exact={CvState.SENT}"
    )

    assert rows_of(as_agent, queue) == [early.number, late.number]
    listed = as_agent.get(queue)
    assert reverse("admin:referrals_cvrequest_file", args=[early.pk]) in listed.text
    page = page_in(as_agent, early, queue)
    page = decide(as_agent, page, "ne-pas-retenir", reason="illisible")

    assert page.context["original"] == late
    assert CvRequest.objects.get(pk=early.pk).state == CvState.NOT_KEPT


def test_a_filter_that_does_not_exist_is_no_queue(as_agent, agent):
    [act] = waiting(1, agent)

    page = page_in(as_agent, act, f"{QUEUE}?created_at__gte=jamais")

    assert page.status_code in {200, 400}
