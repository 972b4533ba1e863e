"""Conventions at the desk: drafted, signed, then a dossier that amendments change."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.agreements import actions, jobs, letters
from accounts.agreements.admin.filters import near_deadline, to_confirm
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.agreements.models.terminations import Breach, Ending
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.dates import add_months, date_format
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    LetterFactory,
    PartnershipFactory,
    RgcFactory,
    StructureFactory,
    amend,
    end_at_once,
)
from tests.admin.registers import action_url, entries_since, record_url, text_of
from tests.conftest import sign_in
from tests.lib.uploads.files import PDF
from tests.opus.page import Page

pytestmark = pytest.mark.django_db

TEXTS = [
    *("number", "signed_ft_contact", "signed_ft_contact_email", "signed_quota"),
    *("signed_partner_contact", "signed_partner_contact_email"),
    *("partner_signatory", "ft_signatory", "deliberation", "deliberated_on"),
]
SIGNED = {"signed_by_ft_on": "2024-01-10", "signed_by_structure_on": "2024-01-12"}


def convention_form(convention: Convention, **changes: Any) -> dict[str, Any]:
    """What the browser would post from a draft's sheet."""
    values = {name: getattr(convention, name) or "" for name in TEXTS}
    values |= {
        "agency": convention.agency_id,
        "parent": convention.parent_id,
        "starts_on": convention.starts_on,
        "ends_on": convention.ends_on,
    }
    for name in ["signed_consultation", "signed_referrals"]:
        if getattr(convention, name):
            values[name] = "on"
    return values | changes


def amendment_form(**changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "reference": "DR-2026-027",
        "noticed_on": today,
        "effective_on": today,
    } | changes


# --- From the draft to the signature --------------------------------------------------


def test_a_convention_is_written_then_signed(as_ft_admin: Client) -> None:
    """Art. 13: from the later of the two signatures."""
    structure = StructureFactory(convention=None)
    draft = ConventionFactory.build(
        structure=structure,
        agency=structure.agency,
        parent=PartnershipFactory(),
        starts_on=dt.date(2024, 1, 1),
    )
    url = reverse("admin:accounts_convention_add")

    response = as_ft_admin.post(url, convention_form(draft, structure=structure.pk))
    convention = Convention.objects.get()
    assert response.status_code == 302
    assert convention.state == ConventionState.DRAFT
    before = AuditEntry.objects.count()
    as_ft_admin.post(action_url(convention, "signer"), SIGNED)

    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED
    assert convention.starts_on == dt.date(2024, 1, 12)
    assert entries_since(before) == [
        (Action.CONVENTION_CHANGED, str(convention.pk), "")
    ]


def test_the_state_is_not_typed(as_ft_admin: Client) -> None:
    convention = ConventionFactory(draft=True)

    as_ft_admin.post(
        record_url(convention), convention_form(convention, state="signee")
    )

    convention.refresh_from_db()
    assert convention.state == ConventionState.DRAFT


def test_a_convention_is_not_signed_tomorrow_nor_by_one_party(
    as_ft_admin: Client,
) -> None:
    convention = ConventionFactory(draft=True)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    one = as_ft_admin.post(
        action_url(convention, "signer"), {"signed_by_ft_on": "2024-01-10"}
    )
    late = as_ft_admin.post(
        action_url(convention, "signer"), SIGNED | {"signed_by_ft_on": tomorrow}
    )

    assert "Remplissez « Signée par la structure le »." in text_of(one)
    assert "Cette date est à venir." in text_of(late)
    convention.refresh_from_db()
    assert convention.state == ConventionState.DRAFT


