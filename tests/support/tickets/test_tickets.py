"""Requests for assistance: delays, life, readers (art. 6, R11, R18)."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.support.tasks import close_tickets
from opus.support.tickets import actions
from opus.support.tickets.models import SIGNER, Closing, Due, Kind, Ticket, TicketState
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.admin.registers import action_url, list_url, record_url, text_of
from tests.conftest import sign_in
from tests.harness import in_parallel
from tests.opus.page import Page
from tests.support.factories import TicketFactory, late_by

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
S = TicketState
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ASKED = {
    "topic": "offres",
    "subject": "Une offre ne s’ouvre pas",
    "text": "Elle affiche une page vide.",
}
PROPOSED = ASKED | {"topic": "evolution"}
OPEN = ASKED | {"topic": "connexion", "email": "perdue@ccas.example"}


def paris(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


def send_letters():
    outbox.relay()
    return mail.outbox


# --- Delays ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "registered", "answer"),
    [
        # Within the hours of the service: at once.
        ("2026-11-25T10:00", "2026-11-25T10:00", "2026-11-27T10:00"),
        ("2026-11-25T08:30", "2026-11-25T08:30", "2026-11-27T08:30"),
        # A second before the opening, and at the closing, which is left out.
        ("2026-11-25T08:29:59", "2026-11-25T08:30", "2026-11-27T08:30"),
        ("2026-11-25T17:59:59", "2026-11-25T17:59:59", "2026-11-27T17:59:59"),
        ("2026-11-25T18:00", "2026-11-26T08:30", "2026-11-30T08:30"),
        # Over a weekend, from a Friday evening, and over Easter Monday.
        ("2026-11-27T09:00", "2026-11-27T09:00", "2026-12-01T09:00"),
        ("2026-11-27T19:00", "2026-11-30T08:30", "2026-12-02T08:30"),
        ("2026-04-03T19:00", "2026-04-07T08:30", "2026-04-09T08:30"),
        # Over the change of the hour: the same time on the clock.
        ("2026-10-23T10:00", "2026-10-23T10:00", "2026-10-27T10:00"),
    ],
)
def test_the_answer_is_due_two_working_days_after_the_registration(
    asked, registered, answer
):
    """R18, article 6."""
    with time_machine.travel(paris(asked), tick=False):
        ticket = actions.open_ticket(by=AdviserFactory(), **ASKED)

    assert ticket.registered_at == paris(registered)
    assert ticket.answer_due_at == paris(answer)


def test_the_acknowledgement_is_due_fifteen_working_days_after_the_registration():
    """R18: the convention's own number, long after the letter that leaves at once."""
    with time_machine.travel(paris("2026-12-14T10:00"), tick=False):
        ticket = actions.open_ticket(by=AdviserFactory(), **ASKED)

    # Christmas and New Year's Day are Fridays.
    assert ticket.receipt_due_at == paris("2027-01-06T10:00")


@given(minutes=st.integers(0, 60 * 24 * 400))
@hypothesis_settings(max_examples=60)
def test_no_deadline_falls_out_of_the_hours_of_the_service(minutes):
    """R18."""
    ticket = Ticket()
    ticket.start_clock(paris("2026-01-01T00:00") + dt.timedelta(minutes=minutes))

    for at in (ticket.registered_at, ticket.answer_due_at, ticket.receipt_due_at):
        local = timezone.localtime(at)
        assert local.weekday() < 5
        assert dt.time(8, 30) <= local.time() < dt.time(18)
    assert ticket.registered_at < ticket.answer_due_at < ticket.receipt_due_at


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-26T23:59:59", Due.AHEAD),
        ("2026-11-27T00:00", Due.TODAY),
        ("2026-11-27T09:59:59", Due.TODAY),
        ("2026-11-27T10:00", Due.LATE),
    ],
)
def test_what_presses_is_told_by_a_word_to_the_second(now, due):
    """R18: the list and the sheet count alike."""
    with time_machine.travel(paris("2026-11-25T10:00"), tick=False):
        ticket = TicketFactory()

    with time_machine.travel(paris(now), tick=False):
        assert ticket.due == due
        assert list(Ticket.objects.late()) == [ticket] * (due == Due.LATE)
        assert list(Ticket.objects.due_today()) == [ticket] * (due == Due.TODAY)


