"""What becomes of a demande de CV: every state × every verb, and who waits for whom."""

import datetime as dt
import hashlib

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from referrals.acts.states import CvRefusal, CvState, ScreenedState
from referrals.acts.timeline import timeline_of
from referrals.appointments import actions as appointments
from referrals.cv_requests import actions
from referrals.cv_requests.models import CvFormat, CvRequest
from referrals.cv_requests.uploads import Cv
from referrals.follow_up import actions as follow_up
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgentFactory
from tests.cases import each_case
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.cv_factories import PDF, CvFileFactory, CvRequestFactory
from tests.referrals.factories import AppointmentFactory, ReferralFactory, end

pytestmark = pytest.mark.django_db

S = CvState
PDF_CV = Cv(PDF, CvFormat.PDF)


def today():
    return timezone.localdate()


def in_state(state, **kwargs):
    """A request that stands there, by the verbs themselves."""
    cv_request = CvRequestFactory(**kwargs)
    adviser = cv_request.adviser
    if state in {S.HANDED_OVER, S.REMINDED, S.RECEIVED, S.SENT, S.KEPT, S.NOT_KEPT}:
        follow_up.hand_over(cv_request, by=adviser, channel="main", on=today())
    match state:
        case S.REMINDED:
            actions.relaunch(cv_request, by=adviser)
        case S.RECEIVED:
            cv_request.move_to(S.RECEIVED, by=adviser)
        case S.SENT | S.KEPT | S.NOT_KEPT:
            actions.receive(cv_request, by=adviser, cv=PDF_CV)
        case S.WITHOUT_CV:
            follow_up.hand_over(cv_request, by=adviser, channel="main", on=today())
            cv_request.close_without()
        case S.CANCELLED:
            follow_up.cancel(cv_request, by=adviser)
    if state == S.KEPT:
        actions.keep(cv_request, by=AgentFactory())
    if state == S.NOT_KEPT:
        actions.refuse(cv_request, by=AgentFactory(), reason=CvRefusal.SKILLS)
    return CvRequest.objects.get(pk=cv_request.pk)


VERBS = {
    "hand_over": lambda r: follow_up.hand_over(
        r, by=r.adviser, channel="courriel", on=today()
    ),
    "relaunch": lambda r: actions.relaunch(r, by=r.adviser),
    "receive": lambda r: actions.receive(
        r, by=r.adviser, cv=Cv(PDF + b"autre", CvFormat.PDF)
    ),
    "close_without": lambda r: r.close_without(),
    "keep": lambda r: actions.keep(r, by=AgentFactory()),
    "refuse": lambda r: actions.refuse(r, by=AgentFactory(), reason=CvRefusal.SKILLS),
    "cancel": lambda r: follow_up.cancel(r, by=r.adviser),
}
# state → verb → where it leads; what is not here is refused.
LEADS = {
    S.REQUESTED: {
        "hand_over": S.HANDED_OVER,
        "relaunch": S.REMINDED,
        "close_without": S.WITHOUT_CV,
        "cancel": S.CANCELLED,
    },
    S.HANDED_OVER: {
        "relaunch": S.REMINDED,
        "receive": S.SENT,
        "close_without": S.WITHOUT_CV,
        "cancel": S.CANCELLED,
    },
    S.REMINDED: {
        "relaunch": S.REMINDED,
        "receive": S.SENT,
        "close_without": S.WITHOUT_CV,
        "cancel": S.CANCELLED,
    },
    S.RECEIVED: {"cancel": S.CANCELLED},
    S.SENT: {"keep": S.KEPT, "refuse": S.NOT_KEPT, "cancel": S.CANCELLED},
    S.WITHOUT_CV: {"receive": S.SENT},
    S.KEPT: {},
    S.NOT_KEPT: {},
    S.CANCELLED: {},
}
MATRIX = [(state, verb) for state in S for verb in VERBS]


