"""A second opinion on a refused text: asked, read, answered, gone (V4, V5)."""

import datetime as dt
import json
import logging
import re

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opus.celery import app
from opus.desk.actions import opinions as actions
from opus.desk.models import OpinionState, SecondOpinion
from opus.desk.tasks.opinions import erase_opinions
from opus.lib import person_file, retention
from opus.lib.models import AuditEntry, WordingRefusal
from opus.lib.personal_data import Person
from opus.lib.states import MoveRefused
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
)
from tests.admin.registers import list_url, sheet_url, verb_url
from tests.canaries import places
from tests.conftest import sign_in
from tests.desk.factories import SecondOpinionFactory
from tests.referrals.factories import SavedSearchFactory

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
PLACE = "referrals.savedsearch.name"
WORDS = "canari pour un sourd"
ASK = reverse("opinion_ask")
BUTTON = re.compile(r'<button[^>]*formaction="([^"]+)"[^>]*value="([^"]+)"[^>]*>')


@pytest.fixture
def adviser(client):
    adviser = AdviserFactory()
    sign_in(client, adviser)
    return adviser


@pytest.fixture
def refused(client, adviser):
    """The form of a search's name, come back refused."""
    search = SavedSearchFactory(account=adviser, name="Maçon")
    url = reverse("saved_search_edit", args=[search.pk])
    return client.post(url, {"name": WORDS, "alert": "aucune"})


def national():
    return FtAdminFactory(agency=None)


def ask(client, sentence=WORDS, place=PLACE, name="name"):
    data = {"avis": f"{place} {name}", name: sentence, "alert": "aucune"}
    return client.post(ASK, data)


def told(response):
    return [str(message) for message in response.context["messages"]]


# --- Asking ---------------------------------------------------------------------------


def test_a_refused_field_offers_to_ask_and_says_what_it_means(refused):
    """V5: without a script, in the form that came back."""
    ((action, value),) = BUTTON.findall(refused.text)

    assert (action, value) == (ASK, f"{PLACE} name")
    assert "effacée dès leur réponse, au plus tard dans 72\u00a0heures" in refused.text
    assert not SecondOpinion.objects.exists()  # By itself a refusal keeps nothing.


def test_the_button_that_asks_is_never_what_the_enter_key_presses(refused):
    """V5: a deliberate gesture; « Entrée » presses the first button of a form."""
    form = refused.text[refused.text.index('name="name"') :]
    buttons = re.findall(r"<button[^>]*>", form)

    assert "formaction" not in buttons[0]
    assert "formaction" in buttons[1]


def test_who_is_not_a_partners_member_is_offered_nothing(client):
    """The open form of the help knows nobody who could be answered."""
    data = {"topic": "connexion", "email": "a@b.example", "subject": WORDS, "text": "x"}

    response = client.post(reverse("contact"), data)

    assert "art.\u00a09.1" in response.text
    assert not BUTTON.findall(response.text)


def test_a_field_refused_for_another_reason_offers_nothing(client, adviser):
    search = SavedSearchFactory(account=adviser, name="Maçon")

    response = client.post(
        reverse("saved_search_edit", args=[search.pk]), {"name": "", "alert": "aucune"}
    )

    assert "fr-message--error" in response.text
    assert not BUTTON.findall(response.text)


def test_what_is_asked_stands_sealed_and_its_author_reads_where_it_stands(
    client, adviser, refused
):
    """V5."""
    response = client.post(ASK, {"avis": f"{PLACE} name", "name": WORDS}, follow=True)

    opinion = SecondOpinion.objects.get()
    assert (opinion.account, opinion.place, opinion.families, opinion.state) == (
        adviser,
        PLACE,
        ["sante"],
        OpinionState.ASKED,
    )
    assert WORDS.encode() not in bytes(opinion.sealed)
    assert opinion.sentence == WORDS
    assert opinion.until - opinion.asked_at <= 72 * HOUR
    assert "Votre phrase est transmise" in response.text
    assert "Recherche enregistrée, nom" in response.text
    assert "canari" not in response.text


def test_nothing_of_the_sentence_is_anywhere_else(
    client, adviser, refused, caplog, django_capture_on_commit_callbacks
):
    """V4, V5, S41: log, journal, session, outbox, tasks, mails, other columns."""
    caplog.set_level(logging.INFO)
    app.control.purge()
    with django_capture_on_commit_callbacks(execute=True):
        ask(client)
        sign_in(client, national())
        client.get(sheet_url(SecondOpinion.objects.get()))
        client.post(
            verb_url(SecondOpinion.objects.get(), "regle-a-tort"), {"because": "metier"}
        )

    assert [name for name, text in places(caplog.records) if "canari" in text] == []
    assert mail.outbox == []
    rows = list(SecondOpinion.objects.values()) + list(WordingRefusal.objects.values())
    assert "canari" not in json.dumps(rows, default=str, ensure_ascii=False)