def test_an_answer_says_for_ever_whether_it_was_in_time():
    kept, missed = TicketFactory(), late_by(TicketFactory(), HOUR)

    for ticket in (kept, missed):
        actions.answer(ticket, by=FtAdminFactory(), text="Voici.")

    assert {row.pk: row.due for row in Ticket.objects.all()} == {
        kept.pk: Due.KEPT,
        missed.pk: Due.MISSED,
    }


def test_a_question_of_france_travails_stops_no_delay():
    """R18: *en attente de précision* stops nothing."""
    ticket = TicketFactory()
    actions.request_details(ticket, by=FtAdminFactory(), text="Quelle offre ?")

    before = Ticket.objects.get()
    late_by(before, HOUR)

    assert before.answer_due_at != ticket.answer_due_at
    assert list(Ticket.objects.late()) == [before]


# --- From the form to its answer ------------------------------------------------------


def test_a_request_has_its_number_at_once_and_its_letter_tells_no_text(
    as_adviser: Client, adviser
):
    """Article 6, V17: acknowledged at once; number and deadlines, not the words."""
    with time_machine.travel(paris("2026-11-25T10:00"), tick=False):
        sign_in(as_adviser, adviser)
        page = as_adviser.post("/contact/", ASKED, follow=True)
    (letter,) = send_letters()

    ticket = Ticket.objects.get()
    assert (ticket.author, ticket.structure) == (adviser, adviser.structure)
    assert re.fullmatch(r"AST-2026-\d{6}", ticket.number)
    assert f"Votre demande est enregistrée sous le n° {ticket.number}" in (
        page.text.replace("\xa0", " ")
    )
    assert letter.to == [adviser.email]
    assert ticket.number in letter.subject
    assert "vendredi 27 novembre 2026 à 10 h 00" in letter.body.replace("\xa0", " ")
    assert ticket.get_absolute_url() in letter.body
    assert ASKED["text"] not in letter.body + letter.subject
    assert ASKED["subject"] not in letter.body + letter.subject


def test_bad_input_loses_nothing_of_the_rest(as_adviser: Client):
    """A5."""
    page = as_adviser.post("/contact/", ASKED | {"text": "x" * 2001})

    assert page.context["form"].errors.keys() == {"text"}
    assert "2001 caractères" in page.text
    assert ASKED["subject"] in page.text
    assert "x" * 2001 in page.text
    assert not Ticket.objects.exists()


def test_the_rule_of_article_9_stands_beside_the_message(client: Client):
    """Article 9.1: said where one writes."""
    assert "Aucune donnée personnelle d’un candidat" in client.get("/contact/").text


def test_staff_answers_and_the_author_is_told_by_a_link_alone(
    as_ft_admin: Client, ft_admin, client: Client
):
    """V17."""
    ticket = TicketFactory()

    as_ft_admin.post(
        action_url(ticket, "repondre"), {"text": "Réponse confidentielle."}
    )

    ticket.refresh_from_db()
    assert (ticket.state, ticket.assignee) == (S.ANSWERED, ft_admin)
    assert [step.target for step in ticket.steps.all()] == [S.TAKEN, S.ANSWERED]
    (letter,) = send_letters()
    assert ticket.get_absolute_url() in letter.body
    assert "confidentielle" not in letter.body
    page = sign_in(client, ticket.author).get(ticket.get_absolute_url())
    assert "Réponse confidentielle." in page.text


def test_a_precision_is_asked_and_given(as_ft_admin: Client, client: Client):
    ticket = TicketFactory()
    as_ft_admin.post(action_url(ticket, "preciser"), {"text": "Quelle offre ?"})
    (letter,) = send_letters()
    assert "précision attendue" in letter.subject

    sign_in(client, ticket.author)
    page = client.get(ticket.get_absolute_url())
    client.post(ticket.get_absolute_url(), {"text": "La 188VMCV."})

    assert "Donner la précision demandée" in page.text
    ticket.refresh_from_db()
    assert ticket.state == S.TAKEN
    assert [message.kind for message in ticket.messages.all()] == [
        Kind.AUTHOR,
        Kind.QUESTION,
        Kind.AUTHOR,
    ]


