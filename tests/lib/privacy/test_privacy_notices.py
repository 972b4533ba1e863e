"""Whoever's data a form collects is told of it, beside the form (GDPR 13, 14; V15)."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from opus.lib.privacy import personal_data
from opus.lib.privacy.privacy_notices import PrivacyNotice
from tests.pages import paths, read_pages
from tests.test_access_matrix import Cast

APPS = ("accounts", "offers", "referrals", "opus")

# What is typed there is nobody's data, or is only compared with what Opus has: by the
# form's class, which its heirs follow.
NOT_COLLECTED = {
    # Signing in: compared, never kept.
    "LoginForm": "identifier and password",
    "CodeForm": "a code",
    "PasskeyForm": "a signature of the device",
    "FirstAccessForm": "identifier and secret of the slip",
    "ActivationForm": "identifier",
    "ForgottenForm": "identifier or address",
    "ChoosePasswordForm": "a password",
    "FactorNameMixin": "what one calls one's own device",
    # Looking for what is there.
    "SearchForm": "what one calls one's own search",
    "LookUpForm": "an exact identifier, to find a sheet",
    "PersonForm": "a name, to find acts of persons that one follows",
    "KeepByNumberForm": "an offer's number",
    "PersonsSeenForm": "an account's identifier",
    "AttachForm": "an exact identifier, to find a sheet",
    "AccountHoldForm": "an account's identifier, a file's reference",
    "CandidateHoldForm": "an act's number, a file's reference",
    "LegalHoldForm": "a file's reference",
    # Facts of the trade, without a name.
    "StructureForm": "a partner, and where it is",
    "SlotForm": "an offer's number, a place",
    "MoveSlotForm": "a place",
    "TimeAndPlaceForm": "a place, a telephone or a link of the agency",
    "PostForm": "a number of registered mail",
    "VacancyLetterForm": "a letter's reference",
    "PartnershipForm": "a partner's name, a body's",
    "BreachForm": "facts of a structure",
    "ObserveForm": "the reference of a structure's observations, as a PDF",
    # Who signs a letter for France Travail: an official, in that quality.
    "SignatoryForm": "who signs the letter",
    "RenewForm": "number and dates of a convention",
    "MeetingForm": "what was decided, without a name",
    "MinutesFileForm": "minutes of a meeting, as a PDF",
    "StudyForm": "an answer of staff",
    "PlanForm": "an answer of staff",
    "DeclineForm": "an answer of staff",
    "TextForm": "an answer of staff",
    "NoteForm": "a note of staff",
    "IncidentForm": "a public text",
    "NewsForm": "a public text",
    "EndForm": "a public text; a letter's reference",
    "CallOffForm": "why, without a name",
}


def form_classes() -> Iterator[type[forms.BaseForm]]:
    """Every form of Opus: those of its pages, and of the desk."""
    importlib.import_module("opus.urls")
    assert get_resolver().url_patterns
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        if found.__module__.split(".")[0] in APPS:
            yield found


def is_typed(field: forms.Field) -> bool:
    is_text = isinstance(field, forms.CharField | forms.FileField)
    return is_text and not isinstance(field.widget, forms.HiddenInput)


def test_every_form_where_one_types_says_what_it_tells_or_why_not():
    """V15: a form that is added must say it, or the build fails."""
    silent = {
        form.__name__
        for form in form_classes()
        if any(is_typed(field) for field in getattr(form, "base_fields", {}).values())
        and not getattr(form, "privacy_notice", None)
        and not {parent.__name__ for parent in form.__mro__} & NOT_COLLECTED.keys()
    }

    assert silent == set()


def test_no_reason_is_given_for_a_form_that_is_gone_or_that_tells():
    named = {form.__name__: form for form in form_classes()}
    told = {
        name for name, form in named.items() if getattr(form, "privacy_notice", None)
    }

    assert NOT_COLLECTED.keys() - named.keys() == set()
    assert NOT_COLLECTED.keys() & told - {"AnswerForm"} == set()


def shown(response: Any) -> Iterator[forms.BaseForm]:
    """The forms that a page was made with, each once."""
    seen = set()
    for context in response.context or ():
        for value in context.flatten().values():
            form = getattr(value, "form", value)
            if isinstance(form, forms.BaseForm) and id(form) not in seen:
                seen.add(id(form))
                yield form


def tells(privacy_notice: PrivacyNotice, text: str) -> bool:
    """Controller, purpose, ground, delay, rights, contact, and the whole page (V15)."""
    wanted = [
        "responsable du traitement",
        privacy_notice.purpose,
        privacy_notice.ground,
        privacy_notice.kept,
        "Accès, rectification, opposition",
        settings.CONTACT["dpo"],
        reverse("privacy"),
    ]
    return all(words in text for words in wanted)


# It opens hundreds of pages.
DESK = pytest.param("ft_admin", marks=pytest.mark.thorough)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["anonymous", "adviser", "rgc", DESK])
def test_every_page_with_such_a_form_tells_it(role: str) -> None:
    """V15: whatever template writes the form; found by the walk of all addresses."""
    cast = Cast()
    met, silent = set(), []

    for path, response in read_pages(cast.client(role), paths(role, cast)):
        text = response.content.decode()
        for form in shown(response):
            privacy_notice = getattr(form, "privacy_notice", None)
            if (
                privacy_notice is None
                or 'method="post"' not in text
                or not is_open(response)
            ):
                continue
            met.add(privacy_notice)
            if not tells(privacy_notice, text):
                silent.append((path, type(form).__name__))

    assert silent == []
    assert met >= MET[role]


# What each role is asked at least: an empty walk would hold nothing.
MET = {
    "anonymous": {PrivacyNotice.SUPPORT},
    "adviser": {
        PrivacyNotice.CANDIDATES,
        PrivacyNotice.CVS,
        PrivacyNotice.MAILS,
        PrivacyNotice.RIGHTS,
        PrivacyNotice.SUPPORT,
    },
    "rgc": {
        PrivacyNotice.ACCOUNTS,
        PrivacyNotice.CANDIDATES,
        PrivacyNotice.CONVENTION,
        PrivacyNotice.RIGHTS,
        PrivacyNotice.SUPPORT,
    },
    "ft_admin": {
        PrivacyNotice.ACCOUNTS,
        PrivacyNotice.CANDIDATES,
        PrivacyNotice.CONVENTION,
        PrivacyNotice.RIGHTS,
    },
}


def is_open(response: Any) -> bool:
    """Whether the form may be filled in: the desk shows sheets that are only read."""
    context = response.context
    if "adminform" in context:
        may = "has_change_permission" if context.get("change") else "has_add_permission"
        return bool(context[may])
    return bool(context.get("is_open", True)) and not context.get("why_not")


@pytest.mark.django_db
def test_a_sheet_of_the_desk_over_persons_data_tells_it(client: Client) -> None:
    """V15: by the register of tables, with or without a class of its own."""
    cast = Cast()
    client = cast.client("ft_admin")
    of_persons = {
        table.model
        for table in personal_data.tables()
        if table.accounts or table.candidates
    } - {"accounts.AccountHold", "referrals.CandidateHold"}
    silent = {
        path
        for path, response in read_pages(client, paths("ft_admin", cast))
        if "adminform" in response.context and is_open(response)
        for form in shown(response)
        if form.fields
        and hasattr(form, "_meta")
        and form._meta.model._meta.label in of_persons
        and not getattr(form, "privacy_notice", None)
    }

    assert silent == set()


def test_a_mention_is_short_and_follows_the_numbers(settings: Any):
    """V9, V15: two lines of a desktop's page, for somebody who is tired."""
    for one in PrivacyNotice:
        assert len(one.purpose + one.ground + one.kept) < 150, one
    settings.KEPT = type(settings.KEPT)(acts=18)
    assert PrivacyNotice.CANDIDATES.kept.startswith("18 mois")
