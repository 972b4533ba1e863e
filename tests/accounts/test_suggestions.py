"""What partners propose to change in Opus, and what is answered (art. 11)."""

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import meetings
from accounts.models import Suggestion, SuggestionState
from opus.lib import outbox
from opus.lib.models import AuditEntry
from opus.lib.states import MoveRefused
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    ReviewMeetingFactory,
    RgcFactory,
    StructureFactory,
    SuggestionFactory,
)
from tests.admin.registers import list_url, sheet_url, text_of, verb_url
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


def type_by_hand(statement: str) -> None:
    """As somebody would at PostgreSQL's own prompt."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


TYPED = {"area": "offres", "title": "Trier par distance", "text": "La liste, de près."}


@pytest.mark.parametrize("maker", [AdviserFactory, RgcFactory])
def test_any_member_deposits_a_proposal_for_the_structure(client: Client, maker):
    member = maker()
    sign_in(client, member)

    response = client.post(reverse("suggestion_add"), TYPED, follow=True)

    suggestion = Suggestion.objects.get()
    assert (suggestion.structure, suggestion.author) == (member.structure, member)
    assert "Votre proposition est déposée" in response.text
    entry = AuditEntry.objects.get(action="suggestion_changed")
    assert entry.details == {
        "verb": "deposit",
        "structure": member.structure_id,
        "area": "offres",
    }


def test_a_bad_answer_loses_nothing_of_the_rest(client: Client):
    """A5: the box says what is wrong; the other boxes keep their words."""
    sign_in(client, AdviserFactory())

    page = client.post(
        reverse("suggestion_add"), TYPED | {"area": "", "title": "Appeler x@y.example"}
    ).text

    assert "La liste, de près." in page
    assert "Choisissez une réponse à « Domaine »" in page
    assert "rien n’est enregistré" in page
    assert not Suggestion.objects.exists()


def test_a_form_sent_twice_deposits_once(client: Client):
    sign_in(client, AdviserFactory())
    client.post(reverse("suggestion_add"), TYPED)

    page = client.post(reverse("suggestion_add"), TYPED).text

    assert "déjà déposé une proposition qui porte ce titre" in page
    assert Suggestion.objects.count() == 1


def test_it_is_studied_kept_and_done_with_an_answer_at_each_step(client: Client):
    """Art. 11: the structure reads its history, France Travail's agents unnamed."""
    suggestion, admin = SuggestionFactory(), FtAdminFactory(last_name="Zzagent")
    meetings.study(suggestion, by=admin, answer="Nous regardons.")
    meetings.keep(suggestion, by=admin, version="2027.1", answer="Bonne idée.")
    meetings.finish(suggestion, by=admin, answer="En service.")
    sign_in(client, AdviserFactory(structure=suggestion.structure))

    page = client.get(suggestion.get_absolute_url()).text

    for words in ["Nous regardons.", "Bonne idée.", "En service.", "2027.1"]:
        assert words in page
    assert "Zzagent" not in page
    assert "Réalisée" in page


def test_what_is_kept_says_for_when():
    suggestion = SuggestionFactory(state=SuggestionState.STUDIED)
    with pytest.raises(MoveRefused, match="pour quand"):
        meetings.keep(suggestion, by=FtAdminFactory())
    with pytest.raises(IntegrityError, match="kept_suggestion_says_when"):
        Suggestion.objects.filter(pk=suggestion.pk).update(state="retenue")


def test_what_is_set_aside_says_why():
    with pytest.raises(MoveRefused, match="pourquoi"):
        meetings.set_aside(SuggestionFactory(), by=FtAdminFactory(), answer=" ")


def test_a_partner_moves_no_proposal():
    suggestion = SuggestionFactory()
    with pytest.raises(MoveRefused, match="personnel de France Travail"):
        meetings.study(suggestion, by=suggestion.author)


def test_each_move_is_told_to_the_author_and_the_rgc_by_a_link(
    django_capture_on_commit_callbacks,
):
    """V17: no word of the proposal, nor of the answer."""
    suggestion = SuggestionFactory(title="Titre secret", text="Texte secret")
    rgc = RgcFactory(structure=suggestion.structure)
    AdviserFactory(structure=suggestion.structure)

    with django_capture_on_commit_callbacks(execute=True):
        meetings.study(suggestion, by=FtAdminFactory(), answer="Réponse secrète")
    outbox.relay()

    assert {letter.to[0] for letter in mail.outbox} == {
        suggestion.author.email,
        rgc.email,
    }
    for letter in mail.outbox:
        assert suggestion.get_absolute_url() in letter.body
        assert "secr" not in letter.subject + letter.body