def test_its_author_reopens_it_and_another_delay_begins():
    with time_machine.travel(paris("2026-11-25T10:00"), tick=False):
        ticket = TicketFactory(answered=True)
    with time_machine.travel(paris("2026-12-10T09:59:59"), tick=False):
        actions.speak(ticket, by=ticket.author, text="Toujours vide.")

    ticket.refresh_from_db()
    assert ticket.state == S.REOPENED
    assert ticket.answer_due_at == paris("2026-12-14T09:59:59")
    assert ticket.is_owed


def test_reopened_then_closed_as_a_duplicate_it_has_no_answer_in_time():
    """R18: the first answer is not that of the second request."""
    ticket = TicketFactory(answered=True)
    actions.speak(ticket, by=ticket.author, text="Toujours vide.")
    actions.take_charge(ticket, by=(admin := FtAdminFactory()))
    actions.close(ticket, by=admin, closing=Closing.DUPLICATE)

    ticket.refresh_from_db()
    assert ticket.due == Due.NONE


@pytest.mark.parametrize("trait", ["answered", "closed"])
def test_past_fifteen_days_a_request_is_not_reopened(client: Client, trait):
    """To the second; what was written is not lost."""
    with time_machine.travel(paris("2026-11-25T10:00"), tick=False):
        ticket = TicketFactory(**{trait: True})
    with time_machine.travel(paris("2026-12-10T10:00"), tick=False):
        sign_in(client, ticket.author)
        page = client.get(ticket.get_absolute_url())
        answer = client.post(ticket.get_absolute_url(), {"text": "Toujours vide."})

    assert "<textarea" not in page.text
    assert answer.status_code == 409
    assert "Toujours vide." in answer.text
    assert "ne peut plus être rouverte" in answer.text
    ticket.refresh_from_db()
    assert ticket.state in {S.ANSWERED, S.CLOSED}
    assert ticket.messages.count() == 1


def test_a_duplicate_is_closed_without_answer_and_for_good(as_ft_admin: Client):
    ticket = TicketFactory(taken=True)

    as_ft_admin.post(action_url(ticket, "clore"), {"closing": "repondue"})
    ticket.refresh_from_db()
    assert ticket.state == S.TAKEN  # That reason needs an answer.
    as_ft_admin.post(action_url(ticket, "clore"), {"closing": "doublon"})

    ticket.refresh_from_db()
    assert (ticket.state, ticket.due) == (S.CLOSED, Due.NONE)
    with pytest.raises(MoveRefused, match="nouvelle demande"):
        actions.speak(ticket, by=ticket.author, text="Encore.")


def test_the_clock_closes_what_was_answered_fifteen_days_ago():
    old = TicketFactory(answered=True, answered_at=timezone.now() - 15 * DAY)
    recent = TicketFactory(answered=True, answered_at=timezone.now() - 15 * DAY + HOUR)
    owed = late_by(TicketFactory(taken=True), 40 * DAY)

    close_tickets()
    close_tickets()

    states = dict(Ticket.objects.values_list("pk", "state"))
    assert states == {old.pk: S.CLOSED, recent.pk: S.ANSWERED, owed.pk: S.TAKEN}
    assert AuditEntry.objects.get().details == {
        "what": "cloture",
        "closing": "repondue",
    }


def test_a_request_is_given_to_a_colleague_who_sees_it(as_ft_admin: Client):
    """S27: neither to an agent nor to another territory's administrator."""
    ticket = TicketFactory()
    lyon = AgencyFactory(safir="69188", kind="dt", department="69")
    elsewhere = FtAdminFactory(agency=lyon)
    colleague, agent = FtAdminFactory(), AgentFactory()
    url = action_url(ticket, "confier")

    for nobody in (elsewhere, agent, ticket.author):
        as_ft_admin.post(url, {"to": nobody.pk})
        ticket.refresh_from_db()
        assert ticket.assignee is None
    as_ft_admin.post(url, {"to": colleague.pk})

    ticket.refresh_from_db()
    assert (ticket.state, ticket.assignee) == (S.TAKEN, colleague)
    (letter,) = send_letters()
    assert letter.to == [colleague.email]
    assert letter.subject == f"Opus : la demande {ticket.number} vous est confiée"
    assert record_url(ticket) in letter.body
    assert ticket.subject not in letter.body


