"""A convention renewed: prefilled, signed, entered at midnight (art. 13)."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.agreements import actions, jobs
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.agreements.models.terminations import Ending, EndingOrigin
from accounts.nominations import actions as nomination_actions
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.dates import add_months, date_format
from opus.lib.outbound import outbox
from tests.accounts.clocks import PARIS, at, postgresqls_clock_aside
from tests.accounts.factories import (
    AdviserFactory,
    AmendmentFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
    PartnershipFactory,
    RgcFactory,
    amend,
    day_from_today,
    signed_by_both,
)
from tests.accounts.journeys import queue_of
from tests.admin.registers import action_url, record_url, text_of
from tests.cases import each_case
from tests.conftest import sign_in
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def present():
    """A convention of 20 accounts that ends in fifty days, with its RGC."""
    convention = ConventionFactory(ends_on=day_from_today(50))
    RgcFactory(structure=convention.structure)
    return convention


def prepare(convention, **changes):
    values = {
        "number": f"{convention.number}-R",
        "parent": convention.parent,
        "starts_on": convention.ends_on + DAY,
        "ends_on": convention.ends_on + 365 * DAY,
        "keeps_rgc": True,
    }
    return actions.renew(convention, by=FtAdminFactory(), **values | changes)


def sign(renewal, **more):
    today = timezone.localdate()
    days = {"signed_by_ft_on": today, "signed_by_structure_on": today}
    renewal.deliberation, renewal.deliberated_on = "2026-4", today
    renewal.save()
    actions.sign_convention(renewal, by=FtAdminFactory(), **days | more)
    renewal.refresh_from_db()
    return renewal


def rgc_of(convention):
    return convention.nominations.get(state=NominationState.IN_OFFICE)


def end(convention, origin, ends_on, **terms):
    today = timezone.localdate()
    if origin == EndingOrigin.AGREEMENT:
        terms |= signed_by_both(today)
    ending = Ending(
        convention=convention, origin=origin, told_on=today, ends_on=ends_on, **terms
    )
    actions.propose(ending, by=FtAdminFactory())
    actions.confirm_ending(ending, by=FtAdminFactory())
    convention.refresh_from_db()
    return ending


def put_off(convention, ends_on):
    today = timezone.localdate()
    amendment = Amendment(
        convention=convention,
        reference="DR-9",
        noticed_on=today,
        effective_on=today,
        ends_on=ends_on,
    )
    actions.propose(amendment, by=FtAdminFactory())
    convention.refresh_from_db()


# --- Prepared from the present one ----------------------------------------------------


def test_a_renewal_is_prefilled_from_the_present_one(as_ft_admin):
    """Terms on the last day, amendments to come included; dates without a gap."""
    present = ConventionFactory(
        starts_on=dt.date(2026, 1, 1),
        signed_by_ft_on=dt.date(2025, 12, 1),
        signed_by_structure_on=dt.date(2025, 12, 1),
        ends_on=dt.date(2027, 12, 31),
        signed_partner_contact="Anne Tissot, directrice",
    )
    amend(present, quota=7)
    AmendmentFactory(
        convention=present, confirmed=True, referrals=False, effective_on="2027-06-01"
    )
    page = as_ft_admin.get(action_url(present, "renouveler"))
    initial = page.context["form"].initial
    assert initial["number"] == Convention.objects.next_number(
        present.structure.postcode
    )
    assert (initial["starts_on"], initial["ends_on"]) == (
        dt.date(2028, 1, 1),
        dt.date(2029, 12, 31),
    )

    answer = as_ft_admin.post(
        action_url(present, "renouveler"), initial | {"number": "CA-2028"}
    )

    renewal = Convention.objects.get(number="CA-2028")
    assert answer.url == record_url(renewal)
    assert renewal.state == ConventionState.DRAFT
    assert (renewal.renews, renewal.structure) == (present, present.structure)
    assert (renewal.keeps_rgc, renewal.parent) == (True, present.parent)
    assert renewal.terms == present.terms_on(present.ends_on)
    assert (renewal.quota, renewal.terms.referrals) == (7, False)
    assert renewal.terms.partner_contact == "Anne Tissot, directrice"
    draft = text_of(as_ft_admin.get(record_url(renewal)))
    assert f"Renouvelle la {present}" in draft
    assert "Renouvellement à signer" in text_of(as_ft_admin.get(record_url(present)))


def test_the_partnership_bounds_the_proposed_dates(as_ft_admin):
    parent = PartnershipFactory(ends_on=dt.date(2028, 6, 30))
    present = ConventionFactory(parent=parent, ends_on=dt.date(2027, 12, 31))
    url = action_url(present, "renouveler")
    initial = as_ft_admin.get(url).context["form"].initial
    assert initial["ends_on"] == parent.ends_on

    late = initial | {"number": "CA-2028", "ends_on": "2028-07-01"}
    answer = as_ft_admin.post(url, late)

    assert "prend fin le 30 juin 2028" in text_of(answer)
    assert "CA-2028" in answer.text  # What was typed stays.
    assert not present.renewals.exists()


def test_two_tabs_prepare_one_renewal(as_ft_admin, present):
    """The second is told which one is there, and keeps what was typed."""
    url = action_url(present, "renouveler")
    values = as_ft_admin.get(url).context["form"].initial
    as_ft_admin.post(url, values | {"number": "CA-A"})

    second = as_ft_admin.post(url, values | {"number": "CA-B"})

    assert "Renouveler" not in text_of(as_ft_admin.get(record_url(present)))
    assert "déjà préparé\u00a0: convention n°\u00a0CA-A" in text_of(second)
    assert "CA-B" in second.text
    with database_refuses("one_renewal_at_a_time"):
        ConventionFactory(draft=True, structure=present.structure, renews=present)


def test_an_abandoned_draft_leaves_room_for_another(as_ft_admin, present):
    draft = prepare(present)

    as_ft_admin.post(action_url(draft, "abandonner"))

    draft.refresh_from_db()
    assert draft.state == ConventionState.ABANDONED
    assert prepare(present, number="CA-C").state == ConventionState.DRAFT
    assert prepared_numbers(present) == ["CA-C"]


def prepared_numbers(convention):
    rows = convention.renewals.renewals_to_sign()
    return list(rows.values_list("number", flat=True))


def test_sql_renews_no_other_structures_convention(present):
    with database_refuses("de la même structure"):
        ConventionFactory(draft=True, renews=present)


def test_what_a_signed_convention_renews_does_not_change(present):
    renewal = sign(prepare(present))

    with database_refuses("ne change plus"):
        Convention.objects.filter(pk=renewal.pk).update(renews=None)


# --- Midnight -------------------------------------------------------------------------


def test_at_midnight_nobody_is_refused_and_no_session_is_cut(client, present):
    """R12: no job has run; the RGC and an adviser go on in the sessions they have."""
    adviser = AdviserFactory(structure=present.structure)
    rgc = rgc_of(present).person
    renewal = sign(prepare(present))
    midnight = dt.datetime.combine(renewal.starts_on, dt.time.min, PARIS)

    seen = {}
    for person, page in ((adviser, "/offres/?lieu="), (rgc, "/comptes/")):
        with time_machine.travel(midnight - dt.timedelta(minutes=1), tick=False) as now:
            sign_in(client, person)
            seen[page] = []
            for step in (59, 1, 59):
                answer = client.get(page)
                number = answer.wsgi_request.convention.number
                seen[page].append((answer.status_code, number))
                now.shift(step)

    before, after = (200, present.number), (200, renewal.number)
    assert seen == dict.fromkeys(
        ["/offres/?lieu=", "/comptes/"], [before, before, after]
    )
    present.refresh_from_db()
    assert present.state == ConventionState.SIGNED


def test_a_seat_counts_once_and_the_former_office_ends(present):
    """The day after: states say what the dates did."""
    AdviserFactory(structure=present.structure)
    first = rgc_of(present)
    renewal = sign(prepare(present))
    with postgresqls_clock_aside(), at(renewal.starts_on):
        assert User.objects.counted().count() == 1
        jobs.tidy()
        first.refresh_from_db()
        second = rgc_of(renewal)

        assert (first.state, first.ended_on) == ("fini", present.ends_on)
        assert (second.person, second.office_on) == (first.person, first.office_on)
        assert second.copy_given_on is None
        assert list(Nomination.objects.awaiting_copy()) == [second]
        assert not Nomination.objects.vacant().exists()
        nomination_actions.end_office(
            second, by=FtAdminFactory(), ended_on=timezone.localdate(), is_absence=False
        )
        assert list(Nomination.objects.vacant()) == [second]
        first.person.refresh_from_db()
        first.person.close(by=FtAdminFactory(), reason="depart")
    assert first.person.state == UserState.CLOSED


def test_after_the_renewal_a_successor_needs_the_region(present):
    """4.3: who goes on held the post."""
    renewal = sign(prepare(present))
    rgc_of(present).leave(by=FtAdminFactory(), ended_on=timezone.localdate())

    successor = NominationFactory(convention=renewal, state=NominationState.ACCEPTED)

    assert successor.awaits_validation


# --- The RGC changes meanwhile --------------------------------------------------------


def test_who_leaves_the_present_one_leaves_the_next(as_ft_admin, present):
    """One decision, one letter; the next one is seen before it begins."""
    renewal = sign(prepare(present))
    office, ahead = rgc_of(present), rgc_of(renewal)
    label = "Conventions à venir sans RGC"
    assert queue_of(as_ft_admin, label).value == "0"
    refused = as_ft_admin.get(action_url(ahead, "partir"))
    assert f"celle de la convention n°\u00a0{present.number}" in text_of(refused)

    nomination_actions.end_office(
        office, by=FtAdminFactory(), ended_on=timezone.localdate(), is_absence=False
    )

    ahead.refresh_from_db()
    assert ahead.state == NominationState.LEFT
    assert (office.letters.count(), ahead.letters.count()) == (1, 0)
    assert queue_of(as_ft_admin, label).value == "1"
    page = text_of(as_ft_admin.get(record_url(present)))
    assert "Aucun RGC pour la convention suivante" in page


def test_an_end_announced_for_the_last_day_is_seen_at_once(
    as_ft_admin, client, present
):
    renewal = sign(prepare(present))
    staff, rgc = FtAdminFactory(), rgc_of(present)
    label = "Conventions à venir sans RGC"

    nomination_actions.announce_end(rgc, by=staff, how="parti", on=present.ends_on)

    queue = queue_of(as_ft_admin, label)
    assert (queue.value, queue_of(as_ft_admin, "RGC\u00a0: fins annoncées").value) == (
        "1",
        "1",
    )
    sign_in(client, rgc.person)
    page = text_of(client.get(reverse("accounts")))
    assert "Elle n’a pas de RGC pour son premier jour" in page
    with at(renewal.starts_on):
        assert not rgc.person.is_rgc_in_office
    sign_in(as_ft_admin, staff)
    nomination_actions.drop_announced_end(rgc, by=staff)
    assert queue_of(as_ft_admin, label).value == "0"


def test_a_successor_of_the_present_one_goes_on(present):
    renewal = sign(prepare(present))
    rgc_of(present).leave(by=FtAdminFactory(), ended_on=timezone.localdate())
    successor = NominationFactory(
        convention=present,
        state=NominationState.ACCEPTED,
        validated_on=dt.date(2024, 1, 26),
        validation_by="M. Aubry",
        validation_reference="DR-1",
        validated_by=FtAdminFactory(),
    )

    nomination_actions.put_in_office(successor, by=FtAdminFactory())

    assert rgc_of(renewal).person == successor.person


def test_without_the_decision_the_rgc_stays_behind(as_ft_admin, present):
    renewal = sign(prepare(present, keeps_rgc=False))

    assert not renewal.nominations.exists()
    assert queue_of(as_ft_admin, "Conventions à venir sans RGC").value == "1"


# --- More accounts than the next one grants -------------------------------------------


def test_a_lower_quota_is_said_before_signing_and_decided(as_ft_admin, present):
    for _ in range(3):
        AdviserFactory(structure=present.structure)
    draft = prepare(present)
    draft.signed_quota = 1
    draft.save()
    today = timezone.localdate()
    form = {"signed_by_ft_on": today, "signed_by_structure_on": today}
    url = action_url(draft, "signer")
    assert "La structure a 3 comptes ouverts" in text_of(as_ft_admin.get(url))

    refused = as_ft_admin.post(url, form)
    assert "Cochez cette case" in text_of(refused)
    with pytest.raises(MoveRefused, match="3 comptes ouverts"):
        sign(draft)
    as_ft_admin.post(url, form | {"accepts_excess": "on"})

    draft.refresh_from_db()
    assert draft.state == ConventionState.SIGNED
    assert draft.steps.get(target="signee").note == {"excess": 2}
    entry = AuditEntry.objects.filter(details__verb="signer", refused="").get()
    assert entry.details["accepts_excess"]
    outbox.relay()
    [message] = mail.outbox
    assert message.to == [rgc_of(present).person.email]
    assert "2 de trop sont ouverts" in message.body
    assert "Vous restez RGC, sans nouvelle nomination" in message.body
    assert "L’accès ne s’interrompt pas" in message.body


# --- The present one changes meanwhile ------------------------------------------------


def test_a_draft_follows_a_present_one_put_off(present):
    draft = prepare(present)

    put_off(present, day_from_today(90))

    draft.refresh_from_db()
    assert draft.starts_on == day_from_today(91)
    told = AuditEntry.objects.filter(details__verb="propose").get()
    assert "follow" in str(told.details)


def test_a_gap_that_was_wanted_stays(present):
    draft = prepare(present, starts_on=day_from_today(100))

    put_off(present, day_from_today(90))

    draft.refresh_from_db()
    assert draft.starts_on == day_from_today(100)


def test_a_present_one_is_not_put_off_beyond_its_following(present):
    draft = prepare(present, ends_on=day_from_today(80))
    with pytest.raises(MoveRefused, match=f"n°\u00a0{draft.number}, finirait le"):
        put_off(present, day_from_today(80))
    sign(draft)

    with pytest.raises(MoveRefused, match="est signée et prend effet le"):
        put_off(present, day_from_today(60))


@each_case(
    ("origin", "state", "starts_in"),
    [
        ("structure", ConventionState.ABANDONED, 51),
        ("service", ConventionState.ABANDONED, 51),
        ("accord", ConventionState.DRAFT, 41),
    ],
)
def test_an_early_end_abandons_the_draft_or_moves_it(origin, state, starts_in):
    """Art. 12: by agreement the next one comes sooner; else somebody ended Opus."""
    present = ConventionFactory(ends_on=day_from_today(50))
    draft = prepare(present)
    last = day_from_today(40)
    motive = "Réorganisation." if origin == "service" else ""
    if origin == "service":
        last = add_months(timezone.localdate())

    end(present, origin, last, motive=motive)

    draft.refresh_from_db()
    assert (draft.state, draft.starts_on) == (state, day_from_today(starts_in))


def test_a_signed_following_stays_and_may_end_before_it_begins(as_ft_admin, present):
    """Two agreements: each ends by its own letter (art. 12)."""
    renewal = sign(prepare(present))
    ending = Ending(
        convention=present,
        origin="structure",
        told_on=timezone.localdate(),
        ends_on=day_from_today(40),
    )
    actions.propose(ending, by=FtAdminFactory())
    answer = as_ft_admin.post(
        action_url(ending, "confirmer"), {"signatory": "Mme Essai"}, follow=True
    )
    assert f"n°\u00a0{renewal.number}, est signée\u00a0: elle reste" in text_of(answer)
    renewal.refresh_from_db()
    assert renewal.state == ConventionState.SIGNED

    end(renewal, "structure", day_from_today(45))

    assert renewal.state == ConventionState.TERMINATED
    assert renewal.nominations.get().state == NominationState.OVER
    assert rgc_of(present).person.is_rgc_in_office
    with at(day_from_today(42)):
        sign_in(as_ft_admin, rgc_of(present).person)
        page = text_of(as_ft_admin.get(reverse("offers")))
    assert (
        f"La convention n°\u00a0{present.number} de votre structure a pris fin" in page
    )
    # What would not be true any more is not told.
    outbox.relay()
    assert [one.body for one in mail.outbox if renewal.number in one.body] == []


# --- A gap ----------------------------------------------------------------------------


def test_a_gap_is_allowed_and_said(as_ft_admin, client, present):
    draft = prepare(present, starts_on=present.ends_on + 11 * DAY)
    today = timezone.localdate()
    Convention.objects.filter(pk=draft.pk).update(
        deliberation="2026-4", deliberated_on=today
    )
    form = {"signed_by_ft_on": today, "signed_by_structure_on": today}

    answer = as_ft_admin.post(action_url(draft, "signer"), form, follow=True)

    closed = (
        f"du {date_format(day_from_today(51))} au {date_format(day_from_today(60))}"
    )
    assert closed in text_of(answer)
    rgc = rgc_of(present).person
    with at(day_from_today(30)):
        jobs.notify_ends()
        outbox.relay()
        bodies = [message.body for message in mail.outbox]
        sign_in(client, rgc)
        home = text_of(client.get(reverse("home")))
    assert f"prend effet le {date_format(draft.starts_on)}" in bodies[-1]
    assert f"rouvre le {date_format(draft.starts_on)}" in home
    with at(day_from_today(55)):
        sign_in(client, rgc)
        assert client.get(reverse("offers")).status_code == 403
    with at(draft.starts_on):
        sign_in(client, rgc)
        assert client.get(reverse("accounts")).status_code == 200


def test_without_a_gap_no_page_nor_letter_says_that_opus_closes(client, present):
    adviser = AdviserFactory(structure=present.structure)
    renewal = sign(prepare(present))
    outbox.relay()
    mail.outbox.clear()

    with at(present.ends_on):
        jobs.notify_ends()
        outbox.relay()
        sign_in(client, adviser)
        page = text_of(client.get(reverse("home")))

    assert mail.outbox == []
    assert f"n°\u00a0{renewal.number}, prend effet le lendemain" in page
    assert "L’accès ne s’interrompt pas" in page


def test_one_signed_after_the_end_takes_the_rgc_back(present):
    """No second nomination, even where the signature came late."""
    draft = prepare(present)
    first = rgc_of(present)
    with postgresqls_clock_aside(), at(present.ends_on + 5 * DAY):
        jobs.tidy()
        sign(draft)
        first.refresh_from_db()
        assert first.state == NominationState.OVER
        assert draft.starts_on == timezone.localdate()
        assert rgc_of(draft).person.is_rgc_in_office


# --- Announced beforehand -------------------------------------------------------------


def test_a_renewal_is_announced_120_days_before(as_ft_admin, client):
    """In the queue, on the RGC's page, and to the RGC by e-mail: once."""
    last = dt.date(2038, 12, 31)
    present = ConventionFactory(ends_on=last)
    ConventionFactory(ends_on=last + 200 * DAY)
    rgc = RgcFactory(structure=present.structure)
    AdviserFactory(structure=present.structure)
    label = "Conventions à renouveler"

    told = {}
    for before in (121, 120, 60):
        with at(last - before * DAY):
            sign_in(as_ft_admin, FtAdminFactory())
            queue = queue_of(as_ft_admin, label)
            jobs.notify_renewals()
            outbox.relay()
            told[before] = (queue.value, len(mail.outbox))
    assert told == {121: ("0", 0), 120: ("1", 1), 60: ("1", 1)}
    [message] = mail.outbox
    assert message.to == [rgc.email]
    assert "prend fin le 31 décembre 2038 au soir" in message.body
    with at(last - 100 * DAY):
        sign_in(client, rgc)
        assert "Elle est à renouveler" in text_of(client.get(reverse("accounts")))
        prepare(present)
        assert "Elle est à renouveler" not in text_of(client.get(reverse("accounts")))
        sign_in(as_ft_admin, FtAdminFactory())
        assert queue_of(as_ft_admin, label).value == "0"
        to_sign = queue_of(as_ft_admin, "Renouvellements à signer")
        assert to_sign.value == "1"
        shown = as_ft_admin.get(to_sign.url).context["cl"].result_list
        assert [row.renews for row in shown] == [present]
