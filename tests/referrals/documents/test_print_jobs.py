"""Several documents in one PDF: U4, U8, A13, R6, R7, R10, S20, S31."""

import datetime as dt
import io
import re
import subprocess
import uuid
from shutil import which

import pikepdf
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from offers.catalogue.presenter import PUBLIC_SITE
from opus.lib import background_files
from opus.lib.audit.models import AuditEntry
from opus.lib.background_files import delete_expired_files
from opus.lib.documents import pdf
from referrals.acts.states import CvState
from referrals.documents import actions as print_jobs
from referrals.documents import documents
from referrals.documents.actions import make_document
from referrals.documents.models import Document, PrintedDocument, PrintJob
from referrals.follow_up import actions
from tests.accounts.factories import AdviserFactory
from tests.conftest import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.bulk_cases import propose
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.offer_events import write
from tests.referrals.documents.test_documents import nodes, tags
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DocumentFactory,
    ReferralFactory,
    entrust,
)
from tests.referrals.kinds import FACTORIES, LISTS
from tests.referrals.print_job_cases import make_job
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db
JOBS = reverse("print_jobs")


@pytest.fixture
def papers(adviser):
    """A document of each kind of act, each of another person."""
    return [
        make_document(factory(candidate=CandidateFactory(adviser=adviser)))
        for factory in FACTORIES.values()
    ]


def request_job(client, papers, **others):
    posted = {"key": uuid.uuid4(), "acte": [paper.act.pk for paper in papers]}
    return client.post(JOBS, posted | others)


def printed(job):
    """The job once a worker has been there."""
    make_file(job)
    return PrintJob.objects.get(pk=job.pk)


def opened(job):
    return pikepdf.open(io.BytesIO(bytes(job.content)))


def text_of(content):
    told = subprocess.run(
        ["pdftotext", "-raw", "-", "-"],
        input=bytes(content),
        capture_output=True,
        check=True,
    )
    return "".join(told.stdout.decode().split())


def pdf_url(job):
    return reverse("print_job_pdf", args=[job.pk])


# --- What it is made of --------------------------------------------------------------


@pytest.mark.skipif(not which("pdftotext"), reason="needs poppler-utils")
def test_the_booklet_says_what_each_document_says_in_the_order_asked(adviser, papers):
    """A13, R6: the acts' own frozen texts, whatever their kinds."""
    job = printed(make_job(adviser, papers))

    own = []
    for paper in papers:
        paper.refresh_from_db()
        own.append(text_of(paper.content))
    assert text_of(job.content) == "".join(own)
    assert len(opened(job).pages) == len(papers)
    assert (job.state, job.rows_done, job.rows_total) == ("pret", 4, 4)
    assert job.size == len(job.content)


@pytest.mark.thorough
def test_each_page_of_the_booklet_is_drawn_as_in_its_own_pdf(adviser, papers):
    """U4: the same marks at the same places, so that one A4 stays one A4."""
    job = printed(make_job(adviser, papers))

    booklet = opened(job)
    for page, paper in zip(booklet.pages, papers, strict=True):
        paper.refresh_from_db()
        file = pikepdf.open(io.BytesIO(bytes(paper.content)))
        [own] = file.pages
        assert page.mediabox == own.mediabox
        assert places_of(page) == places_of(own)


def places_of(page):
    """Where each piece of text begins."""
    return [
        [str(one) for one in instruction.operands]
        for instruction in pikepdf.parse_content_stream(page)
        if str(instruction.operator) == "Tm"
    ]


def test_the_booklet_is_tagged_titled_bookmarked_and_printed_on_one_side(
    adviser, papers
):
    """A13: PDF/UA-1; U4: two persons never share a leaf; V17: no name outside."""
    offer = OfferFactory(
        details={"origineOffre": {"urlOrigine": PUBLIC_SITE + "offre/1"}}
    )
    act = ReferralFactory(offer=offer, candidate=CandidateFactory(adviser=adviser))
    papers = [*papers, make_document(act)]
    file = opened(printed(make_job(adviser, papers)))
    root = file.Root

    assert str(root.Lang) == "fr"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert str(root.ViewerPreferences.Duplex) == "/Simplex"
    with file.open_metadata() as metadata:
        assert metadata["dc:title"] == "Documents à remettre"
        assert metadata["pdfuaid:part"] == "1"
    assert str(file.docinfo["/Title"]) == "Documents à remettre"
    found = tags(root.StructTreeRoot)
    assert found.count("Art") == found.count("H1") == len(papers)
    assert all(str(page.Tabs) == "/S" for page in file.pages)
    figures = [n for n in nodes(root.StructTreeRoot) if n.get("/S") == "/Figure"]
    assert [bool(str(figure.Alt)) for figure in figures] == [True]
    with file.open_outline() as outline:
        assert [item.title for item in outline.root] == [
            f"Document n°\u00a0{one.number}" for one in papers
        ]
        assert all(item.children for item in outline.root)