@pytest.mark.parametrize(
    ("trait", "who"), [({}, None), ({"by_mail": True}, "le demandeur")]
)
def test_the_history_calls_the_authors_answer_by_its_name(as_ft_admin, trait, who):
    ticket = TicketFactory(**trait)
    actions.request_details(ticket, by=FtAdminFactory(), text="Quelle offre ?")
    actions.speak(ticket, by=ticket.author, text="La 12.")

    page = Page.of(as_ft_admin.get(record_url(ticket)))
    history = page.all("ol", **{"class": "timeline"})[-1].words()

    assert f"Précision reçue, par {who or ticket.author}" in history
    assert history.count("Prise en charge") == 1
    assert "par Opus" not in history


# --- Proposals of evolution (art. 11) -------------------------------------------------


def test_a_structure_follows_all_its_proposals(client: Client):
    """Each member reads them, with France Travail's answers, and its agents unnamed."""
    author, staff = AdviserFactory(), FtAdminFactory(last_name="Zzagent")
    sign_in(client, author)
    page = client.get("/contact/", {"sujet": "evolution"}).text
    assert 'value="evolution" selected' in page
    client.post("/contact/", PROPOSED)
    ticket = Ticket.objects.get()
    actions.follow_up(ticket, "etude", by=staff, text="Nous regardons.")
    actions.follow_up(ticket, "prevue", by=staff, text="Au printemps.")
    actions.follow_up(ticket, "livree", by=staff)

    for reader in (
        RgcFactory(structure=author.structure),
        AdviserFactory(structure=author.structure),
    ):
        sign_in(client, reader)
        listed = client.get("/contact/propositions/").text
        page = client.get(ticket.get_absolute_url()).text
        assert ticket.number in listed
        assert str(author) in listed
        for words in ["Reçue", "À l’étude", "Prévue", "Livrée", "Nous regardons."]:
            assert words in page
        assert "Au printemps." in page
        assert "Zzagent" not in page + listed
        answer = client.post(ticket.get_absolute_url(), {"text": "Moi aussi."})
        assert answer.status_code == 403
        assert ticket.number not in client.get("/contact/demandes/").text


def test_another_structures_proposal_does_not_exist(client: Client):
    """S20."""
    ticket = TicketFactory(proposal=True)
    sign_in(client, RgcFactory())

    assert client.get(ticket.get_absolute_url()).status_code == 404
    assert ticket.number not in client.get("/contact/propositions/").text


def test_each_status_is_announced_to_the_author_and_the_rgc_by_a_link(
    django_capture_on_commit_callbacks,
):
    """V17: no word of the proposal, nor of the answer."""
    ticket = TicketFactory(proposal=True, subject="Titre secret")
    rgc = RgcFactory(structure=ticket.structure)
    AdviserFactory(structure=ticket.structure)
    staff = FtAdminFactory()

    for target in ("etude", "prevue", "declinee"):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            actions.follow_up(
                ticket,
                target,
                by=staff,
                text="Réponse secrète",
                reason="Motif secret" if target == "declinee" else "",
            )
        outbox.relay()

        assert {one.to[0] for one in mail.outbox} == {ticket.author.email, rgc.email}
        for letter in mail.outbox:
            assert ticket.get_absolute_url() in letter.body
            assert "secr" not in letter.subject + letter.body


