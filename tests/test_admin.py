"""France Travail's desk: who comes in, what each role may do, what the buttons do."""

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    Convention,
    ConventionState,
    FirstAccess,
    Nomination,
    NominationState,
    Role,
    User,
    UserState,
)
from offers.models import ImportRun, Offer, Quarantine
from opus.lib.audit import Action, record
from opus.lib.models import AuditEntry
from referrals.models import OutcomeCode
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    LetterFactory,
    NominationFactory,
    RgcFactory,
    StructureFactory,
    UserFactory,
)
from tests.conftest import sign_in
from tests.offers.factories import OfferFactory
from tests.referrals.factories import DocumentFactory, ReferralFactory, end

pytestmark = pytest.mark.django_db


def make_convention() -> Convention:
    convention: Convention = RgcFactory().structure.conventions.get()
    return convention


def make_import_run() -> ImportRun:
    return ImportRun.objects.create(files=["essai.jsonl"], read=1)


def make_reject() -> Quarantine:
    return Quarantine.objects.create(
        run=make_import_run(), file="essai.jsonl", line=3, reason="Ligne illisible."
    )


def make_outcome_code() -> OutcomeCode:
    number = OutcomeCode.objects.count()
    return OutcomeCode.objects.create(
        code=f"essai-{number}", label=f"Essai {number}", kind="non_retenu"
    )


def make_referral() -> Any:
    referral = ReferralFactory(handed_over=True, offer__agency_safir="38086")
    DocumentFactory(referral=referral, ready=True)
    end(referral)
    return referral


def make_entry() -> AuditEntry:
    return record(Action.SIGN_IN, by=AdviserFactory())


# One row of each register, with all that its list and sheet show.
MAKERS: dict[str, Any] = {
    "accounts.agency": lambda: AgencyFactory(parent=AgencyFactory()),
    "accounts.structure": StructureFactory,
    "accounts.convention": make_convention,
    "accounts.nomination": NominationFactory,
    "accounts.user": AdviserFactory,
    "accounts.letter": LetterFactory,
    "offers.offer": OfferFactory,
    "offers.importrun": make_import_run,
    "offers.quarantine": make_reject,
    "referrals.outcomecode": make_outcome_code,
    "referrals.referral": make_referral,
    "lib.auditentry": make_entry,
}


