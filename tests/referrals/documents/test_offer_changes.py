"""The offer changes, the paper follows: the table of docs/states.md (art. 7)."""

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from offers.enums import OfferState
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from referrals.acts import jobs
from referrals.acts.timeline import timeline_of
from referrals.documents.actions import (
    current_document,
    make_document,
    papers_of,
    renew_document,
)
from referrals.documents.jobs import notify_changes
from referrals.documents.models import Document
from referrals.preselection.actions import shortlist_after
from referrals.todo.open_acts import open_acts_of
from tests.accounts.factories import AdviserFactory
from tests.conftest import sign_in
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.offer_events import write
from tests.referrals.factories import CandidateFactory, ReferralFactory, entrust
from tests.referrals.kinds import FACTORIES
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db
PAGE = Path(settings.BASE_DIR, "docs/states.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("| The offer | Paper |")[2].partition("\n\n")[0]
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in TABLE.splitlines()[2:]
]


def contact_of(offer, phone):
    return {"details": offer.details | {"contact": {"telephone": phone}}}


def happen(what, offer):
    """Let one line of the table happen to the offer."""
    states = {"suspendue": "SUSPENDED", "annulee": "CANCELLED", "pourvue": "FILLED"}
    states |= {"absente": "ABSENT", "revenue": "SUSPENDED"}
    if what in states:
        write(offer, state=OfferState[states[what]])
        if what == "revenue":
            write(offer, state=OfferState.ACTIVE)
    elif what == "autre mode":
        write(offer, preselection=not offer.preselection, delegated=False)
    elif what in {"autre intitule", "comme avant"}:
        write(offer, title="Autre métier")
        if what == "comme avant":
            write(offer, title=offer.title)
    elif what == "autre lieu":
        write(offer, place_label="73 - Chambéry")
    elif what == "autre facon de postuler":
        write(offer, **contact_of(offer, "01 99 00 12 34"))
    elif what == "autre contrat":
        write(offer, contract_label="Intérim - 2 Mois")
    elif what == "autres horaires":
        write(offer, hours_label="10H/semaine Travail de nuit")
    elif what == "autre telephone de l'agence":
        details = offer.details | {"agence": {"telephone": "04 65 71 00 99"}}
        write(offer, details=details)
    else:
        write(offer, salary_label="Mensuel de 2000.0 Euros")


def reader(act):
    return sign_in(Client(), act.adviser)


@pytest.mark.at_each_run(5)
@pytest.mark.parametrize(("what", "paper", "next_version", "said"), ROWS)
def test_the_paper_of_each_kind_follows_its_offer(what, paper, next_version, said):
    """A13, art. 7: each line of the table, over the four kinds."""
    for factory in FACTORIES.values():
        act = factory()
        document = make_document(act)
        happen(what, act.offer)
        # With preselection, no paper says how to reach the employer.
        is_silent = what == "autre facon de postuler" and act.offer.preselection
        # Without preselection none names the agency.
        is_silent |= "agence" in what and not act.offer.preselection
        is_void = paper == "void" and not is_silent
        is_new = next_version == "one click" and not is_silent
        document = Document.objects.get(pk=document.pk)

        assert (document.void_since is not None) == is_void
        assert (current_document(document) != document) == is_void
        assert (papers_of([act.pk], by=act.adviser) == []) == is_void
        client = reader(act)
        text = client.get(act.get_absolute_url()).text.replace("\xa0", " ")
        assert (said in text) if is_void or is_new else True
        assert is_void or "Le document n’est plus" not in text
        assert ("Il reste valable" in text) == (is_new and not is_void)
        assert ("Faire la nouvelle version" in text) == is_new
        renew = reverse("document_renew", args=[document.pk])
        for _ in range(2):
            client.post(renew)
        is_made = is_new
        versions = list(act.documents.order_by("version").values_list("version"))
        assert versions == ([(1,), (2,)] if is_made else [(1,)])
        if is_made:
            assert not act.document.is_void
            assert not act.document.changes
            assert not act.document.renewals


