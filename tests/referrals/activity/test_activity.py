"""The follow-up of article 11: what is counted, for whom, and how it is told."""

import datetime as dt
import statistics
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.structures.models import AgencyKind
from referrals.activity.counts import DELAYS, Count, counts_of, facts_of
from referrals.activity.periods import Period, choices
from referrals.activity.plots import bars_of, funnel_of
from referrals.activity.scopes import scope_of, scopes_of
from referrals.activity.tables import Activity, Table, activity_of
from referrals.activity.words import STAGES
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.acts.states import AppointmentState, CvState, ReferralState
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    StructureFactory,
)
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.opus.page import Page
from tests.referrals.activity_rows import YEAR, make_act, make_some
from tests.referrals.factories import CandidateFactory
from tests.tables import as_owner

pytestmark = pytest.mark.django_db

ADDRESS = f"/suivi/?{YEAR.query_string}"


def own(user: Any) -> Any:
    return scopes_of(user)[-1]


# --- The same as counted by hand ------------------------------------------------------

KIND_OF = {
    "referral": ActKind.REFERRAL,
    "screenedreferral": ActKind.SCREENED_REFERRAL,
    "cvrequest": ActKind.CV_REQUEST,
    "appointment": ActKind.APPOINTMENT,
}
ENDED = {
    ActKind.REFERRAL: {"terminee"},
    ActKind.SCREENED_REFERRAL: {"terminee", "ecartee"},
    ActKind.CV_REQUEST: {"retenu", "non_retenu", "sans_cv"},
    ActKind.APPOINTMENT: {"effectuee", "absent", "retenu", "non_retenu"},
}


def kind_of(act: Act) -> ActKind:
    return KIND_OF[act._meta.model_name or ""]


def is_in(act: Act, period: Period) -> bool:
    day = timezone.localdate(act.created_at)
    return period.first <= day.replace(day=1) <= period.last


def is_good(act: Any) -> bool:
    outcome = getattr(act, "outcome", None)
    return act.state == "retenu" or bool(outcome and outcome.is_hire)


def ended_on(act: Any) -> dt.date | None:
    if act.state not in ENDED[kind_of(act)]:
        return None
    if outcome := getattr(act, "outcome", None):
        return outcome.on
    steps = act.steps.filter(target__in=["ecartee", *ENDED[kind_of(act)]])
    return timezone.localdate(steps.latest("at").at)


