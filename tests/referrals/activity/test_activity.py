"""The follow-up of article 11: what is counted, for whom, and how it is told."""

import datetime as dt
import statistics
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.structures.models import AgencyKind
from opus.lib.dates import add_months
from referrals.activity.counts import (
    DELAYS,
    Count,
    Period,
    choices,
    counts_of,
    facts_of,
    scope_of,
    scopes_of,
)
from referrals.activity.tables import Activity, bars_of
from referrals.acts.act_rights import ActKind
from referrals.acts.states import STATES, AppointmentState, CvState, ReferralState
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

NBSP = "\N{NO-BREAK SPACE}"

pytestmark = pytest.mark.django_db

ADDRESS = f"/suivi/?{YEAR.query_string}"


def own(user):
    return scopes_of(user)[-1]


# --- The same as counted by hand ------------------------------------------------------

ENDED = {
    ActKind.REFERRAL: {"terminee"},
    ActKind.SCREENED_REFERRAL: {"terminee", "ecartee"},
    ActKind.CV_REQUEST: {"retenu", "non_retenu", "sans_cv"},
    ActKind.APPOINTMENT: {"effectuee", "absent", "retenu", "non_retenu"},
}


def is_in(act, period):
    day = timezone.localdate(act.created_at)
    return period.first <= day.replace(day=1) <= period.last


def is_good(act):
    outcome = getattr(act, "outcome", None)
    return act.state == "retenu" or bool(outcome and outcome.is_hire)


def ended_on(act):
    if act.state not in ENDED[act.KIND]:
        return None
    if outcome := getattr(act, "outcome", None):
        return outcome.on
    steps = act.steps.filter(target__in=["ecartee", *ENDED[act.KIND]])
    return timezone.localdate(steps.latest("at").at)