def test_declining_says_why_and_the_structure_reads_it(as_ft_admin: Client):
    ticket = TicketFactory(proposal=True)
    client = sign_in(Client(SERVER_NAME="localhost"), ticket.author)

    refused = text_of(as_ft_admin.post(action_url(ticket, "decliner"), {"reason": " "}))
    with (
        pytest.raises(IntegrityError, match="declined_proposal_says_why"),
        transaction.atomic(),
    ):
        actions.follow_up(ticket, "declinee", by=FtAdminFactory())
    as_ft_admin.post(action_url(ticket, "decliner"), {"reason": "Pas de données."})

    assert "pourquoi sa suggestion est déclinée" in refused
    for page in (ticket.get_absolute_url(), "/contact/propositions/"):
        assert "Pas de données." in client.get(page).text
        assert "déclinée" in client.get(page).text


def test_planning_says_for_when(as_ft_admin: Client):
    ticket = TicketFactory(proposal=True)
    as_ft_admin.post(action_url(ticket, "prevoir"), {"text": ""})
    ticket.refresh_from_db()
    assert ticket.state == S.OPEN

    as_ft_admin.post(action_url(ticket, "prevoir"), {"text": "En mars."})

    ticket.refresh_from_db()
    assert (ticket.state, ticket.due) == (S.PLANNED, Due.KEPT)


def test_a_proposal_gets_a_status_and_other_requests_an_answer(as_ft_admin: Client):
    proposal, other = TicketFactory(proposal=True), TicketFactory()

    with pytest.raises(MoveRefused, match="un état, pas une réponse"):
        actions.answer(proposal, by=FtAdminFactory(), text="Oui.")
    with pytest.raises(MoveRefused, match="pas une suggestion"):
        actions.follow_up(other, "etude", by=FtAdminFactory())
    buttons = text_of(as_ft_admin.get(record_url(proposal)))

    assert "Mettre à l’étude" in buttons
    assert "faire/repondre" not in buttons
    assert "Mettre à l’étude" not in text_of(as_ft_admin.get(record_url(other)))


def test_an_agent_reads_the_proposals_of_his_territory_and_nothing_else(client: Client):
    """S27: an administrator answers for France Travail."""
    agent = AgentFactory()
    near = AdviserFactory(structure=StructureFactory(agency=agent.agency))
    ours, other = TicketFactory(proposal=True, author=near), TicketFactory(author=near)
    theirs = TicketFactory(proposal=True)
    sign_in(client, agent)

    page = text_of(client.get(list_url("support.ticket")))

    assert ours.number in page
    assert other.number not in page
    assert theirs.number not in page
    assert client.post(action_url(ours, "etudier"), {}).status_code == 403


def test_france_travails_staff_propose_nothing(client: Client):
    sign_in(client, FtAdminFactory())
    assert "évolution" not in client.get("/contact/").text
    client.post("/contact/", PROPOSED)
    assert not Ticket.objects.exists()


# --- Who reads it ---------------------------------------------------------------------


def test_another_ones_request_does_not_exist_for_me(client: Client):
    """S20: neither for a colleague, nor for the RGC, nor for a stranger."""
    ticket = TicketFactory()
    colleague = AdviserFactory(structure=ticket.structure)
    rgc = RgcFactory(structure=ticket.structure)

    for user in (colleague, rgc, AdviserFactory(), FtAdminFactory()):
        sign_in(client, user)
        url = ticket.get_absolute_url()
        assert client.get(url).status_code == 404
        assert client.post(url, {"text": "Moi aussi."}).status_code == 404
        assert ticket.number not in client.get("/contact/demandes/").text
    assert ticket.messages.count() == 1


def test_an_internal_note_is_for_the_staff_alone(as_ft_admin: Client, client: Client):
    ticket = TicketFactory()

    as_ft_admin.post(action_url(ticket, "noter"), {"text": "Voir avec la régie."})

    assert "Voir avec la régie." in as_ft_admin.get(record_url(ticket)).text
    author = sign_in(client, ticket.author)
    assert "régie" not in author.get(ticket.get_absolute_url()).text
    assert OutboxEntry.objects.count() == 0