def count_by_hand(acts: list[Any]) -> Count:
    return Count(
        made=len(acts),
        handed=sum(act.handed_over_on is not None for act in acts),
        ended=sum(act.state in ENDED[kind_of(act)] for act in acts),
        good=sum(is_good(act) for act in acts),
        cancelled=sum(act.state == "annulee" for act in acts),
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.plants_defects
def test_every_number_is_that_of_a_count_by_hand(seed: int):
    """U16."""
    adviser = AdviserFactory()
    people = [CandidateFactory(adviser=adviser) for _ in range(4)]
    offers = [
        OfferFactory(rome_code=rome, commune_code=commune)
        for rome in ("F1703", "F1610", "K1304", "")
        for commune in ("38193", "69123", "")
    ]
    acts: list[Any] = make_some(seed, people, offers)
    make_act()  # Of somebody else.
    inside = [act for act in acts if is_in(act, YEAR)]
    assert 0 < len(inside) < len(acts)

    counts = counts_of(own(adviser), YEAR)

    assert counts.whole == count_by_hand(inside)
    for kind in ActKind:
        mine = [act for act in inside if kind_of(act) == kind]
        assert counts.kinds.get(kind, Count()) == count_by_hand(mine)
    assert counts.states == Counter(
        (
            kind_of(act).value,
            act.state,
            act.outcome.code_id if getattr(act, "outcome", None) else "",
        )
        for act in inside
    )
    assert counts.months == Counter(
        timezone.localdate(act.created_at).replace(day=1) for act in inside
    )
    assert counts.domains == Counter(act.offer.rome_code[:1] for act in inside)
    assert counts.communes == Counter(act.offer.commune_code for act in inside)
    assert counts.advisers == {adviser.pk: len(inside)}
    assert counts.structures == {adviser.structure_id: len(inside)}
    for kind in ["", *ActKind]:
        some = [
            act
            for act in inside
            if kind in ("", kind_of(act)) and act.state != "annulee"
        ]
        to_hand = [days(act, act.handed_over_on) for act in some if act.handed_over_on]
        to_end = [days(act, on) for act in some if (on := ended_on(act))]
        for times, known in (
            (counts.to_hand[kind], to_hand),
            (counts.to_end[kind], to_end),
        ):
            assert times.measured == len(known)
            assert times.median == (statistics.median_low(known) if known else None)
            assert times.within == tuple(
                sum(day <= most for day in known) for most in DELAYS
            )


def days(act: Act, until: dt.date) -> int:
    return (until - timezone.localdate(act.created_at)).days


def test_an_act_of_the_last_evening_counts_in_the_month_of_paris(adviser):
    """R12: 23:30 UTC on 31 December is half past midnight in Paris, in January."""
    person = CandidateFactory(adviser=adviser)
    make_act(candidate=person, at=dt.datetime(2025, 12, 31, 23, 30, tzinfo=dt.UTC))
    make_act(candidate=person, at=dt.datetime(2026, 5, 31, 21, 59, tzinfo=dt.UTC))
    make_act(candidate=person, at=dt.datetime(2026, 5, 31, 22, 0, tzinfo=dt.UTC))

    year = Period(dt.date(2025, 12, 1), dt.date(2026, 11, 1))
    counts = counts_of(own(adviser), year)

    months = [dt.date(2026, 1, 1), dt.date(2026, 5, 1), dt.date(2026, 6, 1)]
    assert counts.months == dict.fromkeys(months, 1)
    june = Period(dt.date(2026, 6, 1), dt.date(2026, 6, 1))
    assert counts_of(own(adviser), june).whole.made == 1
    december = Period(dt.date(2025, 12, 1), dt.date(2025, 12, 1))
    assert counts_of(own(adviser), december).whole.made == 0


def test_a_page_asks_few_questions_however_many_acts(as_adviser, adviser):
    """P8: two counts, and the names of codes and communes."""
    person = CandidateFactory(adviser=adviser)
    counted = []
    for number in (1, 12):
        for _ in range(number):
            make_act(candidate=person)
        with CaptureQueriesContext(connection) as queries:
            activity_of(own(adviser), YEAR)
        counted.append(len(queries))
    assert counted == [4, 4]


def test_a_structures_acts_are_found_by_index(rgc):
    """Where the tables are large; here PostgreSQL is told not to read them whole, and
    what other tests left of their pages is emptied first."""
    kinds = ("referral", "screenedreferral", "cvrequest", "appointment")
    tables = [f"referrals_{name}" for name in kinds]
    statement, values = facts_of(scopes_of(rgc)[0], YEAR).query.sql_with_params()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    for name in kinds:
        assert f"{name}_made" in plan
        assert f"Seq Scan on referrals_{name} " not in plan


# --- Which months ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, (2025, 12), (2026, 11)),
        ({"du": "2026-01", "au": "2026-03"}, (2026, 1), (2026, 3)),
        ({"du": "2026-03", "au": "2026-01"}, (2026, 1), (2026, 3)),
        ({"au": "2026-03"}, (2025, 4), (2026, 3)),
        ({"du": "2020-03", "au": "tomorrow"}, (2023, 12), (2026, 11)),
        ({"du": "2021-01", "au": "2026-11"}, (2023, 12), (2026, 11)),
        ({"du": "2026-13"}, (2025, 12), (2026, 11)),
    ],
)
def test_the_period_is_of_whole_months(query, first, last, time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 30, 22, 59, tzinfo=dt.UTC))

    period = Period.of_query(query)

    assert (period.first.year, period.first.month) == first
    assert (period.last.year, period.last.month) == last
    assert len(choices(period)) >= 36


# --- Who sees what --------------------------------------------------------------------


def cells(table: Table, column: int = 0) -> dict[str, str]:
    return {row.label: str(row.cells[column]) for row in table.rows}


def named(activity: Activity, slug: str) -> Table | None:
    return next((table for table in activity.tables if table.slug == slug), None)


def test_an_adviser_counts_his_own_acts_exactly(as_adviser, adviser):
    colleague = AdviserFactory(structure=adviser.structure)
    for person in (CandidateFactory(adviser=adviser), CandidateFactory()):
        make_act(candidate=person)
    make_act(candidate=CandidateFactory(adviser=colleague))

    page = as_adviser.get(ADDRESS)

    told = page.context["activity"]
    assert cells(told.kinds)["Tous les actes"] == "1"
    assert named(told, "conseillers") is None
    assert "moins de 5" not in page.text
    assert "n’en font aucun classement" in page.text


def test_an_rgc_counts_his_structure_without_candidates(client, rgc):
    """V19."""
    zoe = AdviserFactory(structure=rgc.structure, last_name="Zola", first_name="Zoé")
    abel = AdviserFactory(structure=rgc.structure, last_name="Abel", first_name="Ana")
    person = CandidateFactory(adviser=abel, last_name="Zzcanari")
    for _ in range(3):
        make_act(candidate=person)
    for _ in range(9):
        make_act(candidate=CandidateFactory(adviser=zoe))
    make_act()

    page = sign_in(client, rgc).get(ADDRESS)

    told = page.context["activity"]
    assert cells(told.kinds)["Tous les actes"] == "10"
    # By name, never from most to least.
    by_adviser = named(told, "conseillers")
    assert by_adviser
    assert list(cells(by_adviser).items()) == [
        ("Ana Abel", "moins de 5"),
        ("Zoé Zola", "10"),
        ("Tous les actes", "10"),
    ]
    assert "Zzcanari" not in page.text


