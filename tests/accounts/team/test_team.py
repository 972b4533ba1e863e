"""The RGC's page: seats, accounts, slips; within his structure and never beyond."""

import datetime as dt
import re

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.team import actions
from accounts.users import refusals, tasks
from accounts.users.enums import Role, UserState
from accounts.users.models import AccountStep, AddressChange, FirstAccess, User
from accounts.users.refusals import validate_personal
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from opus.support.tickets.models import Ticket, Topic
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
    amend,
    lettered,
)
from tests.accounts.signin.test_passkeys import with_passkey
from tests.cases import each_case
from tests.conftest import sign_in
from tests.opus.page import Page

pytestmark = pytest.mark.django_db

ZOE = {
    "last_name": "Durand",
    "first_name": "Zoé",
    "email": "zoe.durand@partenaire.example",
    "function": "Conseillère en insertion",
    "phone": "04 65 71 00 02",
}
SECRET = re.compile(r"\b(?:[A-Z0-9]{5}-){3}[A-Z0-9]{5}\b")


@pytest.fixture
def team():
    """A structure of two seats, its RGC, no adviser yet."""
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=2)
    return RgcFactory(structure=structure)


@pytest.fixture
def as_team(client, team):
    """The browser of that RGC."""
    return sign_in(client, team)


@pytest.fixture
def adviser(team):
    return AdviserFactory(structure=team.structure)


def add(client, **changes):
    return client.post(reverse("account_add"), {**ZOE, **changes})


def days_ago(days: int) -> dt.datetime:
    """Noon of that day in Paris: so many days of the calendar, whatever the clocks."""
    day = timezone.localdate() - dt.timedelta(days=days)
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


CHECK = {"check_done": "piece"}


def act(client, name, account, **data):
    return client.post(reverse(name, args=[account.public_id]), data)


def state_of(account):
    return User.objects.get(pk=account.pk).state


def test_the_page_tells_seats_people_and_absences(as_team, team):
    """U14."""
    long_ago = days_ago(97)
    AdviserFactory(
        structure=team.structure,
        first_name="Samir",
        last_name="Roux",
        last_login=long_ago,
    )
    AdviserFactory(structure=team.structure, suspended=True, factor=None)
    AdviserFactory(last_name="Stranger")

    text = as_team.get(reverse("accounts")).text

    assert "<strong>1 sur 2</strong>" in text
    assert '<progress class="opus-seats__bar" max="2" value="1"' in text
    assert "Roux Samir" in text
    assert "97 jours" in text
    assert "Accès fermé" in text
    assert "Suspendu" in text
    assert "Stranger" not in text


@pytest.mark.parametrize("size", [1, 3])
def test_the_list_asks_as_many_questions_whatever_its_length(
    as_team, team, size, django_assert_num_queries
):
    amend(team.structure.conventions.get(), quota=5)
    AdviserFactory.create_batch(size, structure=team.structure)
    as_team.get(reverse("accounts"))

    # The gates ask 3; people, their absences and caseloads, the quarterly question,
    # whom it is about, his own announced end, the open alerts, whether a review
    # meeting is due, and the former RGCs 9.
    with django_assert_num_queries(3 + 9):
        as_team.get(reverse("accounts"))


def test_the_board_tells_deadlines_slips_and_who_is_close_to_suspension(client):
    """U14."""
    soon = timezone.localdate() + dt.timedelta(days=40)
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=5, ends_on=soon)
    team = RgcFactory(structure=structure)
    with_passkey(AdviserFactory(structure=team.structure))
    ago = days_ago(71)
    AdviserFactory(structure=team.structure, last_login=ago)
    new = AdviserFactory(structure=team.structure, created=True)
    late = AdviserFactory(structure=team.structure, created=True)
    FirstAccess.draw(new, by=team)
    access, _ = FirstAccess.draw(late, by=team)
    access.expires_at = timezone.now() - dt.timedelta(hours=1)
    access.save()
    sign_in(client, team)

    text = client.get(reverse("accounts")).text

    assert "clé d’accès, application" in text
    assert "71 jours" in text
    assert "Suspension dans 19 jours" in text
    assert "fiche de premier accès valable jusqu’au" in text
    assert "fiche de premier accès expirée" in text
    assert "(dans 40 jours)" in text
    assert "La convention finit bientôt" in text
    assert "Prochaine confirmation trimestrielle" in text