@each_case(("state", "verb"), MATRIX, at_each_run=40)
def test_every_verb_from_every_state(state, verb):
    """R11: it leads where the table says, or is refused and changes nothing."""
    cv_request = in_state(state)
    steps, files = cv_request.steps.count(), cv_request.files.count()
    target = LEADS[state].get(verb)

    if target is None:
        with pytest.raises(MoveRefused, match=r"\."):
            VERBS[verb](cv_request)
    else:
        VERBS[verb](cv_request)

    now = CvRequest.objects.get(pk=cv_request.pk)
    assert now.state == (target or state)
    # What is received makes two moves: it goes to the agency at once.
    made = 0 if target is None else 2 if verb == "receive" else 1
    assert now.steps.count() == steps + made
    assert now.files.count() == files + (verb == "receive" and target is not None)


def test_nothing_is_received_before_the_letter_was_handed_over():
    """Article 7, wherever Opus has moved it since; the database says so too."""
    cv_request = CvRequestFactory()
    cv_request.remind(by=None)

    with pytest.raises(MoveRefused, match="convention, art. 7"):
        actions.receive(cv_request, by=cv_request.adviser, cv=PDF_CV)

    with pytest.raises(IntegrityError), transaction.atomic():
        CvRequest.objects.filter(pk=cv_request.pk).update(state=S.RECEIVED)
    assert not cv_request.files.exists()
    follow_up.hand_over(cv_request, by=cv_request.adviser, channel="main", on=today())
    actions.receive(cv_request, by=cv_request.adviser, cv=PDF_CV)
    assert cv_request.state == S.SENT


def test_one_that_was_closed_and_never_handed_over_is_asked_anew():
    cv_request = CvRequestFactory(state=S.WITHOUT_CV)

    with pytest.raises(MoveRefused, match="faites-en une nouvelle"):
        actions.receive(cv_request, by=cv_request.adviser, cv=PDF_CV)


def test_a_cv_is_kept_with_its_bytes_and_without_its_name():
    """V17: the name of a person's file tells of her."""
    cv_request = in_state(S.HANDED_OVER)

    file = actions.receive(cv_request, by=cv_request.adviser, cv=PDF_CV)

    file.refresh_from_db()
    assert bytes(file.content) == PDF
    assert file.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (file.size, file.format) == (len(PDF), "pdf")
    assert file.filename == f"cv-{cv_request.number}.pdf"
    entry = AuditEntry.objects.latest("pk")
    assert entry.details["to"] == "transmis"
    assert entry.details["cv"] == str(file.pk)


def test_one_that_comes_late_goes_to_the_request_under_way():
    late = in_state(S.WITHOUT_CV)
    again = CvRequestFactory(offer=late.offer, candidate=late.candidate)

    with pytest.raises(MoveRefused, match=again.number):
        actions.receive(late, by=late.adviser, cv=PDF_CV)


def test_each_relaunch_of_the_adviser_is_a_line_of_the_timeline():
    """The first moves it, the others do not; Opus's own is told as what it is."""
    cv_request = in_state(S.HANDED_OVER)
    cv_request.remind(by=None)
    for _ in range(2):
        actions.relaunch(cv_request, by=cv_request.adviser)

    lines = [(entry.label, entry.by) for entry in timeline_of(cv_request)]
    adviser = str(cv_request.adviser)
    assert lines[-3:] == [
        ("Échéance passée, conseiller prévenu", "Opus"),
        ("Candidat relancé", adviser),
        ("Candidat relancé", adviser),
    ]


# --- France Travail's answer ----------------------------------------------------------


def sent_cv(**fields):
    return in_state(S.SENT, **fields)


def attended(**fields):
    return AppointmentFactory(attended=True, **fields)


KEPT = pytest.mark.parametrize(
    ("begin", "keep"), [(sent_cv, actions.keep), (attended, appointments.keep)]
)