def list_url(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


def sheet_url(instance: Any) -> str:
    label = instance._meta.label_lower.replace(".", "_")
    return reverse(f"admin:{label}_change", args=[instance.pk])


def verb_url(instance: Any, slug: str) -> str:
    label = instance._meta.label_lower.replace(".", "_")
    return reverse(f"admin:{label}_verb", args=[instance.pk, slug])


def text_of(response: Any) -> str:
    return response.content.decode()


def entries_since(count: int) -> list[tuple[str, str, str]]:
    """What the journal got since it held so many entries."""
    rows = AuditEntry.objects.order_by("pk")[count:]
    return [(row.action, row.target_id, row.refused) for row in rows]


# --- Who comes in ---------------------------------------------------------------------


def every_address() -> list[str]:
    """Every page of the desk that needs no object, and a sheet of each register."""
    addresses = [reverse("admin:index")]
    for label, make in MAKERS.items():
        addresses += [list_url(label), sheet_url(make())]
    return addresses


def test_staff_with_a_password_alone_see_no_page(client: Client, ft_admin: Any) -> None:
    """S27."""
    client.force_login(ft_admin, "accounts.backends.IdentifierBackend")

    for address in every_address():
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith(reverse("login_code")), address


@pytest.mark.parametrize("factory", [AdviserFactory, RgcFactory])
def test_the_desk_does_not_exist_for_partners(client: Client, factory: Any) -> None:
    sign_in(client, factory())

    statuses = {client.get(address).status_code for address in every_address()}

    assert statuses == {404}


def test_a_stranger_goes_to_the_one_sign_in_page(client: Client) -> None:
    response = client.get(reverse("admin:index"))

    assert response.status_code == 302
    assert response["Location"].split("?")[0] in {
        reverse("login"),
        reverse("admin:login"),
    }
    assert client.get(reverse("admin:login"))["Location"].split("?")[0] == reverse(
        "login"
    )


def test_the_desk_has_no_password_form_of_its_own(as_ft_admin: Client) -> None:
    """S9."""
    for name in ["login/", "logout/", "password_change/"]:
        assert as_ft_admin.get(f"/admin/{name}").status_code == 404


# --- Rights ---------------------------------------------------------------------------

A, C, V = "add", "change", "view"
RIGHTS = {
    Role.FT_ADMIN: {
        "accounts.agency": {A, C, V},
        "accounts.structure": {A, C, V},
        "accounts.convention": {A, C, V},
        "accounts.nomination": {A, C, V},
        "accounts.user": {A, C, V},
        "accounts.letter": {V},
        "offers.offer": {V},
        "offers.importrun": {V},
        "offers.quarantine": {V},
        "referrals.outcomecode": {A, C, V},
        "referrals.referral": {V},
        "lib.auditentry": {V},
    },
    Role.AGENT: {
        "accounts.agency": {V},
        "accounts.structure": {V},
        "accounts.convention": {V},
        "accounts.nomination": {V},
        "accounts.user": set(),
        "accounts.letter": {V},
        "offers.offer": {V},
        "offers.importrun": set(),
        "offers.quarantine": set(),
        "referrals.outcomecode": {V},
        "referrals.referral": {V},
        "lib.auditentry": set(),
    },
    Role.ADVISER: {},
    Role.RGC: {},
}


@pytest.mark.parametrize("role", RIGHTS)
def test_rights_of_each_role_on_each_register(rf: Any, role: Role) -> None:
    """S27: the snapshot; nobody may delete anything."""
    makers = {
        Role.FT_ADMIN: FtAdminFactory,
        Role.AGENT: AgentFactory,
        Role.ADVISER: AdviserFactory,
        Role.RGC: RgcFactory,
    }
    request = rf.get("/admin/")
    request.user = makers[role]()

    held = {
        model._meta.label_lower: {
            verb
            for verb, allowed in model_admin.get_model_perms(request).items()
            if allowed
        }
        for model, model_admin in admin.site._registry.items()
    }

    expected = RIGHTS[role] or dict.fromkeys(held, set())
    assert held == expected


def test_every_register_is_tried_here() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert registered == set(MAKERS)


def test_an_agent_sees_nothing_but_his_own_agencys_rows(client: Client) -> None:
    """S27: each sees his territory."""
    agency = AgencyFactory(safir="38086")
    sign_in(client, AgentFactory(agency=agency))
    ours = StructureFactory(agency=agency)
    theirs = StructureFactory(agency=AgencyFactory(safir="69001"))

    page = text_of(client.get(list_url("accounts.structure")))

    assert ours.name in page
    assert theirs.name not in page
    assert client.get(sheet_url(theirs)).status_code == 302
    assert client.get(sheet_url(theirs.conventions.get())).status_code == 302


def test_a_territorys_administrator_sees_its_agencies(client: Client) -> None:
    region = AgencyFactory(safir="69188", kind="dr")
    territory = AgencyFactory(safir="38900", kind="dt", parent=region)
    within = StructureFactory(agency=AgencyFactory(safir="38086", parent=territory))
    # Its parent was not imported: its department stands for it.
    orphan = StructureFactory(agency=AgencyFactory(safir="38036", parent=None))
    beyond = StructureFactory(
        agency=AgencyFactory(safir="69001", department="69", parent=region)
    )
    sign_in(client, FtAdminFactory(agency=territory))

    page = text_of(client.get(list_url("accounts.structure")))

    shown = {row.name for row in [within, orphan, beyond] if row.name in page}
    assert shown == {within.name, orphan.name}
    sign_in(client, FtAdminFactory(agency=region))
    assert beyond.name in text_of(client.get(list_url("accounts.structure")))


def test_the_journal_is_for_national_staff(client: Client) -> None:
    sign_in(client, FtAdminFactory(agency=AgencyFactory(kind="dr")))

    assert client.get(list_url("lib.auditentry")).status_code == 403


def test_an_agent_sees_the_acts_on_his_agencys_offers(client: Client) -> None:
    ours = ReferralFactory(offer__agency_safir="38086")
    theirs = ReferralFactory(offer__agency_safir="69001")
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))

    page = text_of(client.get(list_url("referrals.referral")))

    assert ours.number in page
    assert theirs.number not in page
    assert client.get(sheet_url(theirs)).status_code == 302