ORDERS = {
    "nom": ["Aubert", "Brun", "Caron"],
    "-nom": ["Caron", "Brun", "Aubert"],
    "etat": ["Caron", "Aubert", "Brun"],
    "connexion": ["Caron", "Brun", "Aubert"],
    "-connexion": ["Aubert", "Brun", "Caron"],
    "-absence": ["Brun", "Aubert", "Caron"],
    "absence": ["Caron", "Aubert", "Brun"],
    "n’importe quoi": ["Aubert", "Brun", "Caron"],
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_list_is_sorted_and_says_how(as_team, team, order):
    """A8."""
    now = timezone.now()
    amend(team.structure.conventions.get(), quota=5)
    for name, login, traits in [
        ("Brun", now - dt.timedelta(days=30), {"suspended": True}),
        ("Caron", None, {"created": True}),
        ("Aubert", now - dt.timedelta(days=3), {}),
    ]:
        AdviserFactory(
            structure=team.structure,
            last_name=name,
            last_login=login,
            created_at=now,
            **traits,
        )

    response = as_team.get(reverse("accounts"), {"tri": order})

    assert [person.last_name for person in response.context["people"]] == ORDERS[order]
    direction = "descending" if order.startswith("-") else "ascending"
    assert response.text.count(f'aria-sort="{direction}"') == 1


def test_a_full_board_names_the_seats_that_served_least(as_team, team):
    """U14: why a seat is refused, and how to free one."""
    ago = days_ago(50)
    idle = AdviserFactory(structure=team.structure, last_login=ago)
    AdviserFactory(structure=team.structure, last_login=timezone.now())

    response = as_team.get(reverse("accounts"))

    assert response.context["idle"] == [idle]
    assert "50 jours sans connexion" in response.text


def test_the_structures_history_tells_who_did_what_page_by_page(as_team, team):
    """U14."""
    amend(team.structure.conventions.get(), quota=30)
    for n in range(21):
        actions.open_account(
            by=team,
            first_name="Zoé",
            last_name=f"D{lettered(n)}",
            email=f"z{n}@x.example",
        )
    first = User.objects.get(email="z0@x.example")
    actions.suspend_account(first, by=team, reason="perte")
    elsewhere = RgcFactory()
    actions.open_account(
        by=elsewhere, first_name="Ali", last_name="Ailleurs", email="a@x.example"
    )

    latest = as_team.get(reverse("accounts_history"))
    oldest = as_team.get(reverse("accounts_history"), {"page": 2})

    steps = list(latest.context["page"])
    assert (steps[0].account, steps[0].label) == (first, "Compte suspendu")
    assert "Perte du téléphone" in latest.text
    assert len(steps) == 20
    assert len(oldest.context["page"]) == 2
    assert "Ailleurs" not in latest.text + oldest.text


def test_an_empty_history_says_so(as_team):
    assert (
        "Rien n’est encore enregistré" in as_team.get(reverse("accounts_history")).text
    )


def change(client, account, **changes):
    data = {
        "email": account.email,
        "function": account.function,
        "phone": account.phone,
        **changes,
    }
    return client.post(reverse("account_edit", args=[account.public_id]), data)


def test_a_new_address_is_told_to_both_mailboxes(as_team, team):
    """S11: neither letter holds the other address."""
    adviser = AdviserFactory(structure=team.structure, email="claire@old.example")

    change(as_team, adviser, email="claire@new.example", function="Référente")
    outbox.relay()

    adviser.refresh_from_db()
    assert (adviser.email, adviser.function) == ("claire@new.example", "Référente")
    told = {message.to[0]: message for message in mail.outbox}
    assert set(told) == {"claire@old.example", "claire@new.example"}
    for address, message in told.items():
        assert str(team) in message.body
        assert adviser.identifier in message.body
        assert "@" not in message.body.replace(address, "").replace("opus@", "")
    entry = AuditEntry.objects.get(action="account_changed")
    assert entry.details == {"fields": ["email", "function"], "new_device": False}
    history = as_team.get(reverse("account", args=[adviser.public_id])).text
    assert "Adresse de courriel changée" in history


def test_the_former_address_is_forgotten_once_no_notice_goes_there(as_team, adviser):
    """V16: it stands as long as notices go there, and the outbox may need it."""
    change(as_team, adviser, email="claire@new.example")

    tasks.forget_former_addresses()
    kept = AddressChange.objects.get().former
    with time_machine.travel(timezone.now() + dt.timedelta(days=35)):
        tasks.forget_former_addresses()

    assert kept == adviser.email
    assert AddressChange.objects.get().former == ""


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("accueil@ville.example", "boîte partagée"),
        ("taken@x.example", "Un compte utilise déjà cette adresse"),
    ],
)
def test_an_address_that_is_not_his_alone_is_refused(as_team, email, sentence, adviser):
    """S12."""
    AdviserFactory(email="taken@x.example")

    response = change(as_team, adviser, email=email)

    assert sentence in response.text
    assert User.objects.get(pk=adviser.pk).email == adviser.email