def test_several_documents_of_one_person_stand_together_behind_their_list(adviser):
    person, other = (CandidateFactory(adviser=adviser) for _ in range(2))
    papers = [
        make_document(ReferralFactory(candidate=one)) for one in (person, other, person)
    ]
    job = printed(make_job(adviser, papers))

    with opened(job) as file, file.open_outline() as outline:
        labels = [item.title for item in outline.root]
        pages = len(file.pages)

    first, second, third = (f"Document n°\xa0{paper.number}" for paper in papers)
    assert labels == [documents.LIST_TITLE, first, third, second]
    assert pages == 4


def test_the_list_says_what_the_documents_say_whatever_the_offer_becomes(adviser):
    """What changes here voids no document: the employer's name, the number of posts."""
    person = CandidateFactory(adviser=adviser)
    papers = [
        make_document(make(candidate=person, offer__company=f"Employeur {n}"))
        for n, make in enumerate((ReferralFactory, CvRequestFactory))
    ]
    before = documents.list_body_of(papers)
    for paper in papers:
        write(paper.act.offer, company="Autre <b>nom</b>")

    now = list(Document.objects.filter(candidate=person).order_by("created_at"))

    assert not any(paper.is_void for paper in now)
    assert documents.list_body_of(now) == before
    assert "Employeur 1" in before
    # A document of an earlier version kept no line: today's offer has to do.
    Document.objects.update(row_html="")
    now = list(Document.objects.filter(candidate=person))
    assert "Autre &lt;b&gt;nom" in documents.list_body_of(now)


def test_what_no_worker_had_printed_is_printed_on_the_way(adviser, papers):
    """R6: once for both."""
    printed(make_job(adviser, papers))

    assert not Document.objects.exclude(state="pret").exists()
    before = dict(Document.objects.values_list("pk", "size"))
    for paper in papers:
        make_file(paper)
    assert dict(Document.objects.values_list("pk", "size")) == before


@pytest.mark.skipif(not which("pdftotext"), reason="needs poppler-utils")
def test_an_act_withdrawn_meanwhile_is_there_as_its_void_sheet(adviser, papers):
    """2.7: its number and dates, nothing of the offer nor of the person."""
    paper = papers[0]
    job = make_job(adviser, papers)
    withdraw(paper.act.offer)

    told = text_of(printed(job).content)

    assert "Documentannulé" in told
    assert paper.act.number in told
    assert "".join(paper.candidate.last_name.split()) not in told
    assert "".join(papers[1].candidate.last_name.split()) in told
    with opened(PrintJob.objects.get()).open_outline() as outline:
        assert outline.root[0].title.endswith("(annulé)")


@pytest.mark.thorough
def test_a_withdrawal_after_the_making_has_the_file_made_anew(
    as_adviser, adviser, papers
):
    """2.7: what was good when it was made is not printed any more."""
    job = printed(make_job(adviser, papers))
    assert as_adviser.get(pdf_url(job)).status_code == 200
    withdraw(papers[0].act.offer)

    response = as_adviser.get(pdf_url(job))

    assert response.status_code == 202
    assert "Document annulé" not in response.text
    again = printed(job)
    assert again.is_ready
    assert again.content != job.content
    assert as_adviser.get(pdf_url(job)).content == bytes(again.content)


def test_acts_left_out_are_named_with_the_reason(as_adviser, papers):
    """All the ticked acts are accounted for, on a page that survives a reload.

    S20: a stranger's like one that is void.
    """
    gone, cancelled, other = papers[1], papers[2], DocumentFactory()
    withdraw(gone.act.offer)
    cancelled.void(at=timezone.now())

    response = request_job(as_adviser, [*papers, other])

    for _ in range(2):
        page = as_adviser.get(response["Location"]).text
        assert "3 propositions cochées n’ont pas de document dans ce PDF" in page
        assert (
            f"Proposition n°\xa0{gone.act.number}\xa0: l’offre n’est plus ouverte."
            in page
        )
        assert (
            f"Proposition n°\xa0{cancelled.act.number}\xa0: la proposition est annulée."
            in page
        )
        assert "Une proposition\xa0: vous ne suivez pas cette proposition." in page
        assert other.act.number not in page
    kept = PrintedDocument.objects.order_by("rank")
    assert [item.document for item in kept] == [papers[0], papers[3]]