def test_a_person_of_another_name_or_address_has_a_new_version_in_one_click():
    """Another telephone changes nothing."""
    for factory in FACTORIES.values():
        act = factory()
        client = reader(act)
        # PostgreSQL dates a change of the person by the test's beginning.
        with time_machine.travel(timezone.now() - dt.timedelta(hours=1)):
            document = make_document(act)
        renew = reverse("document_renew", args=[document.pk])
        for change, is_new in (
            ({"phone": "0639980001"}, 0),
            ({"last_name": "Ünal"}, 1),
        ):
            person = act.candidate
            vars(person).update(change)
            person.save()

            text = client.get(act.get_absolute_url()).text
            assert ("le nom ou l’adresse du candidat" in text) == bool(is_new)
            for _ in range(2):
                client.post(renew)
            assert act.documents.count() == 1 + is_new
        assert "Ünal" in act.document.html
        document.refresh_from_db()
        assert document.why_void == "Une nouvelle version le remplace."
        assert "Il reste valable" not in client.get(act.get_absolute_url()).text


def test_no_page_says_to_hand_over_a_void_document():
    """Nor to print, remind or move what the offer has ended."""
    orders = ("remettez-la.", "Imprimez la", "Noter la relance", "Il se dépose ici")
    for factory in FACTORIES.values():
        for state in (OfferState.SUSPENDED, OfferState.CANCELLED, ""):
            act = factory()
            make_document(act)
            lifted = {"preselection": not act.offer.preselection, "delegated": False}
            write(act.offer, **({"state": state} if state else lifted))

            text = reader(act).get(act.get_absolute_url()).text.replace("\xa0", " ")

            assert [order for order in orders if order in text] == []
            assert ("Annulez celle-ci" in text) == (not state)
            assert "Changer la date" not in text
            assert "Vous aviez déjà remis" in text or not act.can_be_handed_over


def test_an_application_without_paper_says_that_its_preselection_is_lifted(adviser):
    """After a CV it has no document: page and home say it all the same."""
    cv = CvRequestFactory(candidate__adviser=adviser, sent=True)
    act = shortlist_after(cv.offer, by=adviser, act=cv)
    write(cv.offer, preselection=False)

    text = reader(act).get(act.get_absolute_url()).text

    assert "n’a plus de présélection" in text
    assert "France Travail la présente" not in text
    (task,) = open_acts_of(adviser).tasks
    assert (task.act, task.label) == (act, "Offre modifiée\u00a0: la présélection")


def test_a_refused_version_says_why():
    act = ReferralFactory()
    make_document(act)
    write(act.offer, preselection=True)

    with pytest.raises(MoveRefused, match="elle demande une autre proposition"):
        renew_document(act, by=act.adviser)


def letters():
    mail.outbox.clear()
    jobs.notify_withdrawals()
    notify_changes()
    outbox.relay()
    return [str(letter.subject).replace("\xa0", " ") for letter in mail.outbox]


def test_the_adviser_is_notified_once_of_each_change_and_of_a_return():
    act = ReferralFactory()
    make_document(act)

    write(act.offer, title="Autre métier")
    assert letters() == ["Opus : une offre a changé : son document n’est plus valable"]
    assert letters() == []
    renew_document(act, by=act.adviser)
    assert letters() == []
    write(act.offer, place_label="73 - Chambéry")
    assert len(letters()) == 1
    write(act.offer, state=OfferState.SUSPENDED)
    assert len(letters()) == 1
    write(act.offer, state=OfferState.ACTIVE)
    assert letters() == ["Opus : une offre est de nouveau ouverte"]
    assert letters() == []


def happened(act):
    """*Ce qui s’est passé*, as the page of the act says it."""
    return " ".join(entry.label for entry in timeline_of(act))