def test_a_button_beside_a_form_saves_what_was_typed_first(as_ft_admin: Client) -> None:
    """Signing loses nothing, and one press is one line of the journal."""
    convention = ConventionFactory(draft=True, quota=3)
    signing = action_url(convention, "signer")
    page = Page.of(as_ft_admin.get(record_url(convention)))
    (verb,) = [tag for tag in page.all("button") if tag.attrs.get("value") == "signer"]
    pressed = {verb["name"]: verb["value"]}
    before = AuditEntry.objects.count()

    idle = as_ft_admin.post(
        record_url(convention), convention_form(convention, **pressed)
    )
    assert (idle.status_code, idle["Location"]) == (302, signing)
    assert entries_since(before) == []

    typed = convention_form(convention, signed_quota=7, **pressed)
    saved = as_ft_admin.post(record_url(convention), typed, follow=True)
    assert saved.redirect_chain == [(signing, 302)]
    assert "Enregistré : convention" in Page.of(saved).one("main").words()
    assert entries_since(before) == [(Action.ADMIN_CHANGED, str(convention.pk), "")]

    wrong = convention_form(convention, signed_quota=9, ends_on="2023-01-01", **pressed)
    refused = as_ft_admin.post(record_url(convention), wrong)
    said = Page.of(refused).one("main").words()
    assert "« Enregistrer la signature » attend : corrigez d’abord la fiche" in said
    assert Page.of(refused).by_id("id_signed_quota")["value"] == "9"

    convention.refresh_from_db()
    assert (convention.signed_quota, convention.state) == (7, ConventionState.DRAFT)


def test_a_button_pressed_too_early_or_too_late_says_why(as_ft_admin: Client) -> None:
    today = timezone.localdate()
    told = BreachFactory(notified=True, notified_on=today)
    for row, slug, why in (
        (EndingFactory().convention, "fin", "attend déjà d’être confirmée"),
        (told.convention, "manquement", "Une procédure pour manquement est déjà en"),
        (told, "maintenir", "La structure peut répondre jusqu’au"),
    ):
        assert why in text_of(as_ft_admin.get(action_url(row, slug)))


def test_alerts_need_an_address_before_the_signature(as_ft_admin: Client) -> None:
    """Annexe 2: the correspondent of France Travail receives the alerts (S39)."""
    convention = ConventionFactory(draft=True, signed_ft_contact_email="")

    response = as_ft_admin.post(action_url(convention, "signer"), SIGNED, follow=True)

    assert "l’adresse de courriel du correspondant" in text_of(response)
    convention.refresh_from_db()
    assert convention.state == ConventionState.DRAFT


def test_two_conventions_of_a_structure_do_not_overlap(as_ft_admin: Client) -> None:
    signed = ConventionFactory()
    second = ConventionFactory(
        structure=signed.structure, agency=signed.agency, state=ConventionState.DRAFT
    )

    response = as_ft_admin.post(action_url(second, "signer"), SIGNED, follow=True)

    assert "Une autre convention de cette structure couvre déjà" in text_of(response)


def test_a_draft_beyond_its_parent_is_refused_beside_its_end(
    as_ft_admin: Client,
) -> None:
    """Art. 13."""
    convention = ConventionFactory(draft=True)
    parent = PartnershipFactory(ends_on=dt.date(2027, 6, 30))

    response = as_ft_admin.post(
        record_url(convention), convention_form(convention, parent=parent.pk)
    )

    assert "prend fin le 30 juin 2027" in text_of(response)
    convention.refresh_from_db()
    assert convention.parent != parent


def test_a_change_of_a_draft_is_told_with_its_figures(as_ft_admin: Client) -> None:
    """S37."""
    convention = ConventionFactory(draft=True)

    form = convention_form(convention, signed_quota=5, signed_ft_contact="M. Autre")
    as_ft_admin.post(record_url(convention), form)

    entry = AuditEntry.objects.get(action=Action.ADMIN_CHANGED)
    assert entry.target_id == str(convention.pk)
    assert entry.details == {
        "fields": {"signed_quota": [20, 5], "signed_ft_contact": None}
    }


# --- Once signed: a dossier -----------------------------------------------------------


def test_a_signed_convention_is_read_and_not_typed(as_ft_admin: Client) -> None:
    """Art. 5.2: what one posts is not looked at; its agency alone may change."""
    convention = ConventionFactory(quota=3)
    other = AgencyFactory()
    form = convention_form(convention, signed_quota=9, ends_on="2027-01-01")

    as_ft_admin.post(record_url(convention), form | {"agency": other.pk})

    convention.refresh_from_db()
    assert (convention.quota, convention.ends_on) == (3, dt.date(2099, 12, 31))
    assert convention.agency == other