def test_a_sentence_that_nobody_refused_is_not_taken(client, adviser):
    """V4: the address is no way to leave something sealed."""
    response = client.post(ASK, {"avis": f"{PLACE} name", "name": WORDS}, follow=True)

    assert "il n’y a pas d’avis à demander" in told(response)[0]
    assert not SecondOpinion.objects.exists()


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [("Maçon", "n’est plus refusé"), ("malade " * 600, "dépasse 4000 caractères")],
)
def test_what_passes_or_is_too_long_is_not_taken(
    client, adviser, refused, sentence, reason
):
    response = client.post(
        ASK, {"avis": f"{PLACE} name", "name": sentence}, follow=True
    )

    assert reason in told(response)[0]
    assert not SecondOpinion.objects.exists()


def test_a_field_has_one_question_at_a_time(client, adviser, refused):
    ask(client)
    response = client.post(
        ASK, {"avis": f"{PLACE} name", "name": "malade"}, follow=True
    )

    assert "déjà demandé un avis sur ce champ" in told(response)[-1]
    assert SecondOpinion.objects.get().sentence == WORDS


def test_after_its_time_one_may_ask_again_though_no_job_came(client, adviser, refused):
    """V5."""
    old = SecondOpinionFactory(account=adviser, overdue=True)

    ask(client)

    old.refresh_from_db()
    assert (old.state, old.sealed) == (OpinionState.LAPSED, None)
    assert SecondOpinion.objects.waiting().get().sentence == WORDS
    assert AuditEntry.objects.filter(action="opinion_lapsed").count() == 0
    line = AuditEntry.objects.get(action="opinion_asked")
    assert [part["action"] for part in line.details["parts"]] == ["opinion_lapsed"]


def test_a_number_that_the_field_is_for_is_nothing_to_ask_about(client, adviser):
    """The place of an appointment may have a telephone number."""
    place = "referrals.summons.where"
    WordingRefusal.objects.create(account_id=adviser.pk, place=place, family="sante")

    with pytest.raises(MoveRefused, match="n’est plus refusé"):
        actions.ask(by=adviser, place=place, sentence="01 99 00 12 34")


def test_a_field_that_does_not_exist_is_not_found(client, adviser):
    WordingRefusal.objects.create(account_id=adviser.pk, place="a.b.c", family="sante")

    assert ask(client, place="a.b.c").status_code == 404


# --- What its author reads ------------------------------------------------------------


def test_others_questions_are_not_shown(client, adviser):
    SecondOpinionFactory()

    assert "Aucun avis demandé" in client.get(reverse("opinions")).text


def test_an_answer_is_told_on_the_first_page_until_it_is_read(client, adviser):
    """V5."""
    home, notice = reverse("home"), "L’avis que vous aviez demandé"
    opinion = SecondOpinionFactory(account=adviser)
    assert notice not in client.get(home).text

    actions.answer(
        opinion, by=national(), state=OpinionState.RULE_WRONG, because="metier"
    )

    assert notice in client.get(home).text
    page = client.get(reverse("opinions")).text
    assert "la règle se trompe" in page
    assert "Le mot est ici celui d’un métier" in page
    assert notice not in client.get(home).text


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_for_one_and_for_three(client, adviser, number):
    SecondOpinionFactory.create_batch(number, account=adviser, answered=True)

    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("opinions"))

    about = [query for query in asked if "desk_secondopinion" in query["sql"]]
    # The account with what comes along, the count, the page, what is seen now.
    assert len(about) == 4


# --- France Travail -------------------------------------------------------------------


def test_national_staff_read_it_and_each_reading_is_told(client):
    """V5, S38."""
    opinion, reader = SecondOpinionFactory(sentence=WORDS), national()
    sign_in(client, reader)

    assert WORDS not in client.get(list_url("desk.secondopinion")).text
    assert not AuditEntry.objects.filter(action="admin_read").exists()
    for _ in range(2):
        page = client.get(sheet_url(opinion)).text

    assert WORDS in page
    assert opinion.account.identifier not in page
    rows = AuditEntry.objects.filter(action="admin_read", actor_id=reader.pk)
    assert [(row.target_id, row.details) for row in rows] == [
        (str(opinion.pk), {"lent": True})
    ] * 2


@pytest.mark.parametrize("make", [AgentFactory, FtAdminFactory])
def test_no_other_staff_read_it(client, make):
    """V5: neither an agent nor the administrator of a territory."""
    opinion = SecondOpinionFactory()
    sign_in(client, make(agency=AgencyFactory()))

    assert client.get(list_url("desk.secondopinion")).status_code == 403
    assert WORDS not in client.get(sheet_url(opinion), follow=True).text
    post = client.post(verb_url(opinion, "regle-a-tort"), {"because": "metier"})
    assert post.status_code in {302, 403, 404}
    opinion.refresh_from_db()
    assert opinion.state == OpinionState.ASKED