def count_by_hand(acts):
    return Count(
        made=len(acts),
        handed=sum(act.handed_over_on is not None for act in acts),
        ended=sum(act.state in ENDED[act.KIND] for act in acts),
        good=sum(is_good(act) for act in acts),
        cancelled=sum(act.state == "annulee" for act in acts),
        to_hand=sum(
            act.handed_over_on is None
            and act.state not in {"annulee", *ENDED[act.KIND]}
            for act in acts
        ),
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.plants_defects
def test_every_number_is_that_of_a_count_by_hand(seed):
    """U16."""
    adviser = AdviserFactory()
    people = [CandidateFactory(adviser=adviser) for _ in range(4)]
    offers = [
        OfferFactory(rome_code=rome, commune_code=commune)
        for rome in ("F1703", "F1610", "K1304", "")
        for commune in ("38193", "69123", "")
    ]
    acts = make_some(seed, people, offers)
    make_act()  # Of somebody else.
    inside = [act for act in acts if is_in(act, YEAR)]
    assert 0 < len(inside) < len(acts)

    counts = counts_of(own(adviser), YEAR)

    assert counts.whole == count_by_hand(inside)
    came = {"effectuee", "retenu", "non_retenu"}
    assert counts.came == sum(
        act.state in came and act.KIND == ActKind.APPOINTMENT for act in inside
    )
    assert counts.hires == sum(
        is_good(act) for act in inside if act.state == "terminee"
    )
    for kind in ActKind:
        mine = [act for act in inside if kind == act.KIND]
        assert counts.kinds.get(kind, Count()) == count_by_hand(mine)
    assert counts.states == Counter(
        (
            act.KIND.value,
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
            act for act in inside if kind in ("", act.KIND) and act.state != "annulee"
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


def days(act, until):
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


def test_a_page_asks_few_questions_however_many_acts(as_rgc, rgc):
    """P8: two counts of two periods, names of codes, communes, advisers, a meeting."""
    person = CandidateFactory(adviser=rgc)
    as_rgc.get(ADDRESS)  # What a process reads once.
    counted = []
    for number in (1, 12):
        for _ in range(number):
            make_act(candidate=person)
        with CaptureQueriesContext(connection) as queries:
            as_rgc.get(ADDRESS)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12


def test_a_structures_acts_are_found_by_index(rgc):
    """Where the tables are large; here PostgreSQL is told not to read them whole, and
    what other tests left of their pages is emptied first."""
    statement, values = facts_of(scopes_of(rgc)[0], YEAR).query.sql_with_params()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE referrals_act CASCADE")
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "act_made" in plan
    assert "Seq Scan on referrals_act " not in plan


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


def cells(table, column=0):
    return {row.label: str(row.cells[column]) for row in table.rows}


def named(activity, slug):
    return next((table for table in activity.tables if table.slug == slug), None)


def test_an_adviser_counts_his_own_acts_exactly(as_adviser, adviser):
    colleague = AdviserFactory(structure=adviser.structure)
    for person in (CandidateFactory(adviser=adviser), CandidateFactory()):
        make_act(candidate=person)
    make_act(candidate=CandidateFactory(adviser=colleague))

    page = as_adviser.get(ADDRESS)

    told = page.context["activity"]
    assert cells(told.kinds)["Toutes les propositions"] == "1"
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
    assert cells(told.kinds)["Toutes les propositions"] == "12"
    # By name, never from most to least.
    by_adviser = named(told, "conseillers")
    assert by_adviser
    assert list(cells(by_adviser).items()) == [
        ("Ana Abel", "3"),
        ("Zoé Zola", "9"),
        ("Toutes les propositions", "12"),
    ]
    assert "moins de 5" not in page.text
    assert "Zzcanari" not in page.text
    own_acts = client.get(f"{ADDRESS}&vue=miens").context["activity"]
    assert cells(own_acts.kinds)["Toutes les propositions"] == "0"


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

    def made(user, slug=""):
        scope = scope_of(user, slug)
        assert scope
        return cells(Activity(scope, YEAR).kinds)["Toutes les propositions"]

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
    assert set(cells(table)) == {str(ours), str(theirs), "Toutes les propositions"}


def staff_read(structure, period=YEAR):
    """What an agent reads of one structure."""
    scope = scope_of(AgentFactory(agency=structure.agency), str(structure.pk))
    assert scope
    return Activity(scope, scope.period_of(period.query))


def shown_of(activity):
    return [
        [(figure.label, figure.text, figure.detail) for figure in activity.figures],
        [
            (table.slug, row.label, str(cell))
            for table in activity.tables
            for row in table.rows
            for cell in row.cells
        ],
    ]


def test_below_five_acts_staff_read_that_and_nothing_else(client):
    """V8: one act, or four of four kinds, trades and towns: the same page."""
    read = []
    for number in (1, 4):
        adviser = AdviserFactory()
        for kind in [ActKind.CV_REQUEST, *ActKind][-number:]:
            offer = OfferFactory(rome_code="F1703", commune_code="38193")
            make_act(kind, candidate=CandidateFactory(adviser=adviser), offer=offer)
        read.append(shown_of(staff_read(adviser.structure)))
        agent = AgentFactory(agency=adviser.structure.agency)
        page = sign_in(client, agent).get(f"{ADDRESS}&vue={adviser.structure_id}")
        assert "Trop peu de propositions" in page.text
        assert "Construction, bâtiment" not in page.text

    assert read[0] == read[1] == [[("Propositions faites", "moins de 5", "")], []]


def test_the_states_of_a_kind_do_not_tell_its_number():
    """Seven states of one act each are seven acts: the eighth, of another kind, would
    be alone."""
    person = CandidateFactory()
    states = list(STATES[ActKind.CV_REQUEST])[:7]
    for state in states:
        make_act(ActKind.CV_REQUEST, state, candidate=person)
    make_act(ActKind.REFERRAL, candidate=person)

    told = staff_read(person.structure)

    assert list(cells(told.kinds).values()) == ["moins de 5", "0", "5", "0", "5"]
    assert told.states == []


def test_staff_read_no_name_of_a_town_or_structure_with_few_acts():
    """A name without its number would tell that there are some."""
    adviser = AdviserFactory()
    for code in ["38193"] * 6 + ["69123", "38053"]:
        offer = OfferFactory(rome_code="F1703", commune_code=code)
        make_act(candidate=CandidateFactory(adviser=adviser), offer=offer)

    communes = cells(staff_read(adviser.structure).communes)

    assert list(communes.values()) == ["5", "moins de 5", "5"]
    assert list(communes)[1:] == ["Autres communes", "Toutes les propositions"]


def test_staff_read_whole_years_so_that_no_month_is_told_alone(client):
    """Two periods never overlap: nothing to subtract."""
    today = timezone.localdate()
    year = today.year
    page = sign_in(client, AgentFactory()).get(f"/suivi/?du={year}-01&au={year}-01")

    period = page.context["period"]
    assert (period.first, period.last) == (dt.date(year, 1, 1), today.replace(day=1))
    assert 'name="du"' not in page.text
    labels = [label for label, _ in page.context["shortcuts"]]
    assert labels == [str(year), str(year - 1), str(year - 2)]


def test_the_delays_of_few_acts_are_not_told_by_kind():
    adviser = AdviserFactory()
    person = CandidateFactory(adviser=adviser)
    for kind in [*ActKind, *[ActKind.REFERRAL] * 6]:
        make_act(kind, list(STATES[kind])[1], candidate=person)

    rows = [row.label for row in staff_read(adviser.structure).delays.rows]

    assert rows == [
        "Toutes les propositions, jusqu’à la remise",
        "Toutes les propositions, jusqu’à la suite",
    ]


@pytest.mark.parametrize("slug", ["structure", "territoire", "1", "x", "²"])
def test_what_is_not_ones_own_to_count_does_not_exist(as_adviser, slug):
    """S20."""
    assert as_adviser.get(f"/suivi/?vue={slug}").status_code == 404


def test_masked_kinds_do_not_come_back_from_the_total():
    person = CandidateFactory()
    for _ in range(2):
        make_act(ActKind.CV_REQUEST, CvState.KEPT, candidate=person)
    for _ in range(11):
        make_act(ActKind.REFERRAL, ReferralState.HANDED_OVER, candidate=person)

    told = staff_read(person.structure)

    assert list(cells(told.kinds).values()) == ["10", "0", "moins de 5", "0", "15"]


# --- How it is told -------------------------------------------------------------------


def scene(adviser):
    person = CandidateFactory(adviser=adviser)
    for kind, state in (
        (ActKind.REFERRAL, ReferralState.ENDED),
        (ActKind.REFERRAL, ReferralState.PROPOSED),
        (ActKind.CV_REQUEST, CvState.NOT_KEPT),
        (ActKind.APPOINTMENT, AppointmentState.ABSENT),
    ):
        make_act(kind, state, candidate=person)


def test_a_plot_says_what_the_table_beside_it_says(as_adviser, adviser):
    """A14, S29: it has a name, and no style of its own."""
    scene(adviser)
    page = as_adviser.get(ADDRESS)
    told = page.context["activity"]

    bars = bars_of(told.months)
    assert bars.series == list(cells(told.months).items())[:-1]
    assert page.text.count('role="img"') == 1
    assert page.text.count("<title id=") == 1
    assert " style=" not in page.text
    assert "<style" not in page.text


def test_the_key_figures_are_compared_with_the_months_before(as_adviser, adviser):
    person = CandidateFactory(adviser=adviser)
    now = timezone.now()
    for days, number in ((10, 3), (120, 2)):
        for _ in range(number):
            make_act(
                ActKind.APPOINTMENT,
                AppointmentState.ATTENDED,
                candidate=person,
                at=now - dt.timedelta(days=days),
            )
    last = timezone.localdate().replace(day=1)
    query = Period(add_months(last, -2), last).query_string

    page = as_adviser.get(f"/suivi/?{query}")

    told = page.context["activity"]
    assert [figure.label for figure in told.figures] == [
        "Propositions faites",
        "Documents remis",
        "Rendez-vous honorés",
        "Embauches",
        "Délai médian jusqu’à la suite",
    ]
    assert [(one.text, one.text_before, one.trend) for one in told.figures] == [
        ("3", "2", "+1"),
        ("3", "2", "+1"),
        ("3", "2", "+1"),
        ("0", "0", "stable"),
        (f"20{NBSP}jours", f"20{NBSP}jours", "stable"),
    ]
    assert "+1" in page.text
    # Twelve months before twelve months: acts may be gone at their term.
    year = as_adviser.get("/suivi/")
    assert "une hausse peut être moindre" in year.text
    assert "opus-tile__trend" in year.text
    # A year whose last month has not come has nothing to be compared with.
    told = staff_read(person.structure, Period.usual())
    assert told.is_comparable == (last.month == 12)
    assert staff_read(person.structure, told.before).is_comparable


def test_where_there_is_nothing_the_page_says_what_to_do(as_adviser):
    assert "Aucune proposition dans cette période" in as_adviser.get(ADDRESS).text
    assert Page.of(as_adviser.get("/candidats/")).links()["Suivi"] == "/suivi/"