def test_the_dossier_tells_what_is_in_force_and_what_comes(as_ft_admin: Client) -> None:
    rgc = RgcFactory()
    AdviserFactory(structure=rgc.structure)
    convention = rgc.structure.conventions.get()
    amend(convention, quota=7, reference="DR-A")
    in_ten_days = timezone.localdate() + dt.timedelta(days=10)
    AmendmentFactory(
        convention=convention,
        confirmed=True,
        referrals=False,
        effective_on=in_ten_days,
        reference="DR-B",
    )
    AmendmentFactory(convention=convention, quota=30, reference="DR-C")
    EndingFactory(convention=convention)
    today = timezone.localdate()
    BreachFactory(convention=convention, notified=True, notified_on=today)
    LetterFactory(convention=convention)

    page = text_of(as_ft_admin.get(record_url(convention)))

    assert "1 sur 7" in page
    assert '<td data-label="Avant">20</td><td data-label="Après">7</td>' in page
    assert "dans 10 jours" in page
    assert "Avenant à confirmer (réf. DR-C)" in page
    assert "Fin anticipée à confirmer" in page
    assert "Lettres à poster : 1" in page
    assert f"observations jusqu’au {date_format(add_months(today))}" in page
    assert "Ce que verrait cette structure" in page


def test_an_amendment_counts_at_once_unless_it_wants_a_colleague(
    as_ft_admin: Client,
) -> None:
    """Art. 5.2, S28."""
    convention = ConventionFactory(quota=3)
    url = action_url(convention, "avenant")

    plain = as_ft_admin.post(url, amendment_form(referrals="False"), follow=True)
    assert "L’avenant est enregistré." in text_of(plain)
    assert not Convention.objects.get().terms.referrals
    rise = as_ft_admin.post(url, amendment_form(quota=5), follow=True)

    assert "une autre personne doit le confirmer" in text_of(rise)
    assert Convention.objects.get().quota == 3


def test_who_proposes_has_no_button_to_confirm_and_a_colleague_has(
    as_ft_admin: Client, ft_admin: Any
) -> None:
    """S28."""
    amendment = AmendmentFactory(
        proposed_by=ft_admin, quota=30, effective_on=timezone.localdate()
    )

    mine = text_of(as_ft_admin.get(record_url(amendment)))
    refused = as_ft_admin.post(action_url(amendment, "confirmer"), follow=True)
    assert "Confirmer l’avenant" not in mine
    assert "Cela ne se peut plus" in text_of(refused)
    sign_in(as_ft_admin, FtAdminFactory())
    as_ft_admin.post(action_url(amendment, "confirmer"))

    assert Convention.objects.get().quota == 30


def test_a_quota_below_the_accounts_in_use_names_them(as_ft_admin: Client) -> None:
    """The list of accounts tells which to close first."""
    first = AdviserFactory()
    second = AdviserFactory(structure=first.structure)
    RgcFactory(structure=first.structure)
    convention = first.structure.conventions.get()
    url = action_url(convention, "avenant")

    page = text_of(as_ft_admin.post(url, amendment_form(quota=1), follow=True))

    assert f"{first} ({first.identifier})" in page
    assert f"{second} ({second.identifier})" in page
    assert Amendment.objects.count() == 0
    # The page names them, the journal does not.
    told = AuditEntry.objects.exclude(refused="").get()
    assert first.last_name not in f"{told.refused} {told.details}"
    as_ft_admin.post(url, amendment_form(quota=2))
    assert Convention.objects.get(pk=convention.pk).quota == 2


def test_an_amendment_of_the_past_or_of_nothing_is_refused(as_ft_admin: Client) -> None:
    convention = ConventionFactory()
    url = action_url(convention, "avenant")
    yesterday = timezone.localdate() - dt.timedelta(days=1)

    past = as_ft_admin.post(
        url, amendment_form(effective_on=yesterday, noticed_on=yesterday, quota=1)
    )
    empty = as_ft_admin.post(url, amendment_form(), follow=True)

    assert "au plus tôt aujourd’hui" in text_of(past)
    assert "Un avenant change au moins une chose." in text_of(empty)
    assert Amendment.objects.count() == 0


