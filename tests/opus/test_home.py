"""The first page, for each role."""

import datetime as dt
import html
import re

import pytest
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from referrals.acts.models import ActStep
from referrals.acts.outcomes import OutcomeCode
from referrals.direct.models import Referral
from referrals.documents.actions import make_document
from referrals.preselection.models import ScreenedReferral
from referrals.todo.open_acts import open_acts_of
from tests.accounts.factories import AdviserFactory, amend
from tests.offers.helpers.factories import withdraw
from tests.opus.page import Page
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.offer_events import write
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DocumentFactory,
    ReferralFactory,
    end,
)
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(adviser):
    """One more act of my own."""

    def make(**traits):
        return ReferralFactory(candidate=CandidateFactory(adviser=adviser), **traits)

    return make


def long_ago(referral: Referral, days: int) -> None:
    at = timezone.now() - dt.timedelta(days=days, hours=1)
    Referral.objects.filter(pk=referral.pk).update(created_at=at)


def tasks(client, url: str = "/") -> list[tuple[str, str]]:
    """The acts that the page names, with what each waits for, in order."""
    found = re.findall(
        r"data-label>(?P<label>[^<]*)<.*?(?P<number>[A-Z]{3}-[0-9]{4}-[0-9]{6})"
        r"|· (?P<waiting>MEC-[0-9-]+)(?: ·|</li>)",
        client.get(url).text,
        re.DOTALL,
    )
    return [
        (number or waiting, html.unescape(label) or "Document à remettre")
        for label, number, waiting in found
    ]


def test_what_presses_most_comes_first(as_adviser, make):
    silent = make(handed_over=True)
    long_ago(silent, 22)
    proposed = make()
    withdrawn = make(handed_over=True)
    withdraw(withdrawn.offer)

    assert tasks(as_adviser) == [
        (withdrawn.number, "Offre retirée"),
        (proposed.number, "Document à remettre"),
        (silent.number, "Sans nouvelles depuis 22\u00a0jours"),
    ]


def test_each_task_leads_to_its_act(as_adviser, make):
    referral = make()

    links = Page.of(as_adviser.get("/")).links()

    assert links[referral.offer.title] == f"/mises-en-contact/{referral.pk}/"
    assert links[str(referral.candidate)] == f"/candidats/{referral.candidate.pk}/"


def test_what_moves_is_over_or_is_a_colleagues_does_not_wait(as_adviser, make, adviser):
    """S24; a step of yesterday breaks the silence."""
    make(handed_over=True)
    make(cancelled=True)
    end(make(handed_over=True))
    moved = make(handed_over=True)
    long_ago(moved, 40)
    moved.move_to("contact", by=adviser)
    colleague = AdviserFactory(structure=adviser.structure)
    ReferralFactory(candidate=CandidateFactory(adviser=colleague))
    ReferralFactory()

    assert tasks(as_adviser) == []


def test_nothing_to_do_offers_the_search(as_adviser):
    """U13."""
    page = Page.of(as_adviser.get("/"))

    assert page.one("h1").words() == "Accueil"
    assert "Rien ne vous attend aujourd’hui." in page.one("main").words()
    assert page.links()["Chercher une offre"] == "/offres/"
    assert not AuditEntry.objects.filter(action="persons_listed").exists()


def test_names_shown_are_written_in_the_journal(as_adviser, make, adviser):
    """S38."""
    make()
    make()

    as_adviser.get("/")

    (entry,) = AuditEntry.objects.filter(action="persons_listed")
    assert (entry.actor, entry.persons) == (adviser.identifier, 2)


def test_ten_lines_and_the_others_one_click_away(as_adviser, make):
    for _ in range(13):
        make()

    page = Page.of(as_adviser.get("/?classer=candidat"))
    all_of_it = page.links()["Tout voir (13 lignes)"]

    assert page.by_id("a-faire").words() == "À faire (13)"
    assert len(tasks(as_adviser)) == 10
    assert all_of_it == "?classer=candidat&tout=1"
    assert len(tasks(as_adviser, f"/{all_of_it}")) == 13


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    as_adviser, make, count, django_assert_max_num_queries
):
    """P8; each kind of act costs one, and so do what one keeps and what one opened of
    late where there is none: their own tests say what they cost filled."""
    for _ in range(count):
        withdraw(make(handed_over=True).offer)

    as_adviser.get("/")  # The session remembers once where it is used from.

    with django_assert_max_num_queries(22):
        as_adviser.get("/")