# --- Pages ----------------------------------------------------------------------------


@pytest.mark.parametrize("label", MAKERS)
def test_lists_cost_the_same_whatever_their_length(
    as_ft_admin: Client, label: str
) -> None:
    make = MAKERS[label]

    def count_queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = as_ft_admin.get(list_url(label))
        assert response.status_code == 200
        return len(queries)

    make()
    count_queries()  # Warms the caches of the site.
    with_one = count_queries()
    make()
    make()

    assert count_queries() == with_one
    assert with_one <= 12


@pytest.mark.parametrize("label", MAKERS)
def test_sheets_open_and_have_a_title(as_ft_admin: Client, label: str) -> None:
    response = as_ft_admin.get(sheet_url(MAKERS[label]()))

    assert response.status_code == 200
    assert re.search(
        r"<title>\s*\S.* \| Administration d’Opus</title>", text_of(response)
    )


@pytest.mark.parametrize("label", MAKERS)
def test_lists_are_searched(as_ft_admin: Client, label: str) -> None:
    MAKERS[label]()

    response = as_ft_admin.get(list_url(label), {"q": "38086"})

    assert response.status_code == 200


@pytest.mark.parametrize("label", MAKERS)
def test_nothing_is_ever_deleted(as_ft_admin: Client, label: str) -> None:
    """S27."""
    instance = MAKERS[label]()
    model = type(instance)
    url = reverse(f"admin:{label.replace('.', '_')}_delete", args=[instance.pk])

    assert as_ft_admin.get(url).status_code == 403
    assert as_ft_admin.post(url, {"post": "yes"}).status_code == 403
    as_ft_admin.post(
        list_url(label), {"action": "delete_selected", "_selected_action": instance.pk}
    )
    assert model.objects.filter(pk=instance.pk).exists()


def test_no_page_writes_an_offer(as_ft_admin: Client) -> None:
    """S22."""
    offer = OfferFactory()

    assert as_ft_admin.get(reverse("admin:offers_offer_add")).status_code == 403
    response = as_ft_admin.post(sheet_url(offer), {"title": "Autre intitulé"})

    assert response.status_code == 403
    assert Offer.objects.get().title == offer.title


def test_an_offer_is_found_by_number_title_or_safir(as_ft_admin: Client) -> None:
    OfferFactory(reference="188VMCV", title="Soudeur", agency_safir="38086")
    OfferFactory(reference="199ABCD", title="Maçon", agency_safir="69001")

    def found(term: str) -> list[str]:
        page = text_of(as_ft_admin.get(list_url("offers.offer"), {"q": term}))
        return [number for number in ["188VMCV", "199ABCD"] if number in page]

    assert found("188vmcv") == ["188VMCV"]
    assert found("soud") == ["188VMCV"]
    assert found("69001") == ["199ABCD"]


def test_people_are_not_found_by_their_name(as_ft_admin: Client) -> None:
    """S24: one meets a candidate on the sheet of an act, and nowhere else."""
    referral = ReferralFactory(candidate__last_name="Introuvable")

    by_name = as_ft_admin.get(list_url("referrals.referral"), {"q": "Introuvable"})
    by_number = as_ft_admin.get(list_url("referrals.referral"), {"q": referral.number})

    assert referral.number not in text_of(by_name)
    assert referral.number in text_of(by_number)
    assert "Introuvable" not in text_of(by_number)
    assert "Introuvable" in text_of(as_ft_admin.get(sheet_url(referral)))


# --- The desk -------------------------------------------------------------------------