def test_an_amendment_that_shortens_is_refused_at_the_box_of_its_end(
    as_ft_admin: Client,
) -> None:
    """Art. 12: what was typed stays, and the summary leads to the box."""
    convention = ConventionFactory()
    sooner = convention.ends_on - dt.timedelta(days=1)

    answer = as_ft_admin.post(
        action_url(convention, "avenant"), amendment_form(ends_on=sooner)
    )

    [refusal] = answer.context["form"].errors["ends_on"]
    assert "ne l’abrège pas" in refusal
    assert f'value="{sooner.isoformat()}"' in answer.text
    assert Amendment.objects.count() == 0


def test_an_early_end_is_proposed_by_one_and_confirmed_by_another(
    as_ft_admin: Client,
) -> None:
    """Art. 12, S28."""
    convention = ConventionFactory()
    today = timezone.localdate()
    last = today + dt.timedelta(days=31)
    url = action_url(convention, "fin")
    form = {"origin": "structure", "told_on": today, "ends_on": last}

    short = as_ft_admin.post(
        url, form | {"ends_on": today + dt.timedelta(days=20)}, follow=True
    )
    assert "Le préavis de la structure est d’un mois" in text_of(short)
    as_ft_admin.post(url, form)
    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED
    ending = Ending.objects.get()
    assert "Confirmer" not in text_of(as_ft_admin.get(record_url(ending)))
    sign_in(as_ft_admin, FtAdminFactory())
    as_ft_admin.post(action_url(ending, "confirmer"), {"signatory": "Mme Essai"})

    convention.refresh_from_db()
    assert "Mme Essai" in convention.letters.get().html
    assert (convention.state, convention.ends_on) == (
        ConventionState.NOTICE_PERIOD,
        last,
    )


DIRECTOR = {"signatory": "Hélène Marchand, directrice régionale"}


def test_the_breach_path_goes_from_the_letter_to_the_end(as_ft_admin: Client) -> None:
    """Art. 12, by the buttons alone: two people, the month, two people."""
    convention = ConventionFactory()
    as_ft_admin.post(
        action_url(convention, "manquement"),
        {
            "reasons": ["partage", "autre"],
            "other_obligation": "Réunion de suivi refusée (art. 11).",
            "facts": "Constats du 12 septembre.",
        },
    )
    breach = Breach.objects.get()
    assert "Signer" not in text_of(as_ft_admin.get(record_url(breach)))
    sign_in(as_ft_admin, FtAdminFactory())
    as_ft_admin.post(action_url(breach, "signer"), DIRECTOR)
    letter = breach.letters.get()
    assert "Constats du 12 septembre." in letter.html
    assert "Réunion de suivi refusée" in letter.html
    assert DIRECTOR["signatory"] in letter.html
    type(letter).claim(letter.pk).store(b"%PDF-1.7 essai")
    today = timezone.localdate()
    number = {"carrier": "laposte", "registered_number": "RK473124829GB"}
    as_ft_admin.post(action_url(letter, "poster"), number | {"on": today})
    as_ft_admin.post(action_url(letter, "presenter"), {"on": today})
    as_ft_admin.post(
        action_url(breach, "observations"),
        {
            "on": today,
            "reference": "C-2026-114",
            "file": SimpleUploadedFile("obs.pdf", PDF),
        },
    )
    page = text_of(as_ft_admin.get(record_url(breach)))
    assert "C-2026-114" in page
    assert "Maintenir la décision" not in page
    file = reverse("admin:accounts_breach_observations", args=[breach.pk])
    assert as_ft_admin.get(file).content == PDF
    after = add_months(today) + dt.timedelta(days=1)
    with time_machine.travel(dt.datetime.combine(after, dt.time(10), dt.UTC)):
        sign_in(as_ft_admin, FtAdminFactory())
        as_ft_admin.post(
            action_url(breach, "maintenir"), DIRECTOR | {"on": after, "ends_on": after}
        )
        sign_in(as_ft_admin, FtAdminFactory())
        as_ft_admin.post(action_url(Ending.objects.get(), "confirmer"), DIRECTOR)

    convention.refresh_from_db()
    breach.refresh_from_db()
    assert (breach.state, convention.state) == (
        "maintenu",
        ConventionState.NOTICE_PERIOD,
    )
    assert convention.ends_on == after
    assert sorted(breach.letters.values_list("kind", flat=True)) == [
        "maintien",
        "manquements",
        "resiliation",
    ]
    for letter in breach.letters.all():
        assert "article 12" in letter.html
        assert "(article 14)" in letter.html
        assert DIRECTOR["signatory"] in letter.html


