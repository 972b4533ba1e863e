"""V14: a sheet put right, with its history, told to whoever received it."""

import json

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from referrals.corrections.actions import change_candidate
from referrals.corrections.models import Correction
from referrals.duplicates.actions import merge
from tests.accounts.factories import AgencyFactory, FtAdminFactory
from tests.admin.registers import action_url, text_of
from tests.referrals.factories import CandidateFactory, ReferralFactory
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db


def typed(candidate, **changes):
    names = ["first_name", "last_name", "ft_id", "phone", "email", "address"]
    names += ["postcode", "city"]
    return {name: getattr(candidate, name) for name in names} | changes


def test_what_a_sheet_said_is_kept_with_who_when_and_why(adviser):
    """V14: of the fields that changed, and no other; never changed afterwards."""
    candidate = CandidateFactory(adviser=adviser, last_name="Dupond")
    change_candidate(candidate, by=adviser, last_name="Dupond")
    assert not Correction.objects.filter(field="last_name").exists()

    change_candidate(candidate, by=adviser, last_name="Dupont", phone=candidate.phone)

    (kept,) = Correction.objects.filter(field="last_name")
    assert (kept.before, kept.after, kept.by) == ("Dupond", "Dupont", adviser)
    assert kept.reason == "erreur"
    assert not Correction.objects.filter(field="phone").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.update(before="Jamais")


def test_the_history_follows_two_sheets_that_become_one(adviser):
    kept, other = CandidateFactory.create_batch(2, adviser=adviser, ft_id="")
    change_candidate(other, by=adviser, last_name="Corrigée")

    merge(kept, other, by=adviser)

    assert Correction.objects.filter(candidate=kept, after="Corrigée").exists()


def test_staff_puts_a_sheet_right_and_all_who_received_it_are_told(
    as_ft_admin, ft_admin
):
    """V14: the journey. The adviser and who is over the agency; neither name nor word
    of what was wrong; not the one who did it.
    """
    AgencyFactory(safir="38086")
    colleague = FtAdminFactory()
    act = ScreenedReferralFactory(
        candidate__last_name="Dupond", offer__agency_safir="38086"
    )
    candidate = act.candidate

    as_ft_admin.post(
        action_url(act, "rectifier"),
        typed(candidate, last_name="Dupont", reason="demande"),
    )
    outbox.relay()

    candidate.refresh_from_db()
    assert candidate.last_name == "Dupont"
    assert Correction.objects.get(field="last_name").reason == "demande"
    told = {one.to[0]: one.body + one.subject for one in mail.outbox}
    assert set(told) == {candidate.adviser.email, colleague.email}
    assert all(act.number in words for words in told.values())
    assert not any("Dupon" in words for words in told.values())


def test_an_agency_that_received_nothing_is_told_nothing(as_ft_admin):
    AgencyFactory(safir="38086")
    FtAdminFactory()
    act = ReferralFactory(offer__agency_safir="38086")

    as_ft_admin.post(
        action_url(act, "rectifier"),
        typed(act.candidate, last_name="Dupont", reason="erreur"),
    )
    outbox.relay()

    assert [one.to for one in mail.outbox] == [[act.candidate.adviser.email]]


def test_france_travails_system_is_told_by_numbers(adviser, settings):
    """V14, R6: which fields, on which acts; neither what they said nor say."""
    settings.WEBHOOKS_URL = "http://127.0.0.1:9/opus"
    act = ReferralFactory(
        candidate=CandidateFactory(
            adviser=adviser, ft_id="1234567A", last_name="Dupond"
        )
    )
    change_candidate(act.candidate, by=adviser, ft_id="1234567B", last_name="Dupont")

    entry = OutboxEntry.objects.get(effect="candidate-corrected")
    notice = outbox.REGISTRY[entry.effect].compose(**entry.arguments)

    assert notice.type == "fr.opus.personne.rectifiee"
    assert {"ft_id", "last_name"} <= set(notice.data["champs"])
    assert notice.data["identifiant"] == "1234567B"
    assert notice.data["identifiant_precedent"] == "1234567A"
    assert notice.data["actes"] == [act.number]
    assert "Dupon" not in json.dumps(notice.data)


def test_an_empty_field_that_is_filled_in_is_told_to_nobody(adviser):
    """It was wrong for nobody."""
    candidate = CandidateFactory(adviser=adviser, phone="", commune_code="38193")
    ScreenedReferralFactory(candidate=candidate)

    change_candidate(
        candidate,
        by=adviser,
        phone="06 39 98 00 01",
        postcode=candidate.postcode,
        city=candidate.city,
    )

    assert not OutboxEntry.objects.filter(effect="data-corrected").exists()


def test_an_identifier_of_another_sheet_is_refused_in_a_sentence(as_ft_admin):
    act = ReferralFactory()
    CandidateFactory(adviser=act.adviser, ft_id="7654321Z")

    response = as_ft_admin.post(
        action_url(act, "rectifier"),
        typed(act.candidate, ft_id="7654321Z", reason="erreur"),
        follow=True,
    )

    assert "déjà cet identifiant" in text_of(response)
    assert not Correction.objects.exists()