def test_neither_name_nor_identifier_nor_role_is_edited(as_team, adviser):
    """Art. 5.1, S23."""
    change(as_team, adviser, identifier="IDA-MINE", role="rgc", last_name="Autre")

    after = User.objects.get(pk=adviser.pk)
    assert (after.identifier, after.role, after.last_name) == (
        adviser.identifier,
        adviser.role,
        adviser.last_name,
    )
    assert not AuditEntry.objects.filter(action="account_changed").exists()


def test_an_unchanged_form_writes_nothing(as_team, adviser):
    change(as_team, adviser)

    assert not AuditEntry.objects.filter(action="account_changed").exists()
    assert not AddressChange.objects.exists()


def test_no_account_is_deleted_and_no_identifier_changes_whoever_writes(team):
    """S12, art. 5.1: a statement typed by hand obeys too."""
    adviser = AdviserFactory(structure=team.structure, closed=True)

    for write in [
        lambda: User.objects.filter(pk=adviser.pk).update(identifier="IDA-MINE"),
        lambda: User.objects.filter(pk=adviser.pk)._raw_delete("default"),
    ]:
        refusal = pytest.raises(IntegrityError, match="reste à la même personne")
        with refusal, transaction.atomic():
            write()


def test_creating_an_account_shows_its_slip_once(as_team, team):
    """S9, art. 4.2."""
    response = add(as_team)

    account = User.objects.get(email=ZOE["email"])
    secret = SECRET.search(response.text)[0]
    assert response.status_code == 200
    assert "Fiche de premier accès" in response.text
    assert account.identifier in response.text
    assert account.first_accesses.get().matches(secret)
    assert (account.state, account.role, account.structure) == (
        UserState.CREATED,
        Role.ADVISER,
        team.structure,
    )
    assert not account.has_usable_password()
    for page in [
        reverse("accounts"),
        reverse("account", args=[account.public_id]),
        reverse("account_add"),
    ]:
        assert not SECRET.search(as_team.get(page).text)


def test_the_secret_stays_out_of_session_journal_and_logs(as_team, caplog):
    """S9, S41."""
    caplog.set_level("DEBUG")

    secret = SECRET.search(add(as_team).text)[0]

    kept = [session.get_decoded() for session in Session.objects.all()]
    written = [
        str(kept),
        caplog.text,
        str(list(AuditEntry.objects.values())),
        str(list(FirstAccess.objects.values())),
        str(list(AccountStep.objects.values())),
    ]
    for place in written:
        assert secret not in place
        assert secret.replace("-", "") not in place


def test_sending_the_form_twice_opens_one_account(as_team):
    add(as_team)

    again = add(as_team)

    assert "Un compte utilise déjà cette adresse" in again.text
    assert not SECRET.search(again.text)
    assert User.objects.filter(email=ZOE["email"]).count() == 1


def test_what_a_forged_request_adds_is_ignored(as_team, team):
    """S23."""
    elsewhere = StructureFactory()

    add(
        as_team,
        role="rgc",
        state="actif",
        structure=elsewhere.pk,
        identifier="IDA-MINE",
        password="choisi par le RGC",
        is_staff="on",
    )

    account = User.objects.get(email=ZOE["email"])
    assert (account.role, account.state, account.structure) == (
        Role.ADVISER,
        UserState.CREATED,
        team.structure,
    )
    assert account.identifier != "IDA-MINE"
    assert not account.has_usable_password()


SHARED = """
contact@ville.example accueil@ville.example CCAS@ville.example mairie@ville.example
ccas.villefontaine@ville.example mission-locale@partenaire.example
pole.emploi@partenaire.example info2@partenaire.example service-38@ville.example
secretariat.general@ville.example
"""
PERSONAL = """
zoe.durand@ville.example z.durand38@ville.example rose.lemploi@ville.example
marie@ville.example durand@ccas.example emploi.durand@ville.example
social.club-durand@ville.example 38090@ville.example
"""


