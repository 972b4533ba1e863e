"""Article 10: each right is answered by a gesture, with its letter (V12–V14)."""

import re
import uuid

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.users.enums import UserState
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.lib.privacy import subject_access
from opus.lib.privacy.personal_data import PersonKind
from opus.support.data_rights import actions
from opus.support.data_rights.models import (
    ANSWERED_BY,
    Delay,
    GestureKind,
    Refusal,
    RequestState,
    Right,
    RightsGesture,
    RightsRequest,
)
from referrals.acts.act_rights import ActKind
from referrals.candidate_emails.actions import give_consent
from referrals.candidates.models import Candidate, ProcessingLimit
from referrals.making.actions import ActRefused, make
from referrals.privacy.retention import extract
from tests.accounts.factories import AdviserFactory, AgentFactory, FtAdminFactory
from tests.admin.registers import action_url, record_url, text_of
from tests.conftest import sign_in
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvFileFactory
from tests.referrals.factories import (
    CandidateFactory,
    CandidateHoldFactory,
    ReferralFactory,
    SavedSearchFactory,
)
from tests.support.factories import PersonFileFactory, RightsRequestFactory

pytestmark = pytest.mark.django_db


def request_of(candidate: Candidate, right: Right) -> RightsRequest:
    asked = RightsRequestFactory(
        under_way=True, kind="non_inscrit", account=None, right=right
    )
    asked.candidates.create(candidate=candidate.pk)
    return asked


def employers_request(right: Right) -> RightsRequest:
    return RightsRequestFactory(
        under_way=True, kind=PersonKind.EMPLOYER, account=None, right=right
    )


def make_referral(candidate: Candidate, *, by):
    return make(
        ActKind.REFERRAL, OfferFactory().pk, candidate.pk, by=by, key=uuid.uuid4()
    )


def press(client, asked: RightsRequest, slug: str, **data):
    return client.post(action_url(asked, slug), data)


# --- The rule -------------------------------------------------------------------------


@pytest.mark.parametrize("right", Right)
def test_answered_is_said_only_after_a_gesture(right, ft_admin):
    """V12: in the model, and in the database whoever writes."""
    asked = RightsRequestFactory(under_way=True, right=right, account=None)
    with pytest.raises(MoveRefused, match="Rien n’a encore été fait"):
        actions.answer(asked, by=ft_admin)
    with pytest.raises(IntegrityError, match="Rien n’a"), transaction.atomic():
        RightsRequest.objects.filter(pk=asked.pk).update(
            state=RequestState.ANSWERED, ended_on=timezone.localdate()
        )

    actions.act(asked, GestureKind.NOTHING, by=ft_admin)
    actions.answer(asked, by=ft_admin)

    assert asked.state == RequestState.ANSWERED


def test_the_database_knows_the_gestures_of_each_right():
    """V12: its table of gestures is the model's."""
    with connection.cursor() as cursor:
        for right in Right:
            for kind in GestureKind:
                cursor.execute(
                    "SELECT opus_answered_by(%s, %s)", [right.value, kind.value]
                )
                is_answer = kind in {*ANSWERED_BY[right], GestureKind.NOTHING}
                assert cursor.fetchone() == (is_answer,), (right, kind)