def test_each_tile_leads_to_the_rows_that_it_counts(as_ft_admin: Client) -> None:
    """U15."""
    soon = timezone.localdate() + dt.timedelta(days=30)
    ending = ConventionFactory(ends_on=soon, parent_ends_on=soon)
    NominationFactory(state=NominationState.PROPOSED)
    make_reject()
    failed = DocumentFactory(state="echec").referral

    response = as_ft_admin.get(reverse("admin:index"))
    queues = {queue.label: queue for queue in response.context["queues"]}

    assert list(queues) == [
        "Conventions qui finissent",
        "Nominations à valider",
        "Postes de RGC vacants",
        "Lettres à poster",
        "Lignes en quarantaine",
        "Dernier import",
        "Documents en échec",
    ]
    counted = {label: queue.value for label, queue in queues.items()}
    del counted["Dernier import"]
    for label, value in counted.items():
        listed = as_ft_admin.get(queues[label].url).context["cl"].result_count
        assert str(listed) == value, label
    assert counted["Conventions qui finissent"] == "1"
    assert ending.number in text_of(
        as_ft_admin.get(queues["Conventions qui finissent"].url)
    )
    assert failed.number in text_of(as_ft_admin.get(queues["Documents en échec"].url))
    assert queues["Dernier import"].value == "à l’instant"


def test_an_agents_desk_shows_what_is_his(client: Client) -> None:
    sign_in(client, AgentFactory())

    response = client.get(reverse("admin:index"))

    assert [queue.label for queue in response.context["queues"]] == [
        "Conventions qui finissent",
        "Nominations à valider",
        "Postes de RGC vacants",
        "Lettres à poster",
        "Documents en échec",
    ]


# --- Conventions ----------------------------------------------------------------------


def convention_form(convention: Convention, **changes: Any) -> dict[str, Any]:
    """What the browser would post from the sheet."""
    names = [
        "agency",
        "number",
        "ft_contact",
        "parent_number",
        "parent_ends_on",
        "signed_by_ft_on",
        "signed_by_structure_on",
        "starts_on",
        "ends_on",
        "quota",
    ]
    values = {name: getattr(convention, name) or "" for name in names}
    values["agency"] = convention.agency_id
    for name in ["grants_consultation", "grants_referrals"]:
        if getattr(convention, name):
            values[name] = "on"
    return values | changes


def test_a_convention_is_written_then_signed(as_ft_admin: Client) -> None:
    structure = StructureFactory(convention=None)
    draft = ConventionFactory.build(structure=structure, agency=structure.agency)
    url = reverse("admin:accounts_convention_add")

    form = convention_form(draft, structure=structure.pk)
    response = as_ft_admin.post(url, form)
    convention = Convention.objects.get()
    assert response.status_code == 302
    assert convention.state == ConventionState.DRAFT
    before = AuditEntry.objects.count()
    as_ft_admin.post(verb_url(convention, "signer"))

    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED
    assert entries_since(before) == [
        (Action.CONVENTION_CHANGED, str(convention.pk), "")
    ]


def test_the_state_is_not_typed(as_ft_admin: Client) -> None:
    convention = ConventionFactory(draft=True)

    as_ft_admin.post(sheet_url(convention), convention_form(convention, state="signee"))

    convention.refresh_from_db()
    assert convention.state == ConventionState.DRAFT


def test_signing_without_signatures_is_refused_in_french(as_ft_admin: Client) -> None:
    convention = ConventionFactory(draft=True)
    before = AuditEntry.objects.count()

    response = as_ft_admin.post(verb_url(convention, "signer"), follow=True)

    sentence = (
        "Une convention signée porte ses deux dates de signature, et ne prend pas "
        "effet avant la dernière (art. 13)."
    )
    assert sentence in text_of(response)
    convention.refresh_from_db()
    assert convention.state == ConventionState.DRAFT
    assert entries_since(before) == [
        (Action.CONVENTION_CHANGED, str(convention.pk), sentence)
    ]


def test_two_conventions_of_a_structure_do_not_overlap(as_ft_admin: Client) -> None:
    signed = ConventionFactory()
    second = ConventionFactory(
        structure=signed.structure, agency=signed.agency, state=ConventionState.DRAFT
    )

    response = as_ft_admin.post(verb_url(second, "signer"), follow=True)

    assert "Une autre convention de cette structure couvre déjà" in text_of(response)


def test_dates_of_a_signed_convention_are_checked_on_its_sheet(
    as_ft_admin: Client,
) -> None:
    convention = ConventionFactory()
    form = convention_form(convention, signed_by_ft_on="")

    response = as_ft_admin.post(sheet_url(convention), form)

    assert response.status_code == 200
    assert "Une convention signée porte ses deux dates" in text_of(response)