def test_without_the_right_to_consult_there_is_no_search(as_adviser, adviser):
    amend(adviser.structure.conventions.get(), consultation=False)

    page = Page.of(as_adviser.get("/"))

    assert "n’ouvre pas la consultation des offres (annexe 1)" in page.one("main").text
    assert page.all("input", type="search") == []


def test_an_rgc_sees_the_seats_used_and_left(as_rgc, rgc):
    """U14."""
    amend(rgc.structure.conventions.get(), quota=3)
    AdviserFactory(structure=rgc.structure)
    AdviserFactory(structure=rgc.structure, suspended=True)

    page = Page.of(as_rgc.get("/"))

    assert (
        page.one("label", **{"for": "comptes"}).words() == "1 sur 3 · 2 places libres"
    )
    meter = page.by_id("comptes")
    assert (meter["value"], meter["max"]) == ("1", "3")
    assert page.links()["Comptes"] == "/comptes/"


def test_an_adviser_sees_neither_seats_nor_accounts(as_adviser):
    page = Page.of(as_adviser.get("/"))

    assert page.all("progress") == []
    assert "Comptes" not in page.links()


def test_the_menu_marks_where_i_am(as_adviser):
    page = Page.of(as_adviser.get("/offres/?lieu="))

    marked = [tag.words() for tag in page.all("a", **{"aria-current": "true"})]
    assert marked == ["Offres"]


def test_the_header_names_the_person_and_signs_out_by_a_form(as_adviser, adviser):
    page = Page.of(as_adviser.get("/"))

    header = page.one("header").words()
    assert adviser.structure.name in header
    assert adviser.get_full_name() in header
    ways_out = page.all("form", action="/deconnexion/")
    assert {tag["method"] for tag in ways_out} == {"post"}


def test_staff_go_to_the_admin(as_ft_admin):
    response = as_ft_admin.get("/")

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_a_stranger_is_asked_who_he_is(client):
    response = client.get("/")

    assert (response.status_code, response["Location"]) == (302, "/connexion/?next=/")


def test_without_a_menu_the_header_does_not_look_for_one(as_ft_admin):
    """DSFR's script stops where its links have no menu beside them."""
    page = Page.of(as_ft_admin.get("/profil/"))

    classes = " ".join(tag.attrs.get("class", "") for tag in page.tags)
    assert "fr-header__tools-links" not in classes
    assert page.links().items() >= {"Mon travail": "/admin/"}.items()


def test_every_entry_of_the_menu_opens(as_rgc):
    page = Page.of(as_rgc.get("/"))
    entries = {
        tag.words(): tag["href"] for tag in page.all("a", **{"class": "fr-nav__link"})
    }

    assert list(entries) == [
        "Offres",
        "Candidats",
        "Offres gardées",
        "Propositions",
        "Suivi",
        "Comptes",
        "Aide",
    ]
    for address in entries.values():
        page = Page.of(as_rgc.get(address, follow=True))
        (here,) = [
            tag
            for tag in page.all("a", **{"class": "fr-nav__link"})
            if tag.attrs.get("aria-current")
        ]
        assert here["href"] == address


# --- One click ------------------------------------------------------------------------


def test_one_click_records_an_outcome_and_another_takes_it_back(as_adviser, make):
    """U7: from the first page and back to it."""
    silent = make(handed_over=True)
    long_ago(silent, 22)
    page = Page.of(as_adviser.get("/"))
    form = page.one("form", **{"class": "opus-outcomes"})
    hidden = {one.attrs.get("name"): one for one in page.all("input")}
    fields = {name: hidden[name]["value"] for name in ("declared_by", "on", "next")}
    first = next(one for one in page.all("button") if "data-outcome" in one.attrs)

    sent = fields | {"code": first["value"]}
    done = as_adviser.post(form["action"], sent, follow=True)

    silent.refresh_from_db()
    assert silent.outcome.code_id == first["value"]
    assert "À faire" in done.text
    # Of whom, so that a slip is seen; told to the journal like any reading (S38).
    assert f"{silent.candidate}, {silent.number}" in done.text
    read = AuditEntry.objects.filter(action="persons_listed").latest("pk")
    assert silent.candidate_id in read.person_ids
    assert tasks(as_adviser) == []
    undo = Page.of(done).one("form", **{"class": "opus-undo"})
    as_adviser.post(undo["action"], {"next": "/"}, follow=True)
    silent.refresh_from_db()
    assert silent.state == "remise"