def test_a_gesture_is_of_its_request_and_stays_as_it_was_done(ft_admin):
    """V12: neither another right's, nor changed, nor deleted, nor in part untold."""
    asked = RightsRequestFactory(under_way=True, right=Right.ACCESS)
    given = {"kind": GestureKind.COPY, "answer": "accordee", "by": ft_admin}
    gesture = asked.gestures.create(**given)
    rows = RightsGesture.objects.filter(pk=gesture.pk)
    for write in [
        lambda: asked.gestures.create(**given | {"kind": GestureKind.ERASURE}),
        lambda: asked.gestures.create(**given | {"kind": GestureKind.LIFTING}),
        lambda: asked.gestures.create(**given | {"answer": "en_partie"}),
        lambda: asked.gestures.create(**given | {"by": asked.recorded_by}),
        lambda: rows.update(answer="en_partie", because="autrui"),
        rows.delete,
        lambda: asked.offers.create(offer="123ABCD"),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


@pytest.mark.parametrize("kind", actions.EFFECTS)
def test_no_gesture_is_made_alone_nor_before_its_time(kind, ft_admin):
    """V12: the action has the button's own condition."""
    asked = RightsRequestFactory(right=Right.ACCESS)
    with pytest.raises(MoveRefused, match="Il faut être deux"):
        actions.act(asked, kind, by=asked.recorded_by)
    with pytest.raises(MoveRefused) as refused:
        actions.act(asked, kind, by=ft_admin)
    assert str(refused.value) == actions.why_not_now(asked, kind) != ""


def test_a_refusal_gives_a_reason_of_its_right_and_ends_the_copy(as_ft_admin):
    """GDPR 12.4: and the copy that was ready is gone."""
    asked = PersonFileFactory(ready=True).request
    page = text_of(as_ft_admin.get(action_url(asked, "refuser")))
    for reason in Refusal:
        is_given = reason.label in page
        assert is_given == (reason.value in dict(asked.refusal_choices))

    press(as_ft_admin, asked, "refuser", because=Refusal.OTHERS)

    asked.refresh_from_db()
    assert asked.state == RequestState.REFUSED
    assert asked.files.get().content is None
    assert press(as_ft_admin, asked, "telecharger-la-copie").status_code == 409
    letter = asked.replies.get()
    assert "porterait atteinte aux droits d’autres personnes" in letter.html
    with pytest.raises(IntegrityError), transaction.atomic():
        asked.files.update(taken_at=timezone.now(), taken_by=FtAdminFactory())


# --- The gestures, at the desk --------------------------------------------------------


def test_the_register_remembers_that_a_copy_was_taken(as_ft_admin):
    """V13: after the file is deleted too; the letter is ready."""
    asked = PersonFileFactory(ready=True).request
    press(as_ft_admin, asked, "telecharger-la-copie", because="autrui")
    asked.files.all().delete()

    gesture = asked.gestures.get()
    assert (gesture.kind, gesture.answer) == (GestureKind.COPY, "en_partie")
    assert "copie des données téléchargée" in text_of(
        as_ft_admin.get(record_url(asked))
    )
    press(as_ft_admin, asked, "repondre")
    asked.refresh_from_db()
    assert asked.state == RequestState.ANSWERED


def test_a_candidate_is_rectified_from_the_request_without_any_act(as_ft_admin):
    """GDPR 16: in all her records, with history and one entry."""
    hers = CandidateFactory(ft_id="", phone="0601020304", city="Grenoble")
    other = CandidateFactory(ft_id="", phone="")
    asked = request_of(hers, Right.RECTIFICATION)
    asked.candidates.create(candidate=other.pk)
    page = as_ft_admin.get(action_url(asked, "rectifier"))
    shown = re.search(r'name="shown" value="([^"]+)"', page.content.decode())
    names = ("first_name", "last_name", "ft_id", "email", "address", "postcode", "city")
    typed = {name: getattr(hers, name) for name in names} | {"phone": "0699999999"}

    press(as_ft_admin, asked, "rectifier", **typed, shown=shown[1])

    for one in (hers, other):
        one.refresh_from_db()
        assert one.phone == "06 99 99 99 99"
    assert hers.corrections.get(field="phone").reason == "demande"
    assert asked.gestures.get().counts == {"données rectifiées": 1}
    lines = AuditEntry.objects.filter(target_id=str(asked.pk))
    assert lines.get(action=Action.RIGHTS_MOVED).details["verb"] == "rectification"


def test_an_account_is_rectified_and_erased_once_closed(as_ft_admin):
    account = AdviserFactory(function="Consilière")
    asked = RightsRequestFactory(
        under_way=True, right=Right.RECTIFICATION, account=account
    )
    typed = {
        name: getattr(account, name)
        for name in ("first_name", "last_name", "email", "phone")
    }
    press(as_ft_admin, asked, "rectifier", **typed, function="Conseillère")
    account.refresh_from_db()
    assert account.function == "Conseillère"

    erasure = RightsRequestFactory(under_way=True, right=Right.ERASURE, account=account)
    refused = press(as_ft_admin, erasure, "effacer", is_this_person="on")
    assert "Faites-le d’abord fermer" in text_of(refused)
    account.close(by=FtAdminFactory(), reason="depart")
    press(as_ft_admin, erasure, "effacer", is_this_person="on", because="obligation")

    account.refresh_from_db()
    assert (account.last_name, account.email) == ("", "")
    assert erasure.gestures.get().answer == "en_partie"
    assert "journal des consultations" in erasure.replies.get().html


def test_a_candidate_is_erased_unless_something_keeps_her(as_ft_admin):
    """GDPR 17: her acts go too; a live act or a lawsuit keeps all, in words."""
    live = ReferralFactory(candidate__ft_id="")
    held = CandidateHoldFactory(candidate__ft_id="").candidate
    for candidate, words in [(live.candidate, live.number), (held, "litige")]:
        asked = request_of(candidate, Right.ERASURE)
        refused = press(as_ft_admin, asked, "effacer", is_this_person="on")
        assert words in text_of(refused)
        assert not asked.gestures.exists()
    over = ReferralFactory(candidate__ft_id="", cancelled=True)
    gone, adviser = over.candidate, over.candidate.adviser
    asked = request_of(gone, Right.ERASURE)

    unread = press(as_ft_admin, asked, "effacer")
    assert Candidate.objects.filter(pk=gone.pk).exists()
    assert "Dites que c’est bien cette personne" in text_of(unread)
    press(as_ft_admin, asked, "effacer", is_this_person="on")
    outbox.relay()

    assert not Candidate.objects.filter(pk=gone.pk).exists()
    line = AuditEntry.objects.get(
        target_id=str(asked.pk), action=Action.RIGHTS_MOVED, refused=""
    )
    assert line.person_ids == [gone.pk]
    [told] = [one for one in mail.outbox if "effacées" in one.subject]
    assert told.to == [adviser.email]
    assert over.number in told.body
    assert gone.last_name not in told.body
    press(as_ft_admin, asked, "repondre")
    asked.refresh_from_db()
    assert asked.state == RequestState.ANSWERED


def test_frozen_data_are_kept_unused_and_told_to_the_adviser(client, as_ft_admin):
    """GDPR 18: no act, change, e-mail or view beyond, until it is lifted."""
    act = ReferralFactory(candidate__ft_id="7654321Z")
    hers, adviser = act.candidate, act.candidate.adviser
    asked = request_of(hers, Right.RESTRICTION)
    press(as_ft_admin, asked, "geler")
    outbox.relay()

    [told] = [one for one in mail.outbox if "limité" in one.subject]
    assert told.to == [adviser.email]
    assert hers.last_name not in told.body
    assert "7654321Z" not in text_of(as_ft_admin.get(record_url(act)))
    with pytest.raises(ActRefused, match=asked.number):
        make_referral(hers, by=adviser)
    with pytest.raises(IntegrityError, match="limité l’usage"), transaction.atomic():
        ReferralFactory(candidate=hers)
    with pytest.raises(MoveRefused):
        give_consent(hers, by=adviser, given_on=timezone.localdate(), way="ecrit")
    sign_in(client, adviser)
    sheet = text_of(client.get(hers.get_absolute_url()))
    assert asked.number in sheet
    assert "Modifier la fiche" not in sheet

    sign_in(client, FtAdminFactory())
    press(client, asked, "repondre")
    press(client, asked, "lever")
    asked.refresh_from_db()
    assert asked.state == RequestState.ANSWERED
    assert not asked.is_restricted
    assert hers.freeze is None
    assert {one.kind for one in asked.replies.all()} == {"accordee", "levee"}
    assert make_referral(hers, by=adviser)


def test_an_agency_does_not_read_the_cv_of_frozen_data(as_ft_admin, ft_admin):
    """GDPR 18: with its reason, on the page and at the file's address."""
    cv_request = CvFileFactory().cv_request
    url = reverse("admin:referrals_cvrequest_file", args=[cv_request.pk])
    assert as_ft_admin.get(url).status_code == 200
    cv_request.candidate.limits.create(
        processing="tout", reference="DR-2026-000001", placed_by=ft_admin
    )

    refused = as_ft_admin.get(url)

    assert refused.status_code == 403
    assert "gelées à la demande du candidat" in text_of(refused)
    assert "DR-2026-000001" in text_of(as_ft_admin.get(record_url(cv_request)))


def test_the_holder_of_an_account_reads_what_was_answered_and_why(client):
    """GDPR 12.4."""
    asked = RightsRequestFactory(under_way=True, right=Right.RESTRICTION)
    actions.act(asked, GestureKind.RESTRICTION, by=FtAdminFactory(), because="hors_cas")
    actions.answer(asked, by=FtAdminFactory())
    actions.act(asked, GestureKind.LIFTING, by=FtAdminFactory())
    sign_in(client, asked.account)

    page = text_of(client.get(reverse("own_rights")))

    assert "accordée en partie : Aucun des cas" in page.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("before", "after"), [(None, UserState.CREATED), ("usage", UserState.SUSPENDED)]
)
def test_the_end_of_a_restriction_opens_what_it_shut_alone(as_ft_admin, before, after):
    """Who was suspended for misuse stays so: the right is about the data."""
    account = AgentFactory(state=UserState.CREATED)
    if before:
        account.suspend(by=FtAdminFactory(), reason=before)
    asked = RightsRequestFactory(
        under_way=True, kind=PersonKind.STAFF, right=Right.RESTRICTION, account=account
    )

    press(as_ft_admin, asked, "geler")
    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED
    assert list(RightsRequest.objects.restricted()) == [asked]
    press(as_ft_admin, asked, "lever")

    account.refresh_from_db()
    assert not asked.is_restricted
    assert account.state == after