def test_a_hand_over_is_said_only_where_it_was_recorded(as_adviser, adviser):
    """An act may end without its document; a new version is not the one handed over."""
    candidates = CandidateFactory.create_batch(3, adviser=adviser)
    ended = CvRequestFactory(candidate=candidates[0], state=CvState.WITHOUT_CV)
    handed = ReferralFactory(candidate=candidates[1], handed_over=True)
    renewed = ReferralFactory(candidate=candidates[2])
    first = make_document(renewed)
    actions.hand_over(renewed, by=adviser, channel="main", on=timezone.localdate())
    first.void(at=timezone.now())
    papers = [
        make_document(ended),
        make_document(handed),
        make_document(renewed, version=2),
    ]
    job = make_job(adviser, papers)

    page = Page.of(as_adviser.get(job.get_absolute_url()))
    text = page.one("main").words()

    # None of them waits any more.
    assert page.one("h1").words() == "3 documents"
    assert text.count("Remis le ") == 1
    assert text.count("La version d’avant a été remise le ") == 1
    assert text.count("Non marqué remis") == 2
    assert "Tout marquer remis" not in text


def test_the_page_lists_its_documents_in_the_order_of_the_pdf(as_adviser, adviser):
    """Person after person; what has an hour before what waits."""
    one, other = CandidateFactory.create_batch(2, adviser=adviser)
    acts = [
        ScreenedReferralFactory(candidate=one),
        ReferralFactory(candidate=other),
        AppointmentFactory(candidate=one, confirmed_at=timezone.now()),
    ]
    job = make_job(adviser, [make_document(act) for act in acts])

    text = as_adviser.get(job.get_absolute_url()).text

    numbers = [acts[n].number for n in (2, 0, 1)]
    assert re.findall(r"n°\s(\w{3}-\d{4}-\d{6})</span>", text) == numbers
    with opened(printed(job)) as file, file.open_outline() as outline:
        titles = [item.title.split()[-1] for item in outline.root]
    assert titles[1:] == [f"{number}-1" for number in numbers]
    # The order of the page is no reason to make the file again.
    pdf = reverse("print_job_pdf", args=[job.pk])
    assert as_adviser.get(pdf).status_code == 200


def test_each_document_is_named_by_its_person_and_her_job(as_adviser, papers):
    """And all that wait are marked handed over from there; the list names the jobs.

    A13: the same information in HTML, a page for each.
    """
    acts = [paper.act for paper in papers]
    job = make_job(acts[0].adviser, papers)
    gone = acts[2]
    withdraw(gone.offer)

    page = as_adviser.get(job.get_absolute_url())
    sent = {"acte": [act.pk for act in acts], "next": job.get_absolute_url()}
    after = as_adviser.post(reverse("documents_hand_over"), sent, follow=True)
    jobs = Page.of(as_adviser.get(JOBS)).one("main").words()

    before, then = (Page.of(one).one("main").words() for one in (page, after))
    assert "Tout marquer remis en main propre" in before
    for act in acts[:2]:
        assert f"{act.candidate} · {act.offer.title}" in before
        assert act.offer.title in jobs
        assert str(act.candidate) not in jobs
    assert f"offre n° {gone.offer_id}" in before
    assert then.count("Remis le ") == 2
    assert "Tout marquer remis" not in then
    assert all(paper.get_absolute_url() in page.text for paper in papers)


def test_a_person_handed_to_a_colleague_leaves_the_file(as_adviser, adviser, papers):
    """S20."""
    job = printed(make_job(adviser, papers[:2]))
    gone = papers[0].candidate
    entrust(gone, AdviserFactory(structure=adviser.structure))

    assert as_adviser.get(pdf_url(job)).status_code == 202

    assert gone.last_name not in as_adviser.get(job.get_absolute_url()).text
    assert len(opened(printed(job)).pages) == 1


def test_who_may_read_none_of_them_any_more_gets_no_file(adviser, papers):
    job = make_job(adviser, papers)
    for paper in papers:
        entrust(paper.candidate, AdviserFactory(structure=adviser.structure))

    assert (printed(job).state, printed(job).failure) == ("echec", "droits")


# --- Asking for it -------------------------------------------------------------------