def test_a_territorys_administrator_sees_its_requests_and_those_given_to_him(
    client: Client,
):
    """S27."""
    territory = AgencyFactory(safir="38900", kind="dt")
    within = StructureFactory(agency=AgencyFactory(safir="38086", parent=territory))
    here = TicketFactory(author=AdviserFactory(structure=within))
    elsewhere = TicketFactory(
        author=AdviserFactory(
            structure=StructureFactory(
                agency=AgencyFactory(safir="69001", department="69")
            )
        )
    )
    by_mail = TicketFactory(by_mail=True)
    admin = FtAdminFactory(agency=territory)
    sign_in(client, admin)
    assert numbers_in(client) == {here.number}

    actions.assign(by_mail, by=FtAdminFactory(), to=admin)

    assert numbers_in(client) == {here.number, by_mail.number}
    assert client.get(record_url(elsewhere)).status_code == 302


def numbers_in(client):
    page = client.get(list_url("support.ticket"))
    return set(re.findall(r"AST-\d{4}-\d{6}", page.text))


@pytest.mark.parametrize("text", ["<script>x()</script>", "<img src=x onerror=y()>"])
def test_what_is_typed_runs_nowhere(as_ft_admin: Client, client: Client, text):
    """S29: neither on the author's page nor at the desk."""
    author = AdviserFactory()
    ticket = actions.open_ticket(
        by=author, topic="autre", subject=text, text=f"{text}\n\n{text}"
    )
    actions.answer(ticket, by=FtAdminFactory(), text=text)
    actions.note(ticket, by=FtAdminFactory(), text=text)

    pages = [
        sign_in(client, author).get(ticket.get_absolute_url()),
        client.get("/contact/demandes/"),
    ]
    staff = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
    sign_in(staff, FtAdminFactory())
    pages += [staff.get(record_url(ticket)), staff.get(list_url("support.ticket"))]

    for page in pages:
        assert page.status_code == 200
        assert text not in page.text
        assert "&lt;" in page.text


def test_the_list_of_ones_requests_costs_the_same_whatever_its_length(
    as_adviser: Client, adviser
):
    def count(url):
        with CaptureQueriesContext(connection) as queries:
            assert as_adviser.get(url).status_code == 200
        return len(queries)

    ticket = TicketFactory(author=adviser)
    count("/contact/demandes/")
    before = count("/contact/demandes/"), count(ticket.get_absolute_url())
    TicketFactory.create_batch(2, author=adviser)
    for _ in range(3):
        ticket.messages.create(kind=Kind.ANSWER, text="Oui.", by=FtAdminFactory())

    after = count("/contact/demandes/"), count(ticket.get_absolute_url())
    assert after == before


# --- Without signing in ---------------------------------------------------------------


def test_whoever_cannot_sign_in_writes_and_follows_it_by_a_link(
    client: Client, as_ft_admin: Client
):
    """Article 6: the link of the letter opens that request, and nothing else."""
    visitor = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
    sent = visitor.post("/contact/", OPEN, follow=True)
    ticket = Ticket.objects.get()
    (received,) = send_letters()
    as_ft_admin.post(action_url(ticket, "repondre"), {"text": "Voyez votre RGC."})
    link = re.search(r"/contact/lien/\S+", received.body)[0]

    page = visitor.get(link)
    answer = visitor.post(link, {"text": "Il est absent."})

    assert sent.redirect_chain == [("/contact/envoyee/", 302)]
    assert ticket.number in sent.text
    assert received.to == ["perdue@ccas.example"]
    assert "Voyez votre RGC." in page.text
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert ticket.state == S.REOPENED
    assert ticket.messages.last().by is None


def test_a_link_dies_and_opens_no_accounts_request(client: Client):
    by_mail, of_account = TicketFactory(by_mail=True), TicketFactory()
    token = SIGNER.sign(str(of_account.pk))
    with time_machine.travel(timezone.now() - settings.HELPDESK.link_lasts - HOUR):
        too_old = by_mail.link

    for dead in (f"/contact/lien/{token}/", too_old, by_mail.link[:-2] + "x/"):
        assert client.get(dead).status_code == 404
    assert client.get(by_mail.link).status_code == 200