@each_case("email", SHARED.split())
def test_a_shared_mailbox_is_refused_with_the_reason(as_team, email):
    """S12, art. 5.1."""
    response = add(as_team, email=email)

    assert "boîte partagée" in response.context["form"].errors["email"][0]
    assert not User.objects.filter(email=email).exists()


@pytest.mark.parametrize("email", PERSONAL.split())
def test_a_persons_own_mailbox_is_accepted(email):
    """S12; a mailbox of digits is nobody's desk."""
    validate_personal(email)


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "pas une adresse"), ("last_name", ""), ("phone", "au bureau")],
)
def test_a_form_with_a_fault_says_so_and_keeps_the_rest(as_team, field, value):
    """A5."""
    response = add(as_team, **{field: value})

    assert list(response.context["form"].errors) == [field]
    assert "<title>Erreur" in response.text
    assert 'value="Zoé"' in response.text


def test_at_the_quota_the_button_gives_way_to_the_way_out(as_team, team):
    """U14, R9."""
    AdviserFactory.create_batch(2, structure=team.structure)

    page = as_team.get(reverse("accounts")).text
    form = as_team.get(reverse("account_add")).text
    response = add(as_team)

    sentence = "Suspendez ou fermez un compte pour libérer une place"
    assert reverse("account_add") not in page
    assert sentence in page
    assert sentence in form
    assert "<form" not in form[form.index("<main") : form.index("</main>")]
    assert response.status_code == 409
    assert sentence in response.text
    assert User.objects.counted().filter(structure=team.structure).count() == 2
    assert not AuditEntry.objects.filter(action="account_opened").exists()


def test_a_suspended_account_frees_its_seat(as_team, team):
    """R9."""
    first, _ = AdviserFactory.create_batch(2, structure=team.structure)

    act(as_team, "account_suspend", first, reason="absence")

    assert add(as_team).status_code == 200
    assert User.objects.filter(email=ZOE["email"]).exists()


def test_reactivation_at_the_quota_is_refused_with_the_way_out(as_team, team):
    """R9."""
    waiting = AdviserFactory(structure=team.structure, suspended=True)
    AdviserFactory.create_batch(2, structure=team.structure)

    page = as_team.get(reverse("account", args=[waiting.public_id])).text
    response = act(as_team, "account_reactivate", waiting)

    assert reverse("account_reactivate", args=[waiting.public_id]) not in page
    assert response.status_code == 409
    assert "Suspendez ou fermez un compte" in response.text
    assert state_of(waiting) == UserState.SUSPENDED


def test_suspension_asks_for_a_coded_reason_and_tells_it_in_the_history(
    as_team, adviser
):
    """A6, art. 4.2."""
    asked = as_team.get(reverse("account_suspend", args=[adviser.public_id]))
    without = act(as_team, "account_suspend", adviser, reason="")
    invented = act(as_team, "account_suspend", adviser, reason="il est malade")
    still = state_of(adviser)
    done = act(as_team, "account_suspend", adviser, reason="absence")
    history = as_team.get(done.url).text

    assert asked.status_code == 200
    assert "Choisissez un motif" in without.text
    assert "reason" in invented.context["form"].errors
    assert still == UserState.ACTIVE
    assert state_of(adviser) == UserState.SUSPENDED
    assert "Compte suspendu" in history
    assert "Absence de plus de trois mois" in history


def test_a_reactivated_account_goes_back_where_it_was(as_team, team):
    used = AdviserFactory(
        structure=team.structure, suspended=True, last_login=timezone.now()
    )
    unused = AdviserFactory(structure=team.structure, suspended=True, last_login=None)

    act(as_team, "account_reactivate", used)
    act(as_team, "account_reactivate", unused)

    assert (state_of(used), state_of(unused)) == (UserState.ACTIVE, UserState.CREATED)


def test_closing_is_for_good_and_the_identifier_is_never_given_again(as_team, team):
    """S12, art. 5.1."""
    adviser = AdviserFactory(structure=team.structure, identifier="IDA-GONE")

    act(as_team, "account_close", adviser, reason="depart")
    answers = [
        act(as_team, "account_reactivate", adviser).status_code,
        act(as_team, "account_suspend", adviser, reason="perte").status_code,
        act(as_team, "account_first_access", adviser, **CHECK).status_code,
    ]

    assert state_of(adviser) == UserState.CLOSED
    assert answers == [409, 409, 409]
    assert "IDA-GONE" in as_team.get(reverse("accounts")).text
    with pytest.raises(Exception, match="identifier_of_one_person"):
        AdviserFactory(structure=team.structure, identifier="ida-gone")