def test_france_travail_says_which_of_its_cases_and_why(as_ft_admin: Client) -> None:
    """Art. 12: needs of the service, administrative decision; printed."""
    today = timezone.localdate()
    told = {}
    for origin in ("service", "decision"):
        convention = ConventionFactory()
        form = {"origin": origin, "told_on": today, "ends_on": add_months(today)}
        silent = as_ft_admin.post(action_url(convention, "fin"), form)
        assert "Dites pourquoi France Travail" in text_of(silent)
        late = form | {"ends_on": add_months(today) + dt.timedelta(days=1)}
        motive = {"motive": "Arrêté du 3 mai 2026."}
        refused = as_ft_admin.post(action_url(convention, "fin"), late | motive)
        assert "dans le mois qui suit" in text_of(refused)
        as_ft_admin.post(action_url(convention, "fin"), form | motive)
        ending = convention.endings.get()
        actions.confirm_ending(ending, by=FtAdminFactory())
        told[origin] = convention.letters.get().html
        with pytest.raises(IntegrityError), transaction.atomic():
            EndingFactory(origin=origin, ends_on=today)

    assert "pour les besoins du service (article 12)" in told["service"]
    assert "une décision administrative" in told["decision"]
    for html in told.values():
        assert "Motif\xa0: Arrêté du 3 mai 2026." in html
        assert "(article 14)" in html
    page = as_ft_admin.get(action_url(ConventionFactory(), "fin")).content.decode()
    assert 'value="service"' in page
    assert 'value="france_travail"' not in page


def test_a_cancelled_letter_of_a_breach_is_prepared_again(as_ft_admin: Client) -> None:
    """No dead end."""
    breach = BreachFactory(proposed=True)
    actions.sign_breach(breach, by=FtAdminFactory())
    letter = breach.letters.get()
    assert "refaire" not in as_ft_admin.get(record_url(letter)).content.decode()
    as_ft_admin.post(action_url(letter, "annuler"))
    assert near_deadline(Breach.objects.all()).get() == breach

    as_ft_admin.post(action_url(letter, "refaire"), DIRECTOR)

    again = breach.letters.good().get()
    assert again.number != letter.number
    assert DIRECTOR["signatory"] in again.html
    assert not near_deadline(Breach.objects.all()).exists()
    letter.refresh_from_db()
    with pytest.raises(MoveRefused, match="n’est plus à envoyer"):
        letters.prepare_again(letter, by=FtAdminFactory())


def test_queues_hold_only_what_can_still_be_done(as_ft_admin: Client) -> None:
    """What waited is dropped with the convention."""
    convention = ConventionFactory()
    amendment = AmendmentFactory(convention=convention, quota=30)
    ending = EndingFactory(convention=convention)
    breach = BreachFactory(convention=convention)
    letter = LetterFactory(kind="manquements", convention=convention, breach=breach)
    assert to_confirm(Amendment.objects.all()).get() == amendment
    assert to_confirm(Ending.objects.all()).get() == ending
    with time_machine.travel(dt.datetime(2199, 1, 1, tzinfo=dt.UTC)):
        assert not to_confirm(Amendment.objects.all()).exists()

    end_at_once(convention)
    jobs.close_what_is_open(convention, by=None)

    for row in (amendment, ending, breach, letter):
        row.refresh_from_db()
    assert (amendment.state, ending.state, breach.state) == (
        "abandonne",
        "abandonne",
        "leve",
    )
    assert letter.is_void


def convention_of_agent(client: Client) -> tuple[Convention, User]:
    """A convention of the agency whose agent is signed in."""
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    sign_in(client, agent)
    convention = ConventionFactory(
        structure__agency__safir="38086", structure__convention=None
    )
    return convention, agent