@pytest.mark.parametrize(
    ("slug", "because", "state"),
    [
        ("regle-a-tort", "metier", OpinionState.RULE_WRONG),
        ("regle-a-raison", "dit", OpinionState.RULE_RIGHT),
    ],
)
def test_an_answer_takes_the_sentence_away(client, slug, because, state):
    """V5."""
    opinion = SecondOpinionFactory(sentence=WORDS)
    sign_in(client, national())

    page = client.post(verb_url(opinion, slug), {"because": because}, follow=True).text

    opinion.refresh_from_db()
    assert (opinion.state, opinion.because, opinion.sealed) == (state, because, None)
    assert WORDS not in page
    assert AuditEntry.objects.get(action="opinion_given").details == {
        "state": state,
        "because": because,
    }


def test_a_reason_fits_its_answer(client):
    opinion = SecondOpinionFactory()

    with pytest.raises(MoveRefused, match="motif"):
        actions.answer(
            opinion, by=national(), state=OpinionState.RULE_WRONG, because="dit"
        )


def test_the_desk_tells_that_sentences_wait(client):
    """U15."""
    SecondOpinionFactory()
    SecondOpinionFactory(overdue=True)
    SecondOpinionFactory(answered=True)
    sign_in(client, national())

    queues = client.get(reverse("admin:index")).context["queues"]

    (tile,) = [q for q in queues if q.label == "Avis demandés sur des textes"]
    assert (tile.value, tile.is_waiting) == ("1", True)
    assert client.get(tile.url).context["cl"].result_count == 1


# --- The clock ------------------------------------------------------------------------


def test_after_72_hours_nobody_reads_it_though_no_job_came(client):
    """V5, R12: by predicate."""
    opinion = SecondOpinionFactory(sentence=WORDS, overdue=True)
    sign_in(client, national())

    page = client.get(sheet_url(opinion)).text

    assert opinion.sealed is not None
    assert opinion.sentence == ""
    assert WORDS not in page
    assert "effacée sans réponse" in page
    client.post(verb_url(opinion, "regle-a-tort"), {"because": "metier"})
    with pytest.raises(MoveRefused, match="déjà effacée"):
        actions.answer(
            opinion, by=national(), state=OpinionState.RULE_WRONG, because="metier"
        )


def test_the_row_of_a_sentence_is_empty_at_73_hours(time_machine):
    """V5."""
    opinion = SecondOpinionFactory()
    erase_opinions()
    opinion.refresh_from_db()
    assert opinion.sealed is not None

    time_machine.move_to(timezone.now() + 73 * HOUR)
    for _ in range(2):
        erase_opinions()

    opinion.refresh_from_db()
    assert (opinion.state, opinion.sealed) == (OpinionState.LAPSED, None)
    assert AuditEntry.objects.filter(action="opinion_lapsed").count() == 1


def test_a_silence_is_told_to_who_asked(client, adviser):
    SecondOpinionFactory(account=adviser, overdue=True)

    assert "L’avis que vous aviez demandé" in client.get(reverse("home")).text
    assert "Personne n’a répondu" in client.get(reverse("opinions")).text


# --- What the database holds ----------------------------------------------------------


def refuses(**changes):
    """Whether PostgreSQL refuses these columns, whoever writes."""
    opinion = SecondOpinionFactory()
    try:
        with transaction.atomic():
            SecondOpinion.objects.filter(pk=opinion.pk).update(**changes)
    except IntegrityError:
        return True
    return False


def test_no_statement_keeps_a_sentence_longer_or_in_the_place_of_another():
    """V5, R11: constraints and triggers, SQL included."""
    later = timezone.now() + 100 * HOUR
    ended = {"ended_at": timezone.now(), "because": "metier"}

    assert refuses(until=later)
    assert refuses(sealed=b"another")
    assert refuses(asked_at=timezone.now() + HOUR)
    assert refuses(place="accounts.user.function")
    assert refuses(state="regle_a_tort", **ended)
    assert refuses(state="demande", sealed=None)
    assert refuses(state="regle_a_raison", sealed=None, **ended)
    assert not refuses(state="regle_a_tort", sealed=None, **ended)


def test_no_row_begins_with_more_time_than_72_hours_or_in_the_future():
    """V5."""
    now = timezone.now()
    for given in (
        {"until": now + 73 * HOUR},
        {"asked_at": now + 24 * HOUR, "until": now + 90 * HOUR},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondOpinionFactory(**given)


# --- Personal data --------------------------------------------------------------------


def test_the_copy_of_ones_data_tells_the_question_without_the_sentence(adviser):
    """V13."""
    SecondOpinionFactory(account=adviser, sentence=WORDS)

    dossier = person_file.collect(Person(accounts=frozenset({adviser.pk})))
    copy = person_file.as_json(dossier)

    assert PLACE in copy
    assert "canari" not in copy
    assert "gAAAA" not in copy  # How a sealed text begins.


def test_questions_go_two_years_after_their_end(time_machine):
    """V9."""
    SecondOpinionFactory(answered=True)
    retention.run()
    assert SecondOpinion.objects.exists()

    time_machine.move_to(timezone.now() + dt.timedelta(days=735))
    retention.run()

    assert not SecondOpinion.objects.exists()
