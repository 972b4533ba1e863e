"""One's own second factors: several, named, never none; and the codes on paper (S2)."""

import datetime as dt
import hashlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import time_machine
from cryptography.fernet import Fernet, InvalidToken
from django.core import mail
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.signin.models import BackupCode, BackupCodeSet, TotpDevice
from accounts.users.enums import UserState
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from tests.accounts.authenticator import Authenticator, enrol_passkey
from tests.accounts.factories import (
    AdviserFactory,
    FactorResetFactory,
    FtAdminFactory,
    RgcFactory,
)
from tests.accounts.journeys import another_browser, code_of, give_code, give_password
from tests.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def entries(*actions: str) -> list[tuple[str, dict]]:
    rows = AuditEntry.objects.filter(action__in=actions).order_by("pk")
    return [(row.action, row.details) for row in rows]


def letters() -> list[str]:
    """The subjects of what left, after the relay has run."""
    # The database's clock goes on while the test's stands.
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1), tick=False):
        outbox.relay()
    return [message.subject for message in mail.outbox]


def draw(user) -> list[str]:
    return BackupCodeSet.draw(user)


def add_application(client, user, name="téléphone"):
    client.get(reverse("factor_add"))
    device = user.totpdevice_set.get(confirmed=False)
    data = {"name": name, "code": device.current_token()}
    return client.post(reverse("factor_add"), data)


# --- Add, name, remove ----------------------------------------------------------------


def test_several_factors_stand_under_the_names_that_their_holder_chose(
    as_adviser, adviser
):
    draw(adviser)

    added = [
        add_application(as_adviser, adviser),
        enrol_passkey(as_adviser, Authenticator(), name="ordinateur du bureau"),
    ]
    page = as_adviser.get(reverse("profile"))

    assert [response.url for response in added] == ["/profil/"] * 2
    assert [(factor.name, factor.KIND) for factor in adviser.factors] == [
        ("ordinateur du bureau", "Clé d’accès"),
        ("application", "Application d’authentification"),
        ("téléphone", "Application d’authentification"),
    ]
    for name in ["ordinateur du bureau", "application", "téléphone"]:
        assert f'<th scope="row">{name}</th>' in page.text
    assert entries("factor_enrolled") == [
        ("factor_enrolled", {"factor": "totpdevice", "new_device": False}),
        ("factor_enrolled", {"factor": "passkey", "new_device": False}),
    ]


def test_a_change_from_a_device_never_seen_before_is_told_as_such(
    client, still_clock, adviser
):
    """S11, S39: what an alert may rely on."""
    draw(adviser)
    told = []
    for browser in [another_browser(), client]:
        adviser.totpdevice_set.update(last_t=-1)
        give_password(browser, adviser.identifier)
        give_code(browser, code_of(adviser))
        still_clock.shift(dt.timedelta(minutes=1))
        browser.post(
            reverse("factor", args=[adviser.factors[0].public_id]), {"name": "autre"}
        )
        told.append(entries("factor_renamed")[-1][1]["new_device"])

    assert told == [False, True]


@pytest.mark.parametrize("change", ["add", "add_passkey", "remove", "renew"])
def test_a_change_of_factors_ends_the_other_sessions_and_tells_the_holder(
    client, change, adviser
):
    """S11, S14."""
    draw(adviser)
    other = another_browser()
    for browser in [client, other]:
        sign_in(browser, adviser)
    spare = adviser.totpdevice_set.create(
        name="ancien", sealed_key=adviser.totpdevice_set.get().sealed_key
    )
    assert other.get("/").status_code == 200

    match change:
        case "add":
            add_application(client, adviser)
        case "add_passkey":
            enrol_passkey(client, Authenticator())
        case "remove":
            client.post(reverse("factor_remove", args=[spare.public_id]))
        case "renew":
            client.post(reverse("backup_codes"))

    assert client.get("/").status_code == 200
    assert other.get("/").url == "/connexion/?next=/"
    assert letters() == [
        {
            "add": "Opus : un second facteur a été ajouté",
            "add_passkey": "Opus : un second facteur a été ajouté",
            "remove": "Opus : un second facteur a été supprimé",
            "renew": "Opus : vos codes de secours ont été renouvelés",
        }[change]
    ]
    assert mail.outbox[0].to == [adviser.email]


