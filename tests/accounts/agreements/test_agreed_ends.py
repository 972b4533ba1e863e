"""An early end on which both parties agree: its signatures, its letter, its day."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.agreements import actions, letters
from accounts.agreements.models.conventions import ConventionState
from accounts.agreements.models.letters import LetterKind
from accounts.agreements.models.terminations import Ending, EndingOrigin
from opus.lib.dates import date_format
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    day_from_today,
    signed_by_both,
)
from tests.admin.registers import action_url, record_url, text_of
from tests.conftest import sign_in
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db


def typed(**changes):
    return {
        "structure_signatory": "Odile Faure, présidente",
        "signed_by_structure_on": day_from_today(-6),
        "ft_signatory": "Paul Garnier, directeur territorial",
        "signed_by_ft_on": day_from_today(-2),
        "ends_on": day_from_today(5),
    } | changes


def test_both_parties_sign_an_early_end_and_access_closes_after_its_day(
    client, as_ft_admin
):
    """Art. 12, R12, S28: no notice, two hands, and no job."""
    adviser = AdviserFactory()
    convention = adviser.structure.conventions.get()
    last = typed()["ends_on"]

    as_ft_admin.post(action_url(convention, "fin-accord"), typed())
    ending = Ending.objects.get()
    page = text_of(as_ft_admin.get(record_url(ending)))
    actions.confirm_ending(ending, by=FtAdminFactory(), signatory="P. Garnier")

    assert "Odile Faure, présidente" in page
    assert (ending.origin, ending.told_on) == (
        EndingOrigin.AGREEMENT,
        day_from_today(-2),
    )
    convention.refresh_from_db()
    assert (convention.state, convention.ends_on) == (
        ConventionState.NOTICE_PERIOD,
        last,
    )
    letter = convention.letters.get()
    assert letter.kind == LetterKind.AGREED_END
    assert "Odile Faure, présidente, le" in letter.html
    assert "Paul Garnier, directeur territorial, le" in letter.html
    codes = []
    for day in (last, last + dt.timedelta(days=1)):
        with time_machine.travel(dt.datetime.combine(day, dt.time(12)), tick=False):
            sign_in(client, adviser)
            answer = client.get(reverse("offers"), {"lieu": ""})
            codes.append(answer.status_code)
    assert codes == [200, 403]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"structure_signatory": ""}, "Signataire de la structure"),
        ({"signed_by_ft_on": ""}, "Signé par France Travail le"),
        ({"signed_by_ft_on": day_from_today(1)}, "est à venir"),
        ({"ends_on": "2024-02-01"}, "Ce jour est passé"),
        ({"ends_on": "2099-12-31"}, "prend déjà fin"),
        ({"signed_by_structure_on": "2020-01-01", "signed_by_ft_on": "2020-01-01"}, ""),
    ],
)
def test_an_agreed_end_that_cannot_be_says_why_and_keeps_what_was_typed(
    as_ft_admin, changes, said
):
    convention = ConventionFactory()

    answer = as_ft_admin.post(action_url(convention, "fin-accord"), typed(**changes))

    page = text_of(answer)
    assert (said or "ne précède pas la signature") in page
    assert "Paul Garnier, directeur territorial" in page
    assert not Ending.objects.exists()


@pytest.mark.parametrize("slug", ["fin", "fin-accord"])
def test_an_early_end_says_before_which_day_it_falls(slug, as_ft_admin):
    convention = ConventionFactory()

    page = text_of(as_ft_admin.get(action_url(convention, slug)))

    assert f"Avant la fin actuelle, le {date_format(convention.ends_on)}." in page


def test_one_end_waits_at_a_time_whatever_its_kind(as_ft_admin):
    convention = EndingFactory().convention

    page = text_of(as_ft_admin.get(action_url(convention, "fin-accord")))

    assert "attend déjà d’être confirmée" in page


def test_the_second_person_reads_what_she_confirms(as_ft_admin):
    """S28: an end is not taken back."""
    on = day_from_today(-2)
    ending = EndingFactory(told_on=on)

    page = text_of(as_ft_admin.get(action_url(ending, "confirmer")))

    for words in [
        f"{ending.convention.structure}, {ending.convention}",
        "les deux parties, d’un commun accord",
        f"{ending.structure_signatory}, le {date_format(on)}",
        f"{ending.ft_signatory}, le {date_format(on)}",
        f"{date_format(ending.ends_on)}, au lieu du "
        f"{date_format(ending.convention.ends_on)}",
        f'name="signatory" value="{ending.ft_signatory}"',
    ]:
        assert words in page, words


def test_its_letter_is_prepared_again_with_both_signatures():
    ending = EndingFactory()
    actions.confirm_ending(ending, by=FtAdminFactory(), signatory="P. Garnier")
    wrong = ending.convention.letters.get()
    letters.cancel(wrong, by=FtAdminFactory())
    wrong.refresh_from_db()

    letter = letters.prepare_again(wrong, by=FtAdminFactory(), signatory="L. Favre")

    assert letter.kind == LetterKind.AGREED_END
    assert "Mme Essai, maire, le" in letter.html


# --- Whoever writes -------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"structure_signatory": ""},
        {"ft_signatory": ""},
        {"signed_by_structure_on": None},
        {"signed_by_ft_on": None},
        {"told_on": day_from_today(1)},
        {"at_once": True},
        {"origin": EndingOrigin.PARTNERSHIP} | signed_by_both(timezone.localdate()),
    ],
    ids="-".join,
)
def test_the_database_asks_for_both_signatures_of_an_agreed_end_alone(changes):
    ending = EndingFactory.build(
        convention=ConventionFactory(), proposed_by=FtAdminFactory()
    )
    for name, value in changes.items():
        setattr(ending, name, value)

    with database_refuses("agreed_end_is_signed_by_both"):
        ending.save()


def test_who_signed_does_not_change_before_the_confirmation():
    """S28: nobody slips another name in between."""
    ending = EndingFactory()

    with database_refuses("ne change plus"):
        Ending.objects.filter(pk=ending.pk).update(ft_signatory="Un autre")