def test_the_open_form_says_the_same_whoever_has_the_address(client: Client):
    """S7: neither page nor letter tells that the address has an account."""
    known = AdviserFactory(email="connue@ccas.example")
    pages = []
    for email in (known.email, "inconnue@ccas.example"):
        page = client.post("/contact/", OPEN | {"email": email}, follow=True)
        pages.append(re.sub(r"AST-\d{4}-\d{6}", "", page.text))

    assert strip(pages[0]) == strip(pages[1])
    assert [ticket.author for ticket in Ticket.objects.all()] == [None, None]


def strip(page):
    return re.sub(r'nonce="[^"]*"|value="[^"]*"|content="[^"]*"', "", page)


def test_the_open_form_offers_fewer_subjects(client: Client):
    page = client.post("/contact/", OPEN | {"topic": "comptes"})

    assert page.context["form"].errors.keys() == {"topic"}


def test_the_open_form_is_measured_by_network_and_loses_no_word(client: Client):
    """S6: a 429 that gives the message back."""
    limit = settings.HELPDESK.open_forms_an_hour
    for n in range(limit):
        data = OPEN | {"email": f"une{n}@ccas.example"}
        assert client.post("/contact/", data).status_code == 302

    refused = client.post("/contact/", OPEN)

    assert (refused.status_code, Ticket.objects.count()) == (429, limit)
    assert int(refused["Retry-After"]) > 0
    assert OPEN["text"] in refused.text
    elsewhere = client.post("/contact/", OPEN, REMOTE_ADDR="198.51.100.9")
    assert elsewhere.status_code == 302


def test_one_mailbox_gets_so_many_letters_in_a_day_from_anywhere(client: Client):
    """Nobody is flooded by a form that others fill in his name."""
    limit = settings.HELPDESK.open_forms_a_day_of_a_mailbox
    answers = [
        client.post(
            "/contact/",
            OPEN
            | {"email": "Victime@ccas.example" if n % 2 else "victime@ccas.example"},
            REMOTE_ADDR=f"198.51.100.{n}",
        ).status_code
        for n in range(limit + 1)
    ]

    assert answers == [302] * limit + [429]
    assert len(send_letters()) == limit


def test_an_account_writes_so_often_in_a_day(as_adviser: Client, adviser):
    limit = settings.HELPDESK.messages_a_day
    url = TicketFactory(author=adviser).get_absolute_url()
    for _ in range(limit):
        assert as_adviser.post(url, {"text": "Encore."}).status_code == 302

    refused = as_adviser.post(url, {"text": "Une fois de trop."})

    assert refused.status_code == 429
    assert "Une fois de trop." in refused.text


def test_with_the_password_alone_the_open_form_shows(client: Client):
    """Who lost the second factor can ask; nothing of the account is shown."""
    adviser = AdviserFactory()
    client.force_login(adviser, "accounts.signin.backends.IdentifierBackend")

    page = client.get("/contact/")

    assert page.context["form"].fields.keys() >= {"email"}
    assert adviser.email not in page.text


# --- At the desk ----------------------------------------------------------------------


def test_the_tiles_count_what_their_lists_show(as_ft_admin: Client):
    """U15, R18."""
    with time_machine.travel(paris("2026-11-25T10:00"), tick=False):
        TicketFactory()
        TicketFactory(waiting=True)
        TicketFactory(answered=True)
    with time_machine.travel(paris("2026-11-24T09:00"), tick=False):
        TicketFactory(taken=True)

    with time_machine.travel(paris("2026-11-26T12:00"), tick=False):
        sign_in(as_ft_admin, FtAdminFactory())
        page = as_ft_admin.get(reverse("admin:index"))
        tiles = {tile.label: tile for tile in page.context["queues"]}
        late = tiles["Demandes d’assistance en retard"]
        assert late.value == "1"
        assert as_ft_admin.get(late.url).context["cl"].result_count == 1
    with time_machine.travel(paris("2026-11-27T09:00"), tick=False):
        sign_in(as_ft_admin, FtAdminFactory())
        page = as_ft_admin.get(reverse("admin:index"))
        tiles = {tile.label: tile for tile in page.context["queues"]}
        today = tiles["Demandes à répondre aujourd’hui"]
        assert today.value == "2"
        assert as_ft_admin.get(today.url).context["cl"].result_count == 2