def test_no_letter_about_factors_holds_a_secret_or_the_identifier(client, adviser):
    """S9, S11."""
    codes = draw(adviser)
    sign_in(client, adviser)
    add_application(client, adviser)
    device = adviser.totpdevice_set.get(name="téléphone")
    client.post(reverse("backup_codes"))
    client.post(reverse("logout"))
    new = draw(adviser)
    give_password(client, adviser.identifier)
    give_code(client, new[0])
    letters()

    written = " ".join(
        message.body + message.alternatives[0].content + message.subject
        for message in mail.outbox
    )
    # The sign-in from another browser has a letter of its own.
    about_factors = [one for one in mail.outbox if "connexion" not in one.subject]
    assert len(about_factors) == 3
    for secret in [*codes, *new, device.readable_key, adviser.identifier]:
        assert secret not in written


def test_a_factor_takes_another_name(as_adviser, adviser):
    page = reverse("factor", args=[adviser.factors[0].public_id])

    shown = as_adviser.get(page)
    response = as_adviser.post(page, {"name": "téléphone du bureau"})

    assert 'value="application"' in shown.text
    assert response.url == reverse("profile")
    assert adviser.totpdevice_set.get().name == "téléphone du bureau"
    assert entries("factor_renamed") == [
        ("factor_renamed", {"factor": "totpdevice", "new_device": False})
    ]


def test_two_factors_of_one_kind_do_not_share_a_name(as_adviser, adviser):
    draw(adviser)

    response = add_application(as_adviser, adviser, name="application")

    assert response.status_code == 200
    assert "déjà un second facteur nommé « application »" in response.text
    assert adviser.totpdevice_set.filter(confirmed=True).count() == 1


def test_a_factor_that_goes_opens_nothing_any_more(as_adviser, adviser):
    draw(adviser)
    add_application(as_adviser, adviser)
    old, new = adviser.totpdevice_set.order_by("pk")

    page = as_adviser.get(reverse("factor_remove", args=[old.public_id]))
    response = as_adviser.post(reverse("factor_remove", args=[old.public_id]))

    assert "n’ouvrira plus Opus" in page.text
    assert response.url == reverse("profile")
    assert adviser.factors == [new]
    # The session that the old one had verified stays.
    assert as_adviser.get("/").status_code == 200


def test_the_last_strong_factor_cannot_be_removed_and_the_page_says_why(
    as_adviser, adviser
):
    draw(adviser)
    page = reverse("factor_remove", args=[adviser.factors[0].public_id])

    shown = as_adviser.get(page)
    response = as_adviser.post(page)

    assert "C’est votre seul second facteur" in shown.text
    assert reverse("factor_add") in shown.text
    assert 'type="submit">Supprimer' not in shown.text
    assert response.status_code == 409
    assert "C’est votre seul second facteur" in response.text
    assert len(adviser.factors) == 1


def test_anothers_factor_does_not_exist_for_me(as_adviser):
    """S20."""
    theirs = AdviserFactory().factors[0]

    for name in ["factor", "factor_remove"]:
        for method in [as_adviser.get, as_adviser.post]:
            page = reverse(name, args=[theirs.public_id])
            assert method(page, {"name": "à moi"}).status_code == 404

    theirs.refresh_from_db()
    assert theirs.name == "application"


# --- What asks the second factor again ------------------------------------------------