def test_depositing_and_withdrawing_write_to_nobody(
    client: Client, django_capture_on_commit_callbacks
):
    sign_in(client, AdviserFactory())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("suggestion_add"), TYPED)
        path = reverse("suggestion_withdraw", args=[Suggestion.objects.get().pk])
        client.post(path)
    outbox.relay()

    assert Suggestion.objects.get().state == SuggestionState.WITHDRAWN
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("who", "state", "ends"),
    [
        ("author", "deposee", "retiree"),
        ("rgc", "deposee", "retiree"),
        ("colleague", "deposee", "deposee"),
        ("author", "etude", "etude"),
        ("rgc", "ecartee", "ecartee"),
    ],
)
def test_it_is_withdrawn_by_its_author_or_the_rgc_while_nobody_answered(
    client: Client, who, state, ends
):
    suggestion = SuggestionFactory(state=state)
    makers: dict[str, Any] = {"rgc": RgcFactory, "colleague": AdviserFactory}
    person = (
        suggestion.author
        if who == "author"
        else makers[who](structure=suggestion.structure)
    )
    sign_in(client, person)
    button = "Retirer la proposition" in client.get(suggestion.get_absolute_url()).text

    client.post(reverse("suggestion_withdraw", args=[suggestion.pk]))

    suggestion.refresh_from_db()
    assert suggestion.state == ends
    assert button is (ends == "retiree")


def test_another_structures_proposal_does_not_exist(client: Client):
    """S20."""
    suggestion = SuggestionFactory()
    sign_in(client, RgcFactory())

    assert client.get(suggestion.get_absolute_url()).status_code == 404
    path = reverse("suggestion_withdraw", args=[suggestion.pk])
    assert client.post(path).status_code == 404
    assert suggestion.title not in client.get(reverse("suggestions")).text


def test_it_is_spoken_of_at_a_meeting_of_its_own_structure():
    suggestion, admin = SuggestionFactory(), FtAdminFactory()
    ours = ReviewMeetingFactory(
        convention=suggestion.structure.conventions.get(), held=True
    )
    meetings.discuss(suggestion, by=admin, meeting=ours)

    with pytest.raises(MoveRefused, match="autre structure"):
        meetings.discuss(suggestion, by=admin, meeting=ReviewMeetingFactory(held=True))

    suggestion.refresh_from_db()
    assert suggestion.meeting == ours


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM accounts_suggestion",
        "UPDATE accounts_suggestion SET text = 'Autre chose.'",
        "UPDATE accounts_suggestion SET title = 'Autre chose.'",
        "UPDATE accounts_answer SET text = 'Autre chose.'",
        "DELETE FROM accounts_answer",
        "UPDATE accounts_suggestion SET state = 'realisee'",
    ],
)
def test_words_once_given_stay(statement):
    """Whoever writes, by hand too."""
    meetings.study(SuggestionFactory(), by=FtAdminFactory(), answer="Nous regardons.")

    with pytest.raises(IntegrityError):
        type_by_hand(statement)


def test_the_list_costs_the_same_whatever_its_length(client: Client):
    author = AdviserFactory()
    sign_in(client, author)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("suggestions")).status_code == 200
        return len(queries)

    SuggestionFactory(author=author)
    count()
    with_one = count()
    SuggestionFactory(author=author)
    SuggestionFactory(author=AdviserFactory(structure=author.structure))

    assert count() == with_one


# --- The desk ---------------------------------------------------------------------


def test_what_waits_has_its_tile_and_its_list(as_ft_admin: Client):
    waits = SuggestionFactory()
    studied = SuggestionFactory(state=SuggestionState.STUDIED)

    desk = text_of(as_ft_admin.get("/admin/"))
    page = text_of(
        as_ft_admin.get(list_url("accounts.suggestion"), {"suite": "attente"})
    )

    assert "Propositions d’évolution" in desk
    assert waits.title in page
    assert studied.title not in page


def test_an_agent_reads_the_proposals_of_his_territory_and_moves_none(client: Client):
    """S27: an administrator answers for France Travail."""
    agent = AgentFactory()
    ours = SuggestionFactory(author__structure=StructureFactory(agency=agent.agency))
    theirs = SuggestionFactory(
        author__structure=StructureFactory(agency=AgencyFactory())
    )
    sign_in(client, agent)

    page = text_of(client.get(list_url("accounts.suggestion")))

    assert ours.title in page
    assert theirs.title not in page
    assert client.get(sheet_url(theirs)).status_code == 302
    assert client.post(verb_url(ours, "etudier"), {}).status_code == 403


def test_keeping_without_a_day_or_a_version_loses_nothing(as_ft_admin: Client):
    suggestion = SuggestionFactory(state=SuggestionState.STUDIED)

    page = text_of(
        as_ft_admin.post(verb_url(suggestion, "retenir"), {"answer": "Bonne idée."})
    )

    assert "Dites pour quand" in page
    assert "Bonne idée." in page


def test_an_administrator_keeps_one_for_a_day(as_ft_admin: Client):
    suggestion = SuggestionFactory(state=SuggestionState.STUDIED)
    today = timezone.localdate()

    as_ft_admin.post(verb_url(suggestion, "retenir"), {"on": today.isoformat()})

    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.planned_on) == (SuggestionState.KEPT, today)