def test_the_mailbox_of_a_closed_account_may_serve_its_person_again(as_team, team):
    old = AdviserFactory(structure=team.structure, email=ZOE["email"])
    act(as_team, "account_close", old, reason="depart")

    assert SECRET.search(add(as_team).text)


def test_a_new_slip_replaces_the_one_before(as_team):
    """S9."""
    first = SECRET.search(add(as_team).text)[0]
    account = User.objects.get(email=ZOE["email"])

    response = act(as_team, "account_first_access", account, **CHECK)

    second = SECRET.search(response.text)[0]
    usable = account.first_accesses.usable().get()
    assert usable.matches(second)
    assert not usable.matches(first)
    assert (
        "Fiche de premier accès préparée"
        in as_team.get(reverse("account", args=[account.public_id])).text
    )


@pytest.mark.parametrize("cut", ["account_suspend", "account_close"])
def test_a_slip_in_a_pocket_opens_nothing_once_the_account_is_cut(as_team, cut):
    add(as_team)
    account = User.objects.get(email=ZOE["email"])

    act(as_team, cut, account, reason="depart" if cut.endswith("close") else "perte")

    assert not account.first_accesses.usable().exists()


ACTS = [
    ("account_suspend", {"reason": "perte"}),
    ("account_close", {"reason": "depart"}),
    ("account_reactivate", {}),
    ("account_first_access", CHECK),
    ("account_edit", {"email": "autre@x.example"}),
    ("account_leave", {"starts_on": "2027-01-01", "ends_on": "2027-02-01"}),
    ("account_leave_cancel", {}),
    ("account_hand_over", {}),
    ("account_confide", {}),
]
OF_RESETS = [
    ("account_hand_over_stop", {}),
    ("account_factor_reset", {}),
    ("account_factor_reset_slip", {}),
    ("account_factor_reset_stop", {}),
]


@pytest.mark.parametrize(("name", "data"), ACTS)
def test_accounts_of_others_do_not_exist_for_an_rgc(as_team, name, data):
    """S20, S23: another structure's, France Travail's."""
    strangers = [AdviserFactory(), RgcFactory(), FtAdminFactory()]

    for stranger in strangers:
        assert act(as_team, name, stranger, **data).status_code == 404
        page = as_team.get(reverse("account", args=[stranger.public_id]))
        assert page.status_code == 404
        assert state_of(stranger) == UserState.ACTIVE


@pytest.mark.parametrize(("name", "data"), ACTS)
def test_an_rgc_acts_neither_on_himself_nor_on_another_rgc(as_team, team, name, data):
    """S23, art. 4.3."""
    before_him = RgcFactory(structure=team.structure, in_office=False)

    for person in [team, before_him]:
        response = act(as_team, name, person, **data)
        assert response.status_code == 403
        assert "relève de France Travail" in response.text
        assert state_of(person) == UserState.ACTIVE
    assert as_team.get(reverse("account", args=[team.public_id])).url == "/profil/"


@pytest.mark.parametrize(("name", "data"), ACTS)
def test_an_adviser_administers_nobody(client, team, name, data):
    adviser, colleague = AdviserFactory.create_batch(2, structure=team.structure)
    sign_in(client, adviser)

    assert act(client, name, colleague, **data).status_code == 403
    assert add(client).status_code == 403
    assert state_of(colleague) == UserState.ACTIVE


WITHOUT_PERSON = [("account_add", ZOE), ("account_import", {}), ("team_review", {})]


@each_case(("name", "data"), [*ACTS, *OF_RESETS, *WITHOUT_PERSON])
def test_each_gesture_on_accounts_asks_for_a_fresh_second_factor(
    client, team, name, data, adviser
):
    """S17: valid 15 minutes; then back to the page one came from."""
    args = [] if (name, data) in WITHOUT_PERSON else [adviser.public_id]
    path = reverse(name, args=args)
    here = reverse("accounts")

    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, team)
        clock.shift(dt.timedelta(minutes=15, seconds=1))
        response = client.post(
            path, data, headers={"referer": f"http://localhost{here}"}
        )

    assert response.url == "/connexion/confirmer/?next=%2Fcomptes%2F"
    assert state_of(adviser) == UserState.ACTIVE
    assert not User.objects.filter(email=ZOE["email"]).exists()