def sensitive_addresses() -> list[tuple[str, str]]:
    """S17: one's own factors, the staff's gestures; ``test_team.py`` has the RGC's."""
    structure = RgcFactory().structure
    rgc = structure.users.get()
    person = AdviserFactory(structure=structure)
    reset = FactorResetFactory(account=person, asked_by=rgc)
    own = [
        reverse("factor_add"),
        reverse("factor_add_passkey"),
        reverse("backup_codes"),
    ]
    mine = rgc.factors[0].public_id
    own += [reverse(name, args=[mine]) for name in ["factor", "factor_remove"]]
    admin = [reverse("admin:accounts_user_add")]
    admin += [
        reverse("admin:accounts_user_action", args=[reset.account_id, slug])
        for slug in [
            "suspendre",
            "reactiver",
            "premier-acces",
            "fermer",
            "second-facteur-perdu",
            "confirmer-la-remise-a-zero",
            "remettre-a-zero",
            "annuler-la-remise-a-zero",
        ]
    ]
    admin.append(reverse("admin:accounts_user_change", args=[person.pk]))
    return [(rgc, page) for page in own] + [(FtAdminFactory(), page) for page in admin]


def test_every_sensitive_act_asks_the_second_factor_again_after_15_minutes(
    client, still_clock
):
    """S17."""
    for person, page in sensitive_addresses():
        sign_in(client, person)
        still_clock.shift(dt.timedelta(minutes=15, seconds=1))
        response = client.post(page)

        assert response.status_code == 302, page
        assert response.url.startswith("/connexion/confirmer/"), page


# --- Backup codes ---------------------------------------------------------------------


def test_ten_codes_come_with_the_first_factor_and_are_shown_once(client):
    """S2: 16 digits each, 53 bits."""
    adviser = AdviserFactory(factor=None, state=UserState.CREATED)
    give_password(client, adviser.identifier)
    client.get(reverse("enrol_factor"))
    code = adviser.totpdevice_set.get().current_token()

    shown = client.post(reverse("enrol_factor"), {"code": code})
    again = client.get(reverse("backup_codes"))

    codes = re.findall(r"\d{4} \d{4} \d{4} \d{4}", shown.text)
    assert len(set(codes)) == 10
    assert "Imprimez ou recopiez ces codes maintenant" in shown.text
    assert shown["Cache-Control"] == "no-store"
    assert not any(code in again.text for code in codes)
    assert "10 codes sur 10" in " ".join(again.text.split())
    assert letters() == ["Opus : un second facteur a été ajouté"]


def test_a_backup_code_is_a_second_factor_and_serves_once(client, adviser):
    """S2, S6: told by e-mail, with what remains, and counted at the door of codes."""
    code = draw(adviser)[3]
    give_password(client, adviser.identifier)
    typed = f"{code[:4]} {code[4:8]}-{code[8:]}"

    opened = give_code(client, typed)
    home = client.get("/")
    client.post(reverse("logout"))
    give_password(client, adviser.identifier)
    refused = give_code(client, code)

    assert opened.url == "/"
    assert "Il vous en reste 9" in home.text
    assert refused.status_code == 200
    assert "il a déjà servi" in refused.text
    assert client.get("/").url == "/connexion/code/?next=%2F"
    used = {
        "action": "backup_code_used",
        "target": f"accounts.user {adviser.pk}",
        "details": {"left": 9},
    }
    assert entries("backup_code_used", "sign_in", "sign_in_refused") == [
        ("sign_in", {"factor": "backupcodeset", "parts": [used]}),
        ("sign_in_refused", {"door": "code"}),
    ]
    assert letters() == ["Opus : un code de secours a été utilisé"]
    assert "Codes qui restent\xa0: 9." in mail.outbox[0].body


def test_with_a_backup_code_one_enrols_another_factor_and_removes_the_lost_one(
    client, still_clock, adviser
):
    """What it is for: it is a full second factor, step-up included."""
    codes = draw(adviser)
    lost = adviser.factors[0]
    give_password(client, adviser.identifier)
    give_code(client, codes[0])
    still_clock.shift(dt.timedelta(minutes=16))

    asked = client.get(reverse("factor_add"))
    confirmed = client.post(asked.url, {"code": codes[1]})
    add_application(client, adviser)
    client.post(reverse("factor_remove", args=[lost.public_id]))

    assert confirmed.status_code == 302
    assert [factor.name for factor in adviser.factors] == ["téléphone"]
    assert client.get("/").status_code == 200