def test_a_deadline_is_told_by_a_word_beside_its_colour(as_ft_admin: Client):
    """RGAA 3.1."""
    late = late_by(TicketFactory(), HOUR)

    row = Page.of(as_ft_admin.get(list_url("support.ticket"))).one(
        "span", **{"class": "late"}
    )

    assert "en retard" in row.words()
    assert "en retard" in as_ft_admin.get(record_url(late)).text


def test_the_sheet_tells_when_the_acknowledgement_left(
    as_ft_admin: Client, as_adviser: Client
):
    """R18."""
    adviser = AdviserFactory()
    ticket = actions.open_ticket(by=adviser, **ASKED)
    sign_in(as_ft_admin, FtAdminFactory())
    assert "le courriel va partir" in as_ft_admin.get(record_url(ticket)).text

    send_letters()

    assert "parti le" in as_ft_admin.get(record_url(ticket)).text


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_answer_at_once_make_one_answer():
    """R11: the row under lock decides."""
    ticket = TicketFactory()
    staff = FtAdminFactory.create_batch(2)

    def answer(by):
        return lambda: actions.answer(Ticket.objects.get(), by=by, text="Voici.")

    results = in_parallel(*map(answer, staff))

    assert sum(isinstance(one, MoveRefused) for one in results) == 1
    assert ticket.messages.filter(kind=Kind.ANSWER).count() == 1
    assert OutboxEntry.objects.count() == 1


# --- What the database holds ----------------------------------------------------------


def test_what_was_said_is_not_rewritten():
    message = TicketFactory().messages.get()

    with pytest.raises(IntegrityError, match="ne se modifie pas"), transaction.atomic():
        message.ticket.messages.update(text="Autre chose.")


@pytest.mark.parametrize(
    ("trait", "changes"),
    [
        ("answered", {"answered_at": None}),
        ("closed", {"closing": ""}),
        ("taken", {"closing": "doublon"}),
        ("taken", {"assignee": None}),
        ("taken", {"topic": "meteo"}),
        ("taken", {"email": "deux@ccas.example"}),
        ("by_mail", {"email": ""}),
        ("taken", {"state": "etude", "answered_at": timezone.now()}),
        ("taken", {"topic": "evolution", "structure": None}),
        ("answered", {"topic": "evolution"}),
        ("declined_proposal", {"declined_because": ""}),
        ("proposal", {"declined_because": "Sans être déclinée."}),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_by_the_database(trait, changes):
    ticket = TicketFactory(**{trait: True})

    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(**changes)


GESTURES = {
    "take_charge": {},
    "assign": {},
    "answer": {"text": "Oui."},
    "request_details": {"text": "Quoi ?"},
    "speak": {"text": "Encore."},
    "follow_up": {"target": S.STUDIED},
    "close": {"closing": Closing.DUPLICATE},
}
TRAITS = [
    *([], ["taken"], ["waiting"], ["answered"], ["closed"], ["reopened"]),
    *(["proposal"], ["proposal", "studied"], ["declined_proposal"]),
]


@pytest.mark.parametrize("traits", TRAITS, ids=" ".join)
@pytest.mark.parametrize("gesture", GESTURES)
def test_each_gesture_is_done_with_one_line_of_the_journal_or_refused_whole(
    traits, gesture
):
    """R11: in each state; the table of moves is compared by ``tests/test_docs.py``."""
    ticket = TicketFactory(**dict.fromkeys(traits, True))
    given = {"to": FtAdminFactory()} if gesture == "assign" else GESTURES[gesture]
    state, steps = ticket.state, ticket.steps.count()

    try:
        getattr(actions, gesture)(ticket, by=FtAdminFactory(), **given)
    except MoveRefused:
        ticket.refresh_from_db()
        assert (ticket.state, ticket.steps.count()) == (state, steps)
        assert not AuditEntry.objects.exists()
    else:
        ticket.refresh_from_db()
        assert AuditEntry.objects.count() == 1
        if ticket.state != state:
            assert ticket.steps.last().target == ticket.state