def test_acts_ticked_in_a_list_become_one_job(as_adviser, adviser, papers):
    response = request_job(as_adviser, papers)

    job = PrintJob.objects.get()
    assert response["Location"] == job.get_absolute_url()
    assert job.account == adviser
    kept = PrintedDocument.objects.filter(job=job).order_by("rank")
    assert [item.document for item in kept] == papers
    entry = AuditEntry.objects.get(action="sheets_printed")
    assert set(entry.person_ids) == {one.candidate_id for one in papers}


@pytest.mark.parametrize(
    ("name", "make"), [(LISTS[kind], make) for kind, make in FACTORIES.items()]
)
def test_each_list_of_acts_has_boxes_and_the_button(as_adviser, adviser, name, make):
    """One box by act whose document is good; the button sends what is ticked."""
    act = make(candidate=CandidateFactory(adviser=adviser))
    lost = make(candidate=CandidateFactory(adviser=adviser), offer=act.offer)
    withdraw(lost_offer := OfferFactory())
    type(lost).objects.filter(pk=lost.pk).update(offer=lost_offer)

    page = as_adviser.get(reverse(name)).text

    boxes = re.findall(r'name="acte" value="([^"]+)" form="imprimer"', page)
    assert boxes == [str(act.pk)]
    assert "Imprimer les documents cochés" in page


def test_the_same_form_twice_makes_one_job(as_adviser, papers):
    """R10."""
    key = uuid.uuid4()

    first, second = (request_job(as_adviser, papers, key=key) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert PrintJob.objects.count() == 1
    assert AuditEntry.objects.filter(action="sheets_printed").count() == 1


def test_where_nothing_good_is_ticked_there_is_no_job_and_a_reason(as_adviser, papers):
    """On the list that it came from."""
    withdraw(papers[0].act.offer)
    request_job(as_adviser, papers[:1])
    assert "Il n’y a pas de document à imprimer" in as_adviser.get(JOBS).text

    response = as_adviser.post(
        JOBS, {"key": uuid.uuid4(), "next": reverse("referrals")}, follow=True
    )

    assert response.redirect_chain == [(reverse("referrals"), 302)]
    assert "Cochez une proposition au moins." in response.text
    assert not PrintJob.objects.exists()


def test_a_job_has_fifty_sheets_at_most(as_adviser, papers, monkeypatch):
    """S31."""
    monkeypatch.setattr(print_jobs, "MOST_DOCUMENTS", 3)

    response = request_job(as_adviser, papers)

    assert response["Location"] == JOBS
    assert "4 propositions sont cochées" in as_adviser.get(JOBS).text
    assert not PrintJob.objects.exists()
    request_job(as_adviser, papers[:3])
    assert PrintJob.objects.count() == 1


def test_an_account_asks_for_a_bounded_number_in_an_hour(as_adviser, papers, settings):
    """S31."""
    settings.PRINT_JOBS_AN_HOUR = 2

    codes = [request_job(as_adviser, papers[:1]).status_code for _ in range(3)]

    assert codes == [302, 302, 429]
    assert PrintJob.objects.count() == 2


def test_an_interrupted_gesture_sent_again_adds_what_its_job_lacked(
    as_adviser, adviser
):
    """R10."""
    offer, people = OfferFactory(), CandidateFactory.create_batch(3, adviser=adviser)
    key = uuid.uuid4()
    propose(as_adviser, [offer], people[:1], key)
    printed(PrintJob.objects.get())

    propose(as_adviser, [offer], people, key)

    job = PrintJob.objects.get()
    assert (job.state, job.rows_total, job.items.count()) == ("attente", 3, 3)


def test_the_database_holds_one_job_by_gesture_and_no_ready_one_without_file(adviser):
    job = make_job(adviser)

    with pytest.raises(IntegrityError), transaction.atomic():
        PrintJob.objects.create(account=adviser, key=job.key)
    with pytest.raises(IntegrityError), transaction.atomic():
        PrintJob.objects.filter(pk=job.pk).update(state="pret")
    with pytest.raises(IntegrityError), transaction.atomic():
        PrintJob.objects.filter(pk=job.pk).update(content=b"%PDF")


# --- Its page ------------------------------------------------------------------------


def test_the_page_says_how_far_it_is_and_survives_a_reload(as_adviser, adviser, papers):
    """U8: all is in the row."""
    job = make_job(adviser, papers)
    page = Page.of(as_adviser.get(job.get_absolute_url()))
    assert "En attente" in page.one("main").words()
    taken = PrintJob.claim(job.pk)
    taken.report_progress(2, 4)

    for _ in range(2):
        told = as_adviser.get(job.get_absolute_url()).text
        assert '<progress id="avance" value="2" max="4">' in told
        assert "2 documents sur 4" in told
        # Without JavaScript too.
        assert f'href="{job.get_absolute_url()}">Actualiser' in told
    part = as_adviser.get(reverse("print_job_progress", args=[job.pk])).text
    assert "2 documents sur 4" in part
    assert papers[0].candidate.last_name not in part


def test_once_ready_the_page_no_longer_asks_and_gives_the_file(
    as_adviser, adviser, papers
):
    """S38: the journal tells each person; V17: no name stands in a title."""
    job = printed(make_job(adviser, papers))

    page = as_adviser.get(job.get_absolute_url()).text
    response = as_adviser.get(pdf_url(job))

    assert "hx-get" not in page.split("<main")[1]
    assert pdf_url(job) in page
    assert response.content == bytes(job.content)
    day = timezone.localdate().isoformat()
    assert (
        response["Content-Disposition"]
        == f'inline; filename="opus-documents-{day}.pdf"'
    )
    entry = AuditEntry.objects.get(action="document_read")
    assert set(entry.person_ids) == {one.candidate_id for one in papers}
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]
    assert not any(paper.candidate.last_name in title for paper in papers)


