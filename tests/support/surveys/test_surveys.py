"""The survey: twice a year, confidential, small counts masked (art. 6, U18, V8)."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.text_guard.models import TextGuardCount
from opus.support.surveys.models import (
    QUESTIONS,
    Agreement,
    Survey,
    SurveyAnswer,
    SurveyRespondent,
    results_of,
)
from tests.accounts.factories import RgcFactory
from tests.admin.registers import record_url
from tests.conftest import sign_in
from tests.opus.page import Page
from tests.support.factories import MARKS, SurveyFactory, answer, in_days

pytestmark = pytest.mark.django_db

INVITATION = "Répondre à l’enquête"


def test_the_home_page_invites_once(as_adviser: Client):
    """U18: a panel of the home page, no other page."""
    SurveyFactory()

    assert INVITATION in as_adviser.get("/").content.decode()
    assert INVITATION not in as_adviser.get("/actualites/").content.decode()
    as_adviser.post("/enquete/", MARKS)
    assert INVITATION not in as_adviser.get("/").content.decode()


def test_no_survey_invites_nobody(as_adviser: Client):
    SurveyFactory(over=True)

    assert INVITATION not in as_adviser.get("/").content.decode()
    assert "Aucune enquête" in as_adviser.get("/enquete/").content.decode()


def test_it_is_set_aside_for_good_and_for_oneself(as_adviser: Client, client: Client):
    """U18: dismissible."""
    SurveyFactory()

    as_adviser.post("/enquete/refuser/")
    as_adviser.post("/enquete/refuser/")

    assert INVITATION not in as_adviser.get("/").content.decode()
    assert SurveyAnswer.objects.count() == 0
    other = sign_in(Client(SERVER_NAME="localhost"), RgcFactory())
    assert INVITATION in other.get("/").content.decode()


def test_an_answer_has_nothing_of_who_gave_it(as_adviser: Client, adviser):
    """U18, S37: no link, no instant, and the journal says nothing."""
    SurveyFactory()
    before = AuditEntry.objects.count()

    as_adviser.post("/enquete/", MARKS | {"comment": "Plus de raccourcis."})

    given = SurveyAnswer.objects.get()
    assert given.comment == "Plus de raccourcis."
    assert SurveyRespondent.objects.get().account == adviser
    assert {field.name for field in SurveyAnswer._meta.fields} == {
        "id",
        "survey",
        *QUESTIONS,
        "comment",
    }
    assert {field.name for field in SurveyRespondent._meta.fields} == {
        "id",
        "survey",
        "account",
    }
    assert AuditEntry.objects.count() == before


def test_a_warned_comment_is_counted_without_account_or_day(as_adviser: Client):
    """U18, V4: a count would say who wrote the answer, and when."""
    SurveyFactory()
    written = MARKS | {"comment": "Le menu propose « dépressif »."}

    warned = as_adviser.post("/enquete/", written)
    tick = re.search(r'name="comment-passage" value="([0-9a-f]{64})"', warned.text)
    as_adviser.post("/enquete/", written | {"comment-passage": tick[1]})

    assert SurveyAnswer.objects.get().comment == written["comment"]
    first = timezone.localdate().replace(day=1)
    assert set(TextGuardCount.objects.values_list("is_passed", "account_id", "on")) == {
        (False, None, first),
        (True, None, first),
    }


def test_one_answers_once(as_adviser: Client, adviser):
    survey = SurveyFactory()
    as_adviser.post("/enquete/", MARKS)

    as_adviser.post("/enquete/", MARKS)
    with pytest.raises(MoveRefused, match="déjà répondu"):
        survey.answer(by=adviser, **MARKS)

    assert SurveyAnswer.objects.count() == 1


def test_an_error_keeps_what_was_given(as_adviser: Client):
    SurveyFactory()

    response = as_adviser.post(
        "/enquete/", {"ease": 3, "comment": "Des mots à moi. " + "x" * 300}
    )

    words = response.content.decode()
    assert "Choisissez une réponse à" in words
    assert "Des mots à moi." in words
    assert SurveyAnswer.objects.count() == SurveyRespondent.objects.count() == 0


# --- Twice a year ---------------------------------------------------------------------


def test_postgresql_knows_no_third_survey_of_a_year_nor_two_at_a_time():
    """Art. 6."""
    SurveyFactory(opens_on=dt.date(2027, 1, 5), closes_on=dt.date(2027, 1, 20))
    SurveyFactory(opens_on=dt.date(2027, 6, 5), closes_on=dt.date(2027, 6, 20), rank=2)
    SurveyFactory(opens_on=dt.date(2028, 1, 5), closes_on=dt.date(2028, 1, 20))
    december = (dt.date(2027, 12, 5), dt.date(2027, 12, 20))
    overlapping = (dt.date(2028, 1, 20), dt.date(2028, 2, 1))

    for (opens_on, closes_on), rank, rule in [
        (december, 1, "two_surveys_a_year"),
        (december, 2, "two_surveys_a_year"),
        (december, 3, "no_third_survey_in_a_year"),
        (overlapping, 2, "one_survey_at_a_time"),
    ]:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            SurveyFactory(opens_on=opens_on, closes_on=closes_on, rank=rank)


def test_staff_is_told_why_there_is_no_third(as_ft_admin: Client):
    url = reverse("admin:support_survey_add")
    year = timezone.localdate().year + 1
    days = [(f"{year}-01-05", f"{year}-01-20"), (f"{year}-06-05", f"{year}-06-20")]

    for opens_on, closes_on in days:
        taken = as_ft_admin.post(url, {"opens_on": opens_on, "closes_on": closes_on})
        assert taken.status_code == 302
    third = as_ft_admin.post(
        url, {"opens_on": f"{year}-11-05", "closes_on": f"{year}-11-20"}
    )

    assert f"Deux enquêtes ont déjà été prévues en {year}" in third.content.decode()
    assert sorted(Survey.objects.values_list("year", "rank")) == [(year, 1), (year, 2)]


# --- Results --------------------------------------------------------------------------


def numbers(survey: Survey, name: str) -> dict[str, str]:
    (question,) = [one for one in results_of(survey).questions if one.name == name]
    assert question.plot.series == [
        (label, str(shown)) for label, shown in question.lines
    ]
    return {label: str(shown) for label, shown in question.lines}


def test_small_counts_are_masked_and_others_rounded():
    """V8, A14: plot and table say the same."""
    survey = SurveyFactory(over=True)
    answer(survey, 23, ease=4)
    answer(survey, 3, ease=1)
    answer(survey, 12, ease=2)
    answer(survey, 2, ease=0)

    told = numbers(survey, "ease")

    assert told == {
        Agreement.FULLY.label: "25",
        Agreement.RATHER.label: "0",
        Agreement.RATHER_NOT.label: "10",
        Agreement.NOT_AT_ALL.label: "moins de 5",
        Agreement.NO_OPINION.label: "moins de 5",
    }


def test_four_answers_show_nothing():
    """A row of zeros beside « moins de 5 » would be one answer."""
    survey = SurveyFactory(over=True)
    answer(survey, 4, comment="Reconnaissable.")
    assert (results_of(survey).comments, results_of(survey).questions) == ([], [])

    answer(survey, 1)
    assert results_of(survey).comments == ["Reconnaissable."] * 4


def test_results_wait_for_the_end(as_ft_admin: Client):
    """U18: two looks while it is open would tell one answer by their difference."""
    survey = SurveyFactory()
    answer(survey, 6, comment="Lu trop tôt.")

    open_sheet = as_ft_admin.get(record_url(survey)).content.decode()
    Survey.objects.filter(pk=survey.pk).update(
        opens_on=in_days(-9), closes_on=in_days(-1)
    )
    over = Page.of(as_ft_admin.get(record_url(survey)))

    assert "Réponses reçues" in open_sheet
    assert "Lu trop tôt." not in open_sheet
    assert len(over.all("svg")) >= len(QUESTIONS)
    assert "Lu trop tôt." in over.one("body").words()