def test_each_objection_stops_its_processing_and_no_other(as_ft_admin):
    """GDPR 21: e-mails, searches, statistics; nothing comes back by itself."""
    act = ReferralFactory(candidate__email="a@b.example", candidate__ft_id="")
    hers, adviser = act.candidate, act.candidate.adviser
    give_consent(hers, by=adviser, given_on=timezone.localdate(), way="ecrit")
    SavedSearchFactory(account=None, candidate=hers)
    key = b"k" * 32
    assert extract(key)
    asked = request_of(hers, Right.OBJECTION)
    nothing = press(as_ft_admin, asked, "arreter")
    assert "Choisissez ce qui s’arrête" in text_of(nothing)

    everything = ["courriels", "veilles", "statistiques"]
    press(as_ft_admin, asked, "arreter", processings=everything)

    assert hers.mail_consent is None
    assert not hers.saved_searches.exists()
    assert not extract(key)
    with pytest.raises(MoveRefused, match=asked.number):
        give_consent(hers, by=adviser, given_on=timezone.localdate(), way="ecrit")
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedSearchFactory(account=None, candidate=hers)
    assert ProcessingLimit.objects.count() == 3
    assert "les recherches enregistrées" in asked.replies.get().html


def test_an_employer_is_found_by_offers_and_his_request_goes_to_their_owner(
    as_ft_admin, settings
):
    """Art. 10: by number or by the exact name; by webhook, without a name."""
    settings.WEBHOOKS_URL = "https://ft.example/opus"
    offer = OfferFactory(company="Boulangerie Zcherchée")
    OfferFactory(company="Boulangerie Zcherchée et fils")
    asked = employers_request(Right.RECTIFICATION)
    unknown = press(as_ft_admin, asked, "trouver", who="Boulangerie")
    assert "aucune offre" in text_of(unknown)
    press(as_ft_admin, asked, "trouver", who="boulangerie zcherchée")
    assert list(asked.offers.values_list("offer", flat=True)) == [offer.pk]
    assert offer.title in text_of(as_ft_admin.get(record_url(asked)))

    press(as_ft_admin, asked, "transmettre", offer_parts=["contact"])

    entry = OutboxEntry.objects.get(effect="employer-asked")
    event = outbox.REGISTRY["employer-asked"].compose(**entry.arguments)
    assert event.data["offres"] == [offer.pk]
    assert event.data["parties"] == ["contact"]
    assert "Zcherch" not in str(event)
    assert offer.pk in asked.replies.get().html
    press(as_ft_admin, asked, "repondre")
    asked.refresh_from_db()
    assert asked.state == RequestState.ANSWERED