@KEPT
def test_what_is_kept_begins_a_mise_en_contact_already_shortlisted(begin, keep):
    """exempt from the column of delegation, no document."""
    earlier, agent = begin(), AgentFactory()
    before = AuditEntry.objects.count()

    follows = ScreenedReferral.objects.get(pk=keep(earlier, by=agent).pk)

    assert follows.state == ScreenedState.SHORTLISTED
    assert follows.number.startswith("MEP-")
    assert follows.follows == earlier
    same = ("offer", "candidate", "structure", "adviser")
    assert [getattr(follows, name) for name in same] == [
        getattr(earlier, name) for name in same
    ]
    assert follows.idempotency_key != earlier.idempotency_key
    assert not follows.documents.exists()
    [step] = follows.steps.all()
    assert (step.origin, step.target, step.by) == ("", "preselection", agent)
    [entry] = AuditEntry.objects.order_by("pk")[before:]
    assert entry.details == {"to": "retenu", "screened_referral": str(follows.pk)}


def no_longer_open(cv_request):
    withdraw(cv_request.offer)


def put_in_contact(cv_request):
    ScreenedReferral.draft(
        number="MEP-2026-999999",
        offer=cv_request.offer,
        candidate=cv_request.candidate,
        structure=cv_request.structure,
        adviser=cv_request.adviser,
    ).save_new()


def filled(cv_request):
    """Its one post was taken by a hire that Opus knows of."""
    hired = ReferralFactory(offer=cv_request.offer, handed_over=True)
    end(hired)


@pytest.mark.parametrize(
    ("meanwhile", "sentence"),
    [
        (no_longer_open, "a suspendu cette offre"),
        (put_in_contact, "MEP-2026-999999"),
        (filled, "Tous les postes de cette offre sont pris"),
    ],
)
@KEPT
def test_nothing_is_kept_where_nothing_could_follow(begin, keep, meanwhile, sentence):
    """R2: asked again under lock of the offer; nothing is half done."""
    offer = OfferFactory(preselected=True, posts=1, posts_left=None)
    earlier = begin(offer=offer)
    state = earlier.state
    meanwhile(earlier)
    before = ScreenedReferral.objects.count()

    with pytest.raises(MoveRefused, match=sentence):
        keep(earlier, by=AgentFactory())

    assert type(earlier).objects.get().state == state
    assert ScreenedReferral.objects.count() == before


def test_a_cv_that_is_not_kept_says_why():
    cv_request = in_state(S.SENT)

    actions.refuse(cv_request, by=AgentFactory(), reason=CvRefusal.LICENCE)

    assert cv_request.reason == "habilitation"
    assert timeline_of(cv_request)[-1].detail == "permis ou habilitation manquant"
    assert AuditEntry.objects.latest("pk").details["reason"] == "habilitation"


@pytest.mark.parametrize("answer", ["keep", "refuse"])
def test_whoever_accompanies_the_person_is_told_that_an_answer_came(answer):
    """V17, V18: a link, neither the person nor the answer."""
    cv_request = in_state(S.SENT)

    VERBS[answer](cv_request)
    outbox.relay()

    [letter] = mail.outbox
    assert letter.to == [cv_request.adviser.email]
    assert cv_request.get_absolute_url() in letter.body
    text = letter.subject + letter.body
    assert cv_request.candidate.last_name not in text
    assert "retenu" not in text


def test_no_refusal_without_a_reason():
    cv_request = in_state(S.SENT)

    with pytest.raises(IntegrityError), transaction.atomic():
        actions.refuse(cv_request, by=AgentFactory(), reason="")


# --- What waits -----------------------------------------------------------------------


def test_a_cv_is_overdue_the_day_after_and_not_on_the_day():
    cv_request = CvRequestFactory(handed_over=True, due_on=today())

    assert not cv_request.is_overdue
    assert not CvRequest.objects.overdue().exists()
    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
        assert cv_request.is_overdue
        assert CvRequest.objects.overdue().get() == cv_request


def test_the_agency_opens_no_cv_of_a_request_that_was_called_off():
    cv_request = CvFileFactory().cv_request
    assert cv_request.is_readable_by_agency

    follow_up.cancel(cv_request, by=cv_request.adviser)

    assert not cv_request.is_readable_by_agency