def test_a_code_opens_fifteen_minutes_of_sensitive_gestures(client, team, adviser):
    """S13, S17: with a new session id."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, team)
        clock.shift(dt.timedelta(minutes=16))
        sent = client.get(reverse("account_add")).url
        before = client.session.session_key
        wrong = client.post(sent, {"code": "000000", "next": "/comptes/nouveau/"})
        code = team.totpdevice_set.get().current_token()
        right = client.post(sent, {"code": code, "next": "/comptes/nouveau/"})
        clock.shift(dt.timedelta(minutes=15))
        done = act(client, "account_suspend", adviser, reason="perte")

    assert "Ce code n’est pas le bon" in wrong.text
    assert right.url == "/comptes/nouveau/"
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert done.url == reverse("account", args=[adviser.public_id])


def test_every_gesture_writes_one_line_of_the_journal(as_team, team):
    """S37."""
    written = []

    def journaled(response):
        entries = AuditEntry.objects.order_by("pk")[len(written) :]
        written.extend(entries)
        return [(entry.action, entry.actor, entry.details) for entry in entries]

    opened = journaled(add(as_team))
    account = User.objects.get(email=ZOE["email"])
    me = team.identifier
    assert opened == [("account_opened", me, {})]
    for name, data, action in [
        ("account_first_access", CHECK, "first_access_renewed"),
        ("account_suspend", {"reason": "perte"}, "account_suspended"),
        ("account_reactivate", {}, "account_reactivated"),
        ("account_close", {"reason": "depart"}, "account_closed"),
    ]:
        assert journaled(act(as_team, name, account, **data)) == [(action, me, data)]
    assert {entry.target_id for entry in written} == {str(account.pk)}


def test_a_gesture_that_fails_leaves_neither_move_nor_line(client, team):
    """S37: the line stands in the transaction of what it tells."""
    waiting = AdviserFactory(structure=team.structure, suspended=True)
    AdviserFactory.create_batch(2, structure=team.structure)

    with pytest.raises(refusals.QuotaReached):
        actions.reactivate_account(waiting, by=team)

    assert not AuditEntry.objects.exists()
    assert not waiting.steps.exists()


def test_no_page_lets_anybody_set_anothers_password(as_team, adviser):
    """S9."""
    for name in ["account", "account_suspend", "account_close", "account_edit"]:
        text = as_team.get(reverse(name, args=[adviser.public_id])).text
        assert 'type="password"' not in text
    assert 'type="password"' not in as_team.get(reverse("account_add")).text


# --- A full quota leads to a request of an amendment (art. 5.2) -----------------------

MORE_ACCOUNTS = "Demander des comptes de plus"


def test_a_full_quota_leads_to_a_prepared_request_of_more_accounts(as_team, team):
    """Art. 5.2, annexe 2: the contact form, its subject and text filled in."""
    waiting = AdviserFactory(structure=team.structure, suspended=True)
    AdviserFactory.create_batch(2, structure=team.structure)
    pages = ["accounts", "account_add", "account_import"]
    urls = [*map(reverse, pages), reverse("account", args=[waiting.public_id])]

    links = {Page.of(as_team.get(url)).links()[MORE_ACCOUNTS] for url in urls}

    [link] = links
    form = as_team.get(link).context["form"]
    assert form["topic"].value() == "comptes"
    assert form["subject"].value().startswith("Demande d’avenant")
    number = team.structure.conventions.get().number
    assert f"n°\xa0{number}\xa0: elle prévoit 2 comptes actifs" in form["text"].value()


def test_the_prepared_request_is_sent_as_it_is(as_team):
    page = f"{reverse('contact')}?sujet=comptes&modele=plus-de-comptes"
    form = as_team.get(page).context["form"]

    sent = {field.name: field.value() for field in form}
    response = as_team.post(page, sent)

    assert response.status_code == 302
    assert Ticket.objects.get().topic == Topic.ACCOUNTS


def test_free_seats_ask_for_no_amendment(as_team):
    assert MORE_ACCOUNTS not in as_team.get(reverse("accounts")).text


def test_the_rgc_reads_the_terms_of_the_agreement(as_team):
    """Art. 4, 6 to 9: price, costs, use, liability, as on the legal notice."""
    terms = render_to_string("components/agreement_terms.html")

    for article in ("8", "4, 6 et 7", "9", "9.2"):
        assert f"art.\xa0{article})" in terms
    assert terms in as_team.get(reverse("accounts")).text
    assert terms in as_team.get(reverse("legal")).text
