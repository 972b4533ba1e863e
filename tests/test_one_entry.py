"""Every address that changes something, and every button of the desk: one entry (S37).

``tests/one_entry.py`` sees what every test posts: what it records is one line of the
journal, by the name that stands there. An address that is posted to and does not stand
there fails, and a whole run names what no test posted to with success.
"""

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import AdviserFactory, RgcFactory
from tests.accounts.journeys import another_browser
from tests.cases import each_case
from tests.conftest import sign_in
from tests.one_entry import BUTTONS, OTHER_BUTTONS, PAGES, changes, to_press
from tests.referrals.factories import CandidateFactory
from tests.walk import addresses

pytestmark = pytest.mark.django_db

# What is posted to and changes nothing of the trade.
UNTOLD = {
    "csp_report": "what a browser reports goes to the log",
    "passkey_options": "a question for the browser",
    "passkey_new_options": "a question for the browser",
    "session_extend": "the session's own clock",
    "candidates": "a person is looked for: a read, posted so that no address names him",
    "referrals": "the same, among one's own acts",
    "screened_referrals": "the same",
    "cv_requests": "the same",
    "appointments": "the same",
    "referral_start": "the same, on the way to an act",
    "cv_request_start": "the same",
    "screened_referral_start": "the same, on the way to an act with preselection",
    "appointment_start": "the same, on the way to a convocation",
    "offer_document_again": "a sheet that names nobody is printed once more",
    "saved_search_add": "one's own shelf of searches: words and places, nobody's data",
    "saved_search_stop": "one's own e-mails, by their link: the searches stay",
    "alerts_stop": "the same, all of them",
    "decision_emails": "one’s own e-mails, in *Mon compte*: no data of a person",
    "mailed_document": "a person reads her document: told among the reads",
    "print_job_again": "a file once more: its asking and its reading are told",
    "print_job_cancel": "a file that goes: the documents stay",
    "export_cancel": "a file that goes: its making and its reading are told",
    "survey": "an answer is nobody's: the journal would say whose (U18)",
    "survey_set_aside": "the same: who has not set it aside has answered",
    "feed_events": "France Travail's feed has its own register of deliveries",
}


def entries_of(response: Any) -> list[str]:
    """What the journal tells of the change that this request made."""
    number = response["X-Request-ID"]
    return [row.action for row in changes(number).get(number, [])]


def test_every_address_that_is_posted_to_has_its_name_in_the_journal(
    client: Client,
) -> None:
    """A page for reading answers 405; whatever else does not is in one of the lists."""
    sign_in(client, RgcFactory())
    # Last of all: it would end the walk.
    posted = {"logout"} | {
        address.name
        for address in addresses()
        if not address.is_admin
        and address.name != "logout"
        and client.post(address.path).status_code != 405
    }
    called = {name for names in PAGES.values() for name in names.split()}

    assert posted == called | set(UNTOLD)
    to_press.update(called)


def test_every_button_and_sheet_of_the_desk_is_pressed_by_some_test(
    rf: Any, ft_admin: User
) -> None:
    request = rf.get("/admin/")
    request.user = ft_admin
    pages = {
        f"{model._meta.app_label}_{model._meta.model_name}": page
        for model, page in admin.site._registry.items()
    }
    buttons = {
        f"{register} {verb.slug}"
        for register, page in pages.items()
        for verb in getattr(page, "admin_actions", ())
    }

    assert {button.split()[0] for button in buttons} == set(BUTTONS)
    assert set(OTHER_BUTTONS) <= buttons
    to_press.update(f"admin:{'_action '.join(one.split())}" for one in buttons)
    for register, page in pages.items():
        if page.has_add_permission(request):
            to_press.add(f"admin:{register}_add")
        if page.has_change_permission(request):
            to_press.add(f"admin:{register}_change")


@each_case("name", sorted(UNTOLD))
def test_what_is_said_to_change_nothing_tells_nothing(
    client: Client, name: str
) -> None:
    sign_in(client, AdviserFactory())
    paths = {address.name: address.path for address in addresses()}

    response = client.post(paths[name], {"who": "1234567A"})

    assert entries_of(response) == []


def suspend_by_the_quarters_answer(client: Client) -> Any:
    """One of two is gone, and suspended by the same answer."""
    gone = AdviserFactory()
    here = AdviserFactory(structure=gone.structure)
    User.objects.update(created_at=timezone.now() - dt.timedelta(days=400))
    sign_in(client, RgcFactory(structure=gone.structure))
    answers = {f"personne-{here.public_id}": "oui", f"personne-{gone.public_id}": "non"}
    return client.post(reverse("team_review"), answers)


def test_an_object_that_was_changed_within_another_change_is_found_by_its_number(
    client: Client,
) -> None:
    """S37: the account that a quarterly answer suspended has this line in its story."""
    response = suspend_by_the_quarters_answer(client)
    entry = AuditEntry.objects.get(
        request_id=response["X-Request-ID"], action="team_reviewed"
    )
    (part,) = entry.details["parts"]
    gone = User.objects.get(state="suspendu")

    found = AuditEntry.objects.about("accounts.user", str(gone.pk))

    assert part == {
        "action": "account_suspended",
        "target": f"accounts.user {gone.pk}",
        "details": {"reason": "parti"},
    }
    assert entry in found
    assert entry in AuditEntry.objects.telling("account_suspended")


def test_the_button_of_a_sheet_leads_to_its_whole_story(as_ft_admin: Client) -> None:
    """S37: at the desk, lines in which the account is a part are there too."""
    suspend_by_the_quarters_answer(another_browser())
    gone = User.objects.get(state="suspendu")

    page = as_ft_admin.get(
        reverse("admin:accounts_user_history", args=[gone.pk]), follow=True
    )

    assert "comptes confirmés par le RGC" in page.text
    assert f"accounts.user {gone.pk}" in page.text


def test_a_change_that_is_refused_leaves_no_line_of_it(client: Client) -> None:
    """S37: the rollback of the action takes its entry along."""
    adviser = AdviserFactory()
    CandidateFactory(adviser=adviser)
    sign_in(client, RgcFactory(structure=adviser.structure))

    response = client.post(
        reverse("account_close", args=[adviser.public_id]), {"reason": "depart"}
    )

    assert entries_of(response) == []
    adviser.refresh_from_db()
    assert adviser.state == "actif"