def test_a_second_change_is_announced_and_one_that_is_undone():
    act = ReferralFactory()
    make_document(act)
    title, place = act.offer.title, act.offer.place_label

    write(act.offer, title="Autre métier")
    assert len(letters()) == 1
    write(act.offer, place_label="73 - Chambéry")
    assert letters() == ["Opus : une offre a changé : son document n’est plus valable"]
    assert letters() == []
    assert "le document n’est plus valable" in happened(act)
    write(act.offer, title=title, place_label=place)
    assert letters() == ["Opus : un document est de nouveau valable"]
    assert letters() == []
    assert "le document est valable" in happened(act)
    assert "le document n’est plus valable" not in happened(act)
    write(act.offer, title="Autre métier")
    assert len(letters()) == 1


def test_the_paper_of_a_chosen_application_stays_whoever_preselects():
    """Its adviser has nothing to make again (2.1)."""
    for trait in ("shortlisted", "presented"):
        act = ScreenedReferralFactory(**{trait: True})
        document = make_document(act)
        write(act.offer, delegated=False)

        document = Document.objects.get(pk=document.pk)
        assert not document.is_void
        assert not Document.objects.outdated().filter(pk=document.pk).exists()
        assert letters() == []
        labels = [task.label for task in open_acts_of(act.adviser).tasks]
        assert "Offre modifiée\u00a0: la présélection" not in labels
        write(act.offer, title="Autre métier")
        assert Document.objects.get(pk=document.pk).changes == ["l’intitulé"]
        write(act.offer, title=act.offer.title)


def test_a_paper_names_who_follows_the_person_now():
    """After a hand-over it may be made again; a new one names no former adviser."""
    for factory in FACTORIES.values():
        act = factory()
        make_document(act)
        colleague = AdviserFactory(
            structure=act.structure, first_name="Nadia", last_name="Ferrand"
        )
        entrust(act.candidate, colleague)

        act = type(act).objects.get(pk=act.pk)
        assert act.document.renewals == ["le conseiller ou ses coordonnées"]
        assert not act.document.is_void
        client = sign_in(Client(), colleague)
        client.post(reverse("document_renew", args=[act.document.pk]))

        act = type(act).objects.get(pk=act.pk)
        assert act.document.renewals == []
        html = Document.objects.get(pk=act.document.pk).html
        assert "Nadia Ferrand" in html.replace("\xa0", " ")
        assert act.adviser.get_full_name() not in html.replace("\xa0", " ")


def test_home_says_what_to_do_of_an_offer_that_changed():
    """An act that waits for nothing else too; another's adviser reads nothing."""
    act = ReferralFactory(handed_over=True)
    waiting = ReferralFactory(candidate=CandidateFactory(adviser=act.adviser))
    for one in (act, waiting):
        make_document(one)
        write(one.offer, place_label="73 - Chambéry")

    labels = {task.act.pk: task.label for task in open_acts_of(act.adviser).tasks}
    assert labels == dict.fromkeys(
        (act.pk, waiting.pk), "Offre modifiée\u00a0: le lieu"
    )
    assert open_acts_of(CandidateFactory().adviser).tasks == []


def test_a_list_reads_all_offers_in_its_own_query(django_assert_num_queries):
    adviser = CandidateFactory().adviser
    for _ in range(3):
        act = ReferralFactory(candidate=CandidateFactory(adviser=adviser))
        make_document(act)
        write(act.offer, title="Autre métier")

    with django_assert_num_queries(1):
        papers = list(Document.objects.visible_to(adviser).with_offers())
        assert [paper.changes for paper in papers] == [["l’intitulé"]] * 3


def test_the_table_has_a_line_for_each_state_and_fact():
    """A new state of offers asks for its line."""
    assert len(ROWS) == 14
    assert {row[0] for row in ROWS} >= {"suspendue", "annulee", "pourvue", "absente"}
    assert len(OfferState) == 5