def test_the_quota_stays_above_the_accounts_in_use(as_ft_admin: Client) -> None:
    """The list of accounts tells which to close first (design 2.3)."""
    first = AdviserFactory()
    second = AdviserFactory(structure=first.structure)
    RgcFactory(structure=first.structure)
    convention = first.structure.conventions.get()

    response = as_ft_admin.post(
        sheet_url(convention), convention_form(convention, quota=1)
    )

    assert response.status_code == 200
    page = text_of(response)
    assert f"{first} ({first.identifier})" in page
    assert f"{second} ({second.identifier})" in page
    convention.refresh_from_db()
    assert convention.quota == 20
    as_ft_admin.post(sheet_url(convention), convention_form(convention, quota=2))
    convention.refresh_from_db()
    assert convention.quota == 2


def test_a_change_is_told_with_its_figures(as_ft_admin: Client) -> None:
    """S37."""
    convention = ConventionFactory()

    form = convention_form(convention, quota=5, ft_contact="Mme Essai")
    as_ft_admin.post(sheet_url(convention), form)

    entry = AuditEntry.objects.get(action=Action.ADMIN_CHANGED)
    assert entry.target_id == str(convention.pk)
    assert entry.details == {"fields": {"quota": [20, 5], "ft_contact": None}}


def test_notice_then_end(as_ft_admin: Client) -> None:
    convention = ConventionFactory()
    last = timezone.localdate() + dt.timedelta(days=31)

    late = as_ft_admin.post(
        verb_url(convention, "preavis"),
        {"origin": "structure", "ends_on": "2026-01-01"},
    )
    assert "Ce jour est passé" in text_of(late)
    as_ft_admin.post(
        verb_url(convention, "preavis"), {"origin": "structure", "ends_on": last}
    )
    convention.refresh_from_db()
    assert (convention.state, convention.ends_on) == (ConventionState.NOTICE, last)
    as_ft_admin.post(verb_url(convention, "resilier"), {"reason": "accord"})

    convention.refresh_from_db()
    assert convention.state == ConventionState.TERMINATED
    entry = AuditEntry.objects.latest("pk")
    assert entry.details == {"verb": "resilier", "reason": "accord"}


def test_a_button_pressed_twice_is_refused_in_french(as_ft_admin: Client) -> None:
    convention = ConventionFactory()
    as_ft_admin.post(verb_url(convention, "resilier"), {"reason": "accord"})

    response = as_ft_admin.post(
        verb_url(convention, "resilier"), {"reason": "accord"}, follow=True
    )

    assert "Cela ne se peut plus" in text_of(response)
    page = text_of(as_ft_admin.get(verb_url(convention, "resilier")))
    assert "cela ne se peut pas, ou plus" in page


def test_an_agent_presses_no_button_of_the_directorates(client: Client) -> None:
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))
    convention = ConventionFactory(
        structure__agency__safir="38086", structure__convention=None
    )

    assert "Résilier" not in text_of(client.get(sheet_url(convention)))
    assert client.get(verb_url(convention, "resilier")).status_code == 403
    assert client.post(verb_url(convention, "resilier")).status_code == 403
    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED


def test_an_unknown_button_does_not_exist(as_ft_admin: Client) -> None:
    convention = ConventionFactory()

    assert as_ft_admin.get(verb_url(convention, "effacer")).status_code == 404


# --- Nominations ----------------------------------------------------------------------


def decide(client: Client, nomination: Nomination, slug: str) -> Any:
    form = {"decided_on": timezone.localdate(), "decision_by": "P. Garnier, DT Isère"}
    return client.post(verb_url(nomination, slug), form, follow=True)


def test_an_rgc_is_proposed_accepted_in_office_and_withdrawn(
    as_ft_admin: Client,
) -> None:
    """S23: appointed by France Travail, and by nobody else."""
    rgc = RgcFactory(in_office=False)
    form = {
        "convention": rgc.structure.conventions.get().pk,
        "person": rgc.pk,
        "function": "Responsable",
        "proposed_on": "2026-11-02",
    }
    as_ft_admin.post(reverse("admin:accounts_nomination_add"), form)
    nomination = Nomination.objects.get()

    decide(as_ft_admin, nomination, "accepter")
    as_ft_admin.post(verb_url(nomination, "entrer-en-fonction"))
    assert rgc.is_rgc_in_office
    decide(as_ft_admin, nomination, "retirer")

    assert not rgc.is_rgc_in_office
    assert [step.target for step in nomination.steps.all()] == [
        NominationState.ACCEPTED,
        NominationState.IN_OFFICE,
        NominationState.WITHDRAWN,
    ]
    nomination.refresh_from_db()
    assert nomination.decision_by == "P. Garnier, DT Isère"