@pytest.mark.thorough
def test_a_job_is_given_up_and_made_again(as_adviser, adviser, papers):
    job = printed(make_job(adviser, papers))

    response = as_adviser.post(reverse("print_job_cancel", args=[job.pk]), follow=True)

    job.refresh_from_db()
    assert (job.state, job.content) == ("annule", None)
    assert "son PDF est supprimé" in response.text
    assert as_adviser.get(pdf_url(job)).status_code == 409
    as_adviser.post(reverse("print_job_again", args=[job.pk]))
    assert printed(job).is_ready


def test_a_job_given_up_while_it_is_made_is_not_kept(adviser, papers, monkeypatch):
    job = make_job(adviser, papers)
    lay_out = documents.layout_for_job

    def give_up(paper):
        PrintJob.objects.get(pk=job.pk).cancel()
        return lay_out(paper)

    monkeypatch.setattr(documents, "layout_of", give_up)

    assert (printed(job).state, printed(job).content) == ("annule", None)


def test_after_a_day_it_is_gone(as_adviser, adviser, papers):
    job = printed(make_job(adviser, papers))

    with time_machine.travel(timezone.now() + dt.timedelta(hours=24, minutes=1)):
        sign_in(as_adviser, adviser)
        assert as_adviser.get(pdf_url(job)).status_code == 404
        assert as_adviser.get(job.get_absolute_url()).status_code == 404
        delete_expired_files()

    assert not PrintJob.objects.exists()
    assert Document.objects.count() == len(papers)


def test_the_day_being_over_the_same_gesture_may_have_another(as_adviser, papers):
    key = uuid.uuid4()
    request_job(as_adviser, papers, key=key)
    PrintJob.objects.update(expires_at=timezone.now())

    response = request_job(as_adviser, papers, key=key)

    assert as_adviser.get(response["Location"]).status_code == 200
    assert PrintJob.objects.count() == 1


def test_one_that_fails_says_so_and_is_tried_again(
    as_adviser, adviser, papers, monkeypatch
):
    """R7: three tries, then a button; the documents themselves are as they were."""
    job = make_job(adviser, papers)
    monkeypatch.setattr(pdf, "bind", lambda *_: 1 / 0)
    for _ in range(background_files.MAX_ATTEMPTS):
        PrintJob.objects.update(next_attempt_at=timezone.now())
        make_file(job)

    page = as_adviser.get(job.get_absolute_url())
    assert "la préparation s’est arrêtée" in page.text
    assert as_adviser.get(pdf_url(job)).status_code == 409
    monkeypatch.undo()
    as_adviser.post(reverse("print_job_again", args=[job.pk]))
    assert printed(job).is_ready


def test_my_jobs_are_listed_and_nobody_elses(as_adviser, adviser):
    mine, other = make_job(adviser, ready=True), make_job(AdviserFactory())

    page = as_adviser.get(JOBS).text

    assert mine.get_absolute_url() in page
    assert other.get_absolute_url() not in page


@pytest.mark.parametrize("name", ["print_job", "print_job_progress"])
def test_a_page_asks_as_much_of_three_documents_as_of_one(
    as_adviser, adviser, papers, name
):
    """P8."""
    counts = []
    for some in (papers[:1], papers[:3]):
        url = reverse(name, args=[make_job(adviser, some).pk])
        as_adviser.get(url)
        with CaptureQueriesContext(connection) as queries:
            as_adviser.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