def test_one_outcome_of_each_kind_is_at_hand(as_adviser, make):
    make(handed_over=True)
    long_ago(Referral.objects.get(), 22)

    page = Page.of(as_adviser.get("/"))

    at_hand = [
        one["value"] for one in page.all("button") if "data-outcome" in one.attrs
    ]
    kinds = dict(OutcomeCode.objects.values_list("pk", "kind"))
    assert [kinds[code] for code in at_hand] == ["embauche", "non_retenu", "retrait"]


def test_what_is_not_handed_over_has_no_outcome_at_hand(as_adviser, make):
    make()

    assert "data-outcome" not in as_adviser.get("/").text


@pytest.mark.parametrize("suite", ["", "abc", "00000000-0000-0000-0000-000000000000"])
def test_an_act_that_is_not_there_leaves_the_page_as_it_is(as_adviser, suite):
    response = as_adviser.get("/", {"suite": suite})

    assert response.status_code == 200
    assert "opus-undo" not in response.text


# --- Acts of every kind ---------------------------------------------------------------


def test_an_applications_outcome_is_recorded_and_undone_from_here(as_adviser, adviser):
    """U7: the same clicks as for a mise en contact without preselection."""
    act = ScreenedReferralFactory(candidate__adviser=adviser, presented=True)
    at = timezone.now() - dt.timedelta(days=20)
    ScreenedReferral.objects.filter(pk=act.pk).update(created_at=at)
    page = Page.of(as_adviser.get("/"))
    form = page.one("form", **{"class": "opus-outcomes"})
    sent = {
        "declared_by": "conseiller",
        "on": timezone.localdate().isoformat(),
        "code": "embauche",
        "next": "/?classer=candidat",
    }

    done = as_adviser.post(form["action"], sent, follow=True)

    act.refresh_from_db()
    assert act.state == "terminee"
    undo = Page.of(done).one("form", **{"class": "opus-undo"})
    as_adviser.post(undo["action"], follow=True)
    act.refresh_from_db()
    assert act.state == "presentee"


def test_each_kind_tells_what_it_waits_for(as_adviser, adviser):
    """U7: and nothing of what waits for France Travail."""
    today, person = timezone.localdate(), {"candidate__adviser": adviser}
    yesterday = today - dt.timedelta(days=1)
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    CvRequestFactory(**person, handed_over=True, due_on=yesterday)
    CvRequestFactory(**person, sent=True)
    ScreenedReferralFactory(**person, asked_for_more=True)
    AppointmentFactory(**person, handed_over=True, at=hour_ago)
    AppointmentFactory(**person, in_slot=True)

    page = Page.of(as_adviser.get("/"))

    labels = [tag.words() for tag in page.all("strong") if "data-label" in tag.attrs]
    assert labels == [
        "Rendez-vous passé",
        "CV attendu depuis 1 jour",
        "Complément demandé",
    ]
    (pile,) = [tag for tag in page.all("li") if "data-pile" in tag.attrs]
    assert "1 document à remettre" in pile.words()


def test_the_page_of_a_person_says_the_next_steps_of_home(as_adviser, adviser):
    """In the words of home; nothing beside what waits for nobody here."""
    person = CandidateFactory(adviser=adviser)
    overdue = timezone.localdate() - dt.timedelta(days=1)
    CvRequestFactory(candidate=person, handed_over=True, due_on=overdue)
    CvRequestFactory(candidate=person, sent=True)
    ScreenedReferralFactory(candidate=person, asked_for_more=True)
    AppointmentFactory(candidate=person, in_slot=True)
    ReferralFactory(candidate=person, handed_over=True)
    end(ReferralFactory(candidate=person, handed_over=True))
    changed = ReferralFactory(candidate=person)
    make_document(changed)
    write(changed.offer, title="Autre titre")
    due = open_acts_of(adviser).tasks

    page = Page.of(as_adviser.get(person.get_absolute_url()))

    steps = {f"{task.label} · {task.sentence}".replace("\xa0", " ") for task in due}
    lines = page.all("p", **{"class": "opus-list__line"})
    assert {line.words() for line in lines} == steps
    assert len(steps) == 4


# --- Late first, piles, agenda --------------------------------------------------------