def test_an_rgc_reads_his_own_acts_exactly(client, rgc):
    make_act(candidate=CandidateFactory(adviser=rgc))

    told = sign_in(client, rgc).get(f"{ADDRESS}&vue=miens").context["activity"]

    assert cells(told.kinds)["Tous les actes"] == "1"


def test_staff_count_their_territory(client):
    region = AgencyFactory(kind=AgencyKind.REGION)
    agency = AgencyFactory(parent=region)
    ours = StructureFactory(agency=agency)
    theirs = StructureFactory(agency=AgencyFactory(region="11", department="75"))
    person = CandidateFactory(adviser=AdviserFactory(structure=ours))
    stranger = CandidateFactory(adviser=AdviserFactory(structure=theirs))
    offer = {"agency_safir": agency.safir}
    for _ in range(6):
        make_act(candidate=person, offer=OfferFactory(agency_safir="99999"))
    for _ in range(5):
        make_act(candidate=stranger, offer=OfferFactory(**offer))
    for _ in range(20):
        make_act(candidate=stranger, offer=OfferFactory(agency_safir="99999"))

    def made(user: Any, slug: str = "") -> str:
        scope = scope_of(user, slug)
        assert scope
        return cells(activity_of(scope, YEAR).kinds)["Tous les actes"]

    agent = AgentFactory(agency=agency)
    assert made(agent) == made(FtAdminFactory(agency=region)) == "10"  # 11
    assert made(FtAdminFactory(agency=None)) == "30"  # 31
    assert made(agent, str(ours.pk)) == "5"  # 6
    assert scope_of(agent, str(theirs.pk)) is None
    page = sign_in(client, agent).get(f"{ADDRESS}&vue={theirs.pk}")
    assert page.status_code == 404
    page = sign_in(client, agent).get(ADDRESS)
    assert named(page.context["activity"], "conseillers") is None
    assert str(person.adviser) not in page.text
    table = named(page.context["activity"], "structures")
    assert table
    assert set(cells(table)) == {str(ours), str(theirs), "Tous les actes"}


@pytest.mark.parametrize("slug", ["structure", "territoire", "1", "x", "²"])
def test_what_is_not_ones_own_to_count_does_not_exist(as_adviser, slug):
    """S20."""
    assert as_adviser.get(f"/suivi/?vue={slug}").status_code == 404


def test_masked_kinds_do_not_come_back_from_the_total(client, rgc):
    person = CandidateFactory(adviser=AdviserFactory(structure=rgc.structure))
    for _ in range(2):
        make_act(ActKind.CV_REQUEST, CvState.KEPT, candidate=person)
    for _ in range(11):
        make_act(ActKind.REFERRAL, ReferralState.HANDED_OVER, candidate=person)

    told = sign_in(client, rgc).get(ADDRESS).context["activity"]

    assert list(cells(told.kinds).values()) == ["10", "0", "moins de 5", "0", "15"]


# --- How it is told -------------------------------------------------------------------


def scene(adviser: Any) -> None:
    person = CandidateFactory(adviser=adviser)
    for kind, state in (
        (ActKind.REFERRAL, ReferralState.ENDED),
        (ActKind.REFERRAL, ReferralState.PROPOSED),
        (ActKind.CV_REQUEST, CvState.NOT_KEPT),
        (ActKind.APPOINTMENT, AppointmentState.ABSENT),
    ):
        make_act(kind, state, candidate=person)


def test_a_plot_says_what_the_table_beside_it_says(as_adviser, adviser):
    """A14."""
    scene(adviser)
    told = as_adviser.get(ADDRESS).context["activity"]

    bars = bars_of(told.months)
    assert bars.series == list(cells(told.months).items())[:-1]
    funnel = funnel_of(told.kinds, len(STAGES))
    rows = [row for row in told.kinds.rows if not row.is_total]
    assert [text for _, text in funnel.series] == [
        str(cell) for row in rows for cell in row.cells[: len(STAGES)]
    ]


def test_a_plot_has_a_name_and_no_style_of_its_own(as_adviser, adviser):
    """A14, S29."""
    scene(adviser)
    text = as_adviser.get(ADDRESS).text

    assert text.count('role="img"') == 2
    assert text.count("<title id=") == 2
    assert " style=" not in text
    assert "<style" not in text


def test_where_there_is_nothing_the_page_says_what_to_do(as_adviser):
    assert "Aucun acte dans cette période" in as_adviser.get(ADDRESS).text


def test_the_menu_leads_there(as_adviser):
    assert Page.of(as_adviser.get("/candidats/")).links()["Suivi"] == "/suivi/"