def test_an_rgc_of_another_structure_is_not_proposed(as_ft_admin: Client) -> None:
    rgc = RgcFactory(in_office=False)
    form = {
        "convention": ConventionFactory().pk,
        "person": rgc.pk,
        "function": "Responsable",
        "proposed_on": "2026-11-02",
    }

    response = as_ft_admin.post(reverse("admin:accounts_nomination_add"), form)

    assert "n’appartient pas à la structure" in text_of(response)
    assert not Nomination.objects.exists()


def test_an_adviser_is_not_proposed_as_rgc(as_ft_admin: Client) -> None:
    adviser = AdviserFactory()
    form = {
        "convention": adviser.structure.conventions.get().pk,
        "person": adviser.pk,
        "function": "Conseiller",
        "proposed_on": "2026-11-02",
    }

    response = as_ft_admin.post(reverse("admin:accounts_nomination_add"), form)

    assert response.status_code == 200
    assert not Nomination.objects.exists()


def test_one_rgc_in_office_at_a_time(as_ft_admin: Client) -> None:
    in_office = NominationFactory()
    second = NominationFactory(
        convention=in_office.convention, state=NominationState.ACCEPTED
    )

    response = as_ft_admin.post(verb_url(second, "entrer-en-fonction"), follow=True)

    assert "Cette convention a déjà un RGC en fonction" in text_of(response)
    second.refresh_from_db()
    assert second.state == NominationState.ACCEPTED


def test_a_decision_does_not_come_before_its_proposal(as_ft_admin: Client) -> None:
    nomination = NominationFactory(state=NominationState.PROPOSED)

    response = as_ft_admin.post(
        verb_url(nomination, "accepter"),
        {"decided_on": "2020-01-01", "decision_by": "P. Garnier"},
    )

    assert "La décision ne peut pas précéder la proposition" in text_of(response)
    nomination.refresh_from_db()
    assert nomination.state == NominationState.PROPOSED


# --- Accounts -------------------------------------------------------------------------


def account_form(**changes: Any) -> dict[str, Any]:
    return {
        "first_name": "Nadia",
        "last_name": "Ferrand",
        "email": "nadia.ferrand@partenaire.example",
        "phone": "04 65 71 00 11",
        "function": "Responsable",
        "structure": "",
        "agency": "",
    } | changes


ADD_USER = "admin:accounts_user_add"


def test_an_rgcs_secret_is_shown_once_and_kept_nowhere(as_ft_admin: Client) -> None:
    """S9."""
    structure = StructureFactory()
    form = account_form(role=Role.RGC, structure=structure.pk)

    response = as_ft_admin.post(reverse(ADD_USER), form)

    account = User.objects.get(role=Role.RGC)
    secret = response.context["secret"]
    assert response.status_code == 200
    assert account.identifier in text_of(response)
    assert secret in text_of(response)
    assert FirstAccess.objects.get(account=account).matches(secret)
    assert not account.has_usable_password()
    assert account.state == UserState.CREATED
    assert secret not in text_of(as_ft_admin.get(sheet_url(account)))
    assert [row.action for row in AuditEntry.objects.filter(target_id=account.pk)][
        -1
    ] == Action.ADMIN_ADDED


def test_advisers_are_opened_by_their_rgc_alone(as_ft_admin: Client) -> None:
    form = account_form(role=Role.ADVISER, structure=StructureFactory().pk)

    response = as_ft_admin.post(reverse(ADD_USER), form)

    assert response.status_code == 200
    assert not User.objects.filter(role=Role.ADVISER).exists()