def test_an_agent_proposes_an_amendment_and_an_administrator_confirms(
    client: Client, as_ft_admin: Client
) -> None:
    """Even what an administrator alone would have had count at once."""
    desk = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
    convention, agent = convention_of_agent(desk)

    told = desk.post(
        action_url(convention, "avenant"),
        amendment_form(ft_contact="M. Essai"),
        follow=True,
    )
    amendment = Amendment.objects.get()
    before = convention.ft_contact
    desk.post(action_url(amendment, "confirmer"))
    amendment.refresh_from_db()
    was = amendment.state
    as_ft_admin.post(action_url(amendment, "confirmer"))

    assert "un administrateur doit le confirmer" in text_of(told)
    assert (amendment.proposed_by, was) == (agent, "propose")
    assert before != "M. Essai"
    convention.refresh_from_db()
    assert convention.ft_contact == "M. Essai"
    amendment.refresh_from_db()
    assert amendment.confirmed_by.role == Role.FT_ADMIN


def test_an_agent_proposes_an_early_end_and_takes_it_back(client: Client) -> None:
    convention, _ = convention_of_agent(client)
    last = timezone.localdate() + dt.timedelta(days=20)

    client.post(
        action_url(convention, "fin"),
        {"origin": "partenariat", "told_on": timezone.localdate(), "ends_on": last},
    )
    ending = Ending.objects.get()
    client.post(action_url(ending, "confirmer"))
    ending.refresh_from_db()
    was = ending.state
    client.post(action_url(ending, "abandonner"))

    ending.refresh_from_db()
    assert (was, ending.state) == ("propose", "abandonne")
    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED


def test_an_agent_signs_nothing_and_decides_on_no_colleagues_proposal(
    client: Client,
) -> None:
    """S28."""
    convention, _ = convention_of_agent(client)
    amendment = AmendmentFactory(convention=convention, quota=30)
    draft = ConventionFactory(
        draft=True, structure=StructureFactory(agency=convention.agency)
    )

    page = Page.of(client.get(record_url(convention))).links()
    client.post(action_url(draft, "signer"), SIGNED)
    client.post(action_url(convention, "manquement"), {"reasons": ["partage"]})
    client.post(action_url(amendment, "confirmer"))
    client.post(action_url(amendment, "abandonner"))

    assert {"Enregistrer un avenant", "Proposer une fin anticipée"} <= page.keys()
    assert "Notifier des manquements" not in page
    draft.refresh_from_db()
    amendment.refresh_from_db()
    assert draft.state == ConventionState.DRAFT
    assert amendment.is_waiting
    assert not convention.breaches.exists()
    assert client.post(record_url(draft), {"signed_quota": 99}).status_code == 403


def test_the_files_of_another_territory_do_not_exist(client: Client) -> None:
    """S20, S27."""
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))
    theirs = ConventionFactory(agency=AgencyFactory(safir="69001"))
    rows = [
        theirs,
        theirs.parent,
        AmendmentFactory(convention=theirs, quota=30),
        EndingFactory(convention=theirs),
        BreachFactory(convention=theirs),
    ]

    for row in rows:
        assert client.get(record_url(row)).status_code == 302, row


def test_an_unknown_button_does_not_exist(as_ft_admin: Client) -> None:
    convention = ConventionFactory()

    assert as_ft_admin.get(action_url(convention, "effacer")).status_code == 404


# --- The parent -----------------------------------------------------------------------


def test_a_parents_end_brought_forward_names_the_conventions_beyond(
    as_ft_admin: Client,
) -> None:
    """Art. 13."""
    convention = ConventionFactory(number="CA-9", ends_on=dt.date(2028, 6, 30))
    parent = convention.parent
    form = {"number": parent.number, "partner": parent.partner, "signed_on": ""}

    refused = as_ft_admin.post(record_url(parent), form | {"ends_on": "2028-06-29"})
    assert "n° CA-9" in text_of(refused)
    as_ft_admin.post(record_url(parent), form | {"ends_on": "2028-06-30"})

    parent.refresh_from_db()
    assert parent.ends_on == dt.date(2028, 6, 30)