def test_someone_elses_backup_code_opens_nothing(client, adviser):
    draw(adviser)
    give_password(client, adviser.identifier)

    response = give_code(client, draw(AdviserFactory())[0])

    assert response.status_code == 200
    assert not response.wsgi_request.user.is_verified()


def test_wrong_backup_codes_make_one_wait_like_wrong_codes(client, adviser):
    """S6."""
    codes = draw(adviser)
    give_password(client, adviser.identifier)
    for n in range(5):
        assert give_code(client, f"{n:016d}").status_code == 200

    response = give_code(client, codes[0])

    assert (response.status_code, response["Retry-After"]) == (429, "15")
    assert adviser.backup_codes.left == 10


@pytest.mark.parametrize("typed", ["123456789012345", "12345678901234567", "é" * 16])
def test_what_is_neither_six_nor_sixteen_digits_costs_no_try(client, typed, adviser):
    give_password(client, adviser.identifier)

    response = give_code(client, typed)

    assert "16 chiffres" in response.context["form"].errors["code"][0]
    assert entries("sign_in_refused") == []


def test_new_codes_take_the_place_of_the_old_ones(client, adviser):
    old = draw(adviser)
    sign_in(client, adviser)

    shown = client.post(reverse("backup_codes"))
    client.post(reverse("logout"))
    give_password(client, adviser.identifier)
    with_old = give_code(client, old[0])
    new = re.findall(r"\d{4} \d{4} \d{4} \d{4}", shown.text)
    with_new = give_code(client, new[0])

    assert with_old.status_code == 200
    assert with_new.url == "/"
    assert BackupCode.objects.count() == 10


@pytest.mark.parametrize(
    ("left", "said"), [(1, "C’était l’avant-dernier"), (0, "C’était le dernier")]
)
def test_the_last_codes_are_told_as_such(client, left, said, adviser):
    codes = draw(adviser)
    for code in codes[: 9 - left]:
        adviser.backup_codes.spend(code)
    give_password(client, adviser.identifier)
    give_code(client, codes[9])

    assert said in client.get("/").text


def test_codes_drawn_under_an_older_key_still_serve(settings, adviser):
    """A new key stands in front; the older one still opens."""
    codes = draw(adviser)

    settings.OTP_KEYS = [Fernet.generate_key().decode(), *settings.OTP_KEYS]

    assert adviser.backup_codes.spend(codes[0])
    assert not adviser.backup_codes.spend(codes[0])


class Racers:
    """Two windows that spend one code at the same instant."""

    def __init__(self, sheet: BackupCodeSet, code: str) -> None:
        self.sheet, self.code = sheet, code
        self.together = threading.Barrier(2)

    def spend(self, _: int) -> bool:
        self.together.wait()
        try:
            return BackupCodeSet.objects.get(pk=self.sheet.pk).spend(self.code)
        finally:
            connection.close()

    def spend_without_lock(self, _: int) -> bool:
        """The same, as one writes it without thinking: look, then mark."""
        try:
            sheet = BackupCodeSet.objects.get(pk=self.sheet.pk)
            found = sheet.codes.filter(
                used_at=None, digest__in=sheet.digests(self.code)
            )
            code = found.first()
            self.together.wait()
            if code is None:
                return False
            code.used_at = timezone.now()
            code.save()
            return True
        finally:
            connection.close()

    def run(self, how: str) -> list[bool]:
        with ThreadPoolExecutor(2) as pool:
            return sorted(pool.map(getattr(self, how), range(2)))


@pytest.mark.django_db(transaction=True)
def test_two_windows_cannot_spend_one_backup_code():
    """S2; several rounds, since a race is not met each time."""
    adviser = AdviserFactory()
    for code in draw(adviser):
        assert Racers(adviser.backup_codes, code).run("spend") == [False, True]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_windows_would_come_in():
    """S2, the negative control."""
    adviser = AdviserFactory()
    code = draw(adviser)[0]

    assert Racers(adviser.backup_codes, code).run("spend_without_lock") == [True, True]