@pytest.mark.parametrize(
    ("role", "error"),
    [
        (Role.RGC, "Un RGC appartient à une structure."),
        (Role.AGENT, "Un agent appartient à une agence."),
    ],
)
def test_a_role_fits_its_employer(as_ft_admin: Client, role: Role, error: str) -> None:
    response = as_ft_admin.post(reverse(ADD_USER), account_form(role=role))

    assert error in text_of(response)


def test_a_shared_mailbox_is_refused(as_ft_admin: Client) -> None:
    """S12."""
    form = account_form(
        role=Role.RGC, structure=StructureFactory().pk, email="ccas@partenaire.example"
    )

    response = as_ft_admin.post(reverse(ADD_USER), form)

    assert response.status_code == 200
    assert not User.objects.filter(role=Role.RGC).exists()


def test_nobody_types_a_password_or_an_identifier(as_ft_admin: Client) -> None:
    account = AdviserFactory()
    before = (account.password, account.identifier, account.role, account.state)

    as_ft_admin.post(
        sheet_url(account),
        account_form(
            password="choisi par un autre",
            identifier="IDA-0001",
            role=Role.FT_ADMIN,
            state=UserState.CLOSED,
        ),
    )

    account.refresh_from_db()
    after = (account.password, account.identifier, account.role, account.state)
    assert account.last_name == "Ferrand"
    assert after == before


def test_suspend_reactivate_close(as_ft_admin: Client) -> None:
    account = AdviserFactory(last_login=timezone.now())
    before = AuditEntry.objects.count()

    as_ft_admin.post(verb_url(account, "suspendre"), {"reason": "usage"})
    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED
    as_ft_admin.post(verb_url(account, "reactiver"))
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    as_ft_admin.post(verb_url(account, "fermer"), {"reason": "depart"})
    account.refresh_from_db()
    assert account.state == UserState.CLOSED

    pk = str(account.pk)
    assert entries_since(before) == [
        (Action.ACCOUNT_SUSPENDED, pk, ""),
        (Action.ACCOUNT_REACTIVATED, pk, ""),
        (Action.ACCOUNT_CLOSED, pk, ""),
    ]


def test_a_full_structure_gets_no_account_back(as_ft_admin: Client) -> None:
    account = AdviserFactory()
    convention = account.structure.conventions.get()
    as_ft_admin.post(verb_url(account, "suspendre"), {"reason": "place"})
    Convention.objects.filter(pk=convention.pk).update(quota=0)

    response = as_ft_admin.post(verb_url(account, "reactiver"), follow=True)

    assert "Quota atteint" in text_of(response)
    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED


def test_nobody_suspends_himself(as_ft_admin: Client, ft_admin: Any) -> None:
    as_ft_admin.post(verb_url(ft_admin, "suspendre"), {"reason": "usage"})

    ft_admin.refresh_from_db()
    assert ft_admin.state == UserState.ACTIVE


def test_a_new_secret_replaces_the_lost_one(as_ft_admin: Client) -> None:
    account = RgcFactory(created=True)
    _, lost = FirstAccess.draw(account, by=None)

    response = as_ft_admin.post(verb_url(account, "premier-acces"))

    assert response.context["secret"] in text_of(response)
    usable = account.first_accesses.usable().get()
    assert usable.matches(response.context["secret"])
    assert not usable.matches(lost)


def test_an_advisers_first_access_belongs_to_his_rgc(as_ft_admin: Client) -> None:
    account = AdviserFactory()

    as_ft_admin.post(verb_url(account, "premier-acces"))

    assert not account.first_accesses.exists()


def test_accounts_ask_the_factor_again_after_a_while(as_ft_admin: Client) -> None:
    """S17."""
    account = AdviserFactory()
    session = as_ft_admin.session
    session["confirmed"] = timezone.now().timestamp() - 16 * 60
    session.save()

    for response in [
        as_ft_admin.get(reverse(ADD_USER)),
        as_ft_admin.post(reverse(ADD_USER), account_form(role=Role.FT_ADMIN)),
        as_ft_admin.post(verb_url(account, "suspendre"), {"reason": "usage"}),
        as_ft_admin.post(sheet_url(account), account_form()),
    ]:
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("step_up"))
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    assert account.last_name != "Ferrand"
    assert as_ft_admin.get(sheet_url(account)).status_code == 200


# --- Acts -----------------------------------------------------------------------------