def test_late_work_comes_first_by_gesture_or_by_candidate(as_adviser, make, adviser):
    """By either way, the person told of a withdrawn offer stands before today's."""
    waiting = make()
    silent = ReferralFactory(candidate=waiting.candidate, handed_over=True)
    long_ago(silent, 22)
    told = make(handed_over=True)
    withdraw(told.offer)

    by_gesture = Page.of(as_adviser.get("/"))
    by_person = Page.of(as_adviser.get("/?classer=candidat"))

    for page in (by_gesture, by_person):
        titles = [tag.words() for tag in page.all("h2")][:2]
        assert titles == ["En retard (1)", "À faire (2)"]
    assert [tag.words() for tag in by_gesture.all("h3", **{"class": "opus-group"})] == [
        "Documents à remettre",
        "Sans nouvelles",
    ]
    assert [tag.words() for tag in by_person.all("h3", **{"class": "opus-group"})] == [
        str(told.candidate),
        str(waiting.candidate),
    ]


def test_a_whole_pile_is_marked_handed_over_by_one_click(as_adviser, make, adviser):
    """Art. 7: what the page showed, once; nobody else's, nothing void."""
    first = make()
    person = first.candidate
    papers = [DocumentFactory(act=first)] + [
        DocumentFactory(act=ReferralFactory(candidate=person)) for _ in range(3)
    ]
    gone = papers[3].act
    page = Page.of(as_adviser.get("/"))
    (pile,) = [tag for tag in page.all("li") if "data-pile" in tag.attrs]
    assert "4 documents à remettre" in pile.words()
    url = "/documents/remettre/"
    foreign = DocumentFactory().act
    unseen = DocumentFactory(act=ReferralFactory(candidate=person)).act
    withdraw(gone.offer)
    shown = [paper.act.pk for paper in papers]
    sent = {"acte": [*shown, foreign.pk, "rien"], "next": "/?classer=candidat"}

    done = as_adviser.post(url, sent, follow=True)
    again = as_adviser.post(url, sent, follow=True)

    assert done.redirect_chain == [("/?classer=candidat", 302)]
    assert "3 documents marqués remis en main propre aujourd’hui" in done.text
    assert f"{gone.number} n’est pas marqué remis. France Travail a retiré" in done.text
    assert "marqué remis en main propre aujourd’hui" not in again.text
    today = timezone.localdate()
    handed = Referral.objects.filter(handed_over_on=today, channel="main")
    assert set(handed.values_list("pk", flat=True)) == set(shown) - {gone.pk}
    assert ActStep.objects.filter(target="remise").count() == 3
    assert Referral.objects.filter(pk__in=[foreign.pk, unseen.pk], state="proposee")
    assert as_adviser.post(url, {"acte": [foreign.pk]}).status_code == 404


def test_a_second_click_says_that_it_was_done(as_adviser, make):
    act = DocumentFactory(act=make()).act
    url = "/documents/remettre/"
    as_adviser.post(url, {"acte": [act.pk]}, follow=True)

    again = as_adviser.post(url, {"acte": [act.pk]}, follow=True)

    assert "Ces documents étaient déjà marqués remis." in again.text


def test_every_coded_outcome_is_in_the_menu(as_adviser, make):
    long_ago(make(handed_over=True), 22)

    page = Page.of(as_adviser.get("/"))

    codes = [
        tag["value"] for tag in page.all("button") if tag.attrs.get("name") == "code"
    ]
    assert sorted(codes) == sorted(
        OutcomeCode.objects.filter(is_open=True).values_list("pk", flat=True)
    )


def test_the_agenda_names_the_appointments_to_come(as_adviser, adviser):
    """An unconfirmed one says so; the past and the withdrawn are elsewhere."""
    person, now = {"candidate__adviser": adviser}, timezone.now()
    later = AppointmentFactory(**person, at=now + dt.timedelta(days=5))
    soon = AppointmentFactory(**person, in_slot=True)
    AppointmentFactory(**person, at=now - dt.timedelta(hours=1))
    withdraw(AppointmentFactory(**person).offer)
    AppointmentFactory()

    page = Page.of(as_adviser.get("/"))

    agenda = page.one("ul", **{"class": "opus-agenda"})
    rows = [tag.words() for tag in page.all("li") if tag.words() in agenda.words()]
    assert [str(soon.candidate) in rows[0], str(later.candidate) in rows[1]] == [
        True,
        True,
    ]
    assert ["à confirmer" in row for row in rows] == [False, True]
    assert soon.where in rows[0]