def race_for_one_totp_code(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Two threads verify one code. Each waits for the other, for half a second at most,
    between reading what was spent and writing it."""
    adviser = AdviserFactory()
    code = code_of(adviser)
    meet = threading.Barrier(2)
    verify = TOTP.verify

    def verify_together(totp: TOTP, *args: int) -> bool:
        with suppress(threading.BrokenBarrierError):
            meet.wait(0.5)
        return verify(totp, *args)

    def try_it(_: int) -> bool:
        try:
            return adviser.totpdevice_set.get().verify_token(code)
        finally:
            connection.close()

    monkeypatch.setattr(TOTP, "verify", verify_together)
    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(try_it, range(2)))


@pytest.mark.django_db(transaction=True)
def test_two_threads_cannot_spend_one_code_of_an_application(monkeypatch):
    """S2."""
    assert race_for_one_totp_code(monkeypatch) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_threads_would_spend_it(monkeypatch):
    """S2, the negative control."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)

    assert race_for_one_totp_code(monkeypatch) == [True, True]


# --- At rest --------------------------------------------------------------------------

OTP_TABLES = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = current_schema() AND (
        table_name ~ '^(django_otp_webauthn|otp)_'
        OR table_name IN ('accounts_passkey', 'accounts_totpdevice',
                          'accounts_backupcodeset', 'accounts_backupcode')
    )
"""


def dump() -> str:
    """Every row of every table of second factors, as SQL gives it."""
    with connection.cursor() as cursor:
        cursor.execute(OTP_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        assert len(tables) >= 5
        rows = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def test_a_dump_of_the_tables_of_factors_opens_nothing(as_adviser, settings, adviser):
    """S3: no usable key or code, nor a hash that one could try at home."""
    key = Authenticator()
    shown = enrol_passkey(as_adviser, key)
    codes = [
        code.replace(" ", "")
        for code in re.findall(r"\d{4} \d{4} \d{4} \d{4}", shown.text)
    ]
    device = adviser.totpdevice_set.get()
    text = dump()

    private = key.key.private_numbers().private_value
    secrets = [device.key.hex(), device.readable_key, f"{private:064x}", str(private)]
    for code in codes:
        for plain in [code, f"{adviser.pk}:{code}"]:
            secrets += [
                plain,
                hashlib.sha256(plain.encode()).hexdigest(),
                hashlib.sha1(plain.encode(), usedforsecurity=False).hexdigest(),
                hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest(),
            ]
    assert len(codes) == 10
    assert key.id.hex() in text
    for secret in secrets:
        assert secret not in text

    # Restored where the keys are not, it neither gives a code nor knows one.
    settings.OTP_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        TotpDevice.objects.get().current_token()
    assert not adviser.backup_codes.spend(codes[0])


def test_a_sign_in_with_a_code_needs_no_letter_but_leaves_its_kind(client, adviser):
    give_password(client, adviser.identifier)
    give_code(client, code_of(adviser))

    assert entries("sign_in") == [("sign_in", {"factor": "totpdevice"})]
    assert letters() == []


def test_the_page_of_the_second_step_offers_what_one_has(client, adviser):
    """A passkey's block only where there is one; without it, the code."""
    give_password(client, adviser.identifier)
    with_code = client.get(reverse("login_code")).text
    with time_machine.travel(timezone.now(), tick=False):
        give_code(client, code_of(adviser))
        enrol_passkey(client, Authenticator())
        client.post(reverse("logout"))
        adviser.totpdevice_set.all().delete()
        give_password(client, adviser.identifier)
    with_key = client.get(reverse("login_code")).text

    assert "Utiliser ma clé d’accès" not in with_code
    assert "Utiliser ma clé d’accès" in with_key
    assert "Avec un code de secours" in with_key