def test_the_agencys_word_replaces_the_advisers(client: Client) -> None:
    """Design 2.10: France Travail's word wins, the history stays."""
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    sign_in(client, agent)
    referral = make_referral()
    today = timezone.localdate()
    before = AuditEntry.objects.count()

    response = client.post(
        verb_url(referral, "suite"), {"code": "absent", "on": today}, follow=True
    )

    referral.refresh_from_db()
    assert referral.outcome.code_id == "absent"
    assert referral.outcome.declared_by == "france_travail"
    assert [outcome.code_id for outcome in referral.outcomes.all()] == [
        "embauche",
        "absent",
    ]
    assert entries_since(before)[0] == (Action.OUTCOME_RECORDED, str(referral.pk), "")
    assert "selon France Travail" in text_of(response)


def test_an_act_not_handed_over_has_no_outcome_yet(as_ft_admin: Client) -> None:
    """Article 7."""
    referral = ReferralFactory()
    form = {"code": "embauche", "on": timezone.localdate()}

    response = as_ft_admin.post(verb_url(referral, "suite"), form, follow=True)

    assert "Cela ne se peut plus" in text_of(response)
    referral.refresh_from_db()
    assert referral.outcome is None


def test_an_outcome_is_not_of_tomorrow(as_ft_admin: Client) -> None:
    referral = ReferralFactory(handed_over=True)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    response = as_ft_admin.post(
        verb_url(referral, "suite"), {"code": "embauche", "on": tomorrow}
    )

    assert "Choisissez un jour entre" in text_of(response)


def test_a_document_that_failed_is_tried_again(as_ft_admin: Client) -> None:
    document = DocumentFactory(state="echec", failure="panne")
    ready = DocumentFactory(ready=True)

    as_ft_admin.post(verb_url(document.referral, "relancer-le-document"))

    document.refresh_from_db()
    assert document.state == "attente"
    page = text_of(as_ft_admin.get(sheet_url(ready.referral)))
    assert "Relancer le document" not in page


# --- The journal ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "persons"),
    [(AdviserFactory, 0), (NominationFactory, 0), (ReferralFactory, 1)],
)
def test_each_sight_of_a_persons_sheet_is_told(
    as_ft_admin: Client, ft_admin: Any, make: Any, persons: int
) -> None:
    """S38."""
    instance = make()
    before = AuditEntry.objects.count()

    as_ft_admin.get(sheet_url(instance))

    [entry] = AuditEntry.objects.order_by("pk")[before:]
    assert (entry.action, entry.actor, entry.target_id, entry.persons) == (
        Action.ADMIN_READ,
        ft_admin.identifier,
        str(instance.pk),
        persons,
    )


def test_a_registers_row_added_or_changed_is_told(as_ft_admin: Client) -> None:
    """S37."""
    form = {"code": "essai", "label": "Essai", "kind": "retrait", "position": 50}

    as_ft_admin.post(reverse("admin:referrals_outcomecode_add"), form)
    code = OutcomeCode.objects.get(code="essai")
    as_ft_admin.post(sheet_url(code), form | {"label": "Essai bis", "code": "autre"})

    assert OutcomeCode.objects.get(code="essai").label == "Essai bis"
    assert [row[0] for row in entries_since(0)] == [
        Action.ADMIN_ADDED,
        Action.ADMIN_CHANGED,
    ]


def test_the_journal_button_shows_what_was_done_to_this_object(
    as_ft_admin: Client,
) -> None:
    convention = ConventionFactory()
    as_ft_admin.post(verb_url(convention, "resilier"), {"reason": "accord"})
    url = reverse("admin:accounts_convention_history", args=[convention.pk])

    response = as_ft_admin.get(url, follow=True)

    rows = response.context["cl"].result_list
    assert [row.action for row in rows] == [Action.CONVENTION_CHANGED]


def test_two_people_with_one_address_meet_a_message(as_ft_admin: Client) -> None:
    UserFactory(role=Role.FT_ADMIN, email="nadia.ferrand@partenaire.example")

    response = as_ft_admin.post(reverse(ADD_USER), account_form(role=Role.FT_ADMIN))

    assert "Un compte utilise déjà cette adresse électronique." in text_of(response)