def test_without_webhook_the_agencys_administrators_get_it(ft_admin):
    asked = employers_request(Right.ERASURE)
    actions.attach(asked, OfferFactory().pk, by=ft_admin)

    actions.act(asked, GestureKind.PASSED_ON, by=ft_admin, offer_parts=["texte"])
    outbox.relay()

    told = [one for one in mail.outbox if "employeur" in one.subject]
    assert told
    assert all(asked.number in one.body for one in told)


def test_an_employers_copy_holds_his_offers_and_no_other(ft_admin):
    """GDPR 15: what his offers say of him."""
    asked = employers_request(Right.ACCESS)
    mine, other = OfferFactory(company="Zmienne"), OfferFactory(company="Zautre")
    actions.attach(asked, mine.pk, by=ft_admin)

    told = subject_access.as_json(subject_access.collect(asked.person))

    assert "Zmienne" in told
    assert other.pk not in told


# --- The letters ----------------------------------------------------------------------


def test_every_answer_has_its_letter_with_delay_reason_and_remedies(
    as_ft_admin, settings
):
    """GDPR 12.3, 12.4: ready as a PDF, and only for who answers."""
    asked = RightsRequestFactory(under_way=True, account=None)
    press(as_ft_admin, asked, "prolonger", because="nombre")
    press(as_ft_admin, asked, "refuser", because="autrui")

    asked.refresh_from_db()
    letters = {one.kind: one for one in asked.replies.all()}
    assert set(letters) == {"prolongee", "refusee"}
    for one in letters.values():
        for words in (asked.number, "CNIL", settings.CONTACT["dpo"], asked.name):
            assert words in one.html
    assert "parce que vous nous en avez adressé" in letters["prolongee"].html
    with pytest.raises(IntegrityError), transaction.atomic():
        asked.replies.update(html="autre chose")
    url = letters["refusee"].get_absolute_url()
    assert as_ft_admin.get(url).status_code == 202
    make_file(letters["refusee"])
    assert as_ft_admin.get(url)["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(
    ("part", "codes", "given"),
    [
        ("subject", Right, lambda code: {"asked": {"right": code}}),
        ("delay", Delay, lambda code: {"asked": {"extended_because": code}}),
        ("reasons", Refusal, lambda code: {"reasons": [code]}),
    ],
)
def test_every_code_has_its_words_in_the_letters(part, codes, given):
    name = f"support/data_rights/letters/reply.html#{part}"
    said = [render_to_string(name, given(code.value)) for code in codes]

    assert all(said)
    assert len(set(said)) == len(codes)
