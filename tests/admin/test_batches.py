"""Many letters and many conventions at once: printed, posted, reminded."""

import datetime as dt
import io
import re
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.letters import Letter
from accounts.exports.models import Export
from accounts.users.models import User
from offers.files.models import Quarantine
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import (
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    LetterFactory,
    RgcFactory,
    make_registered_number,
)
from tests.admin.registers import (
    action_url,
    list_url,
    make_import_run,
    make_reject,
    record_url,
)
from tests.conftest import sign_in
from tests.files import make_file
from tests.opus.page import Page

pytestmark = pytest.mark.django_db

LIST = list_url("accounts.letter")
POSTINGS = "/admin/accounts/letter/envois/"


def choose(client: Client, action: str, rows: list[Any], url: str = LIST) -> Any:
    keys = [str(row.pk) for row in rows]
    return client.post(url, {"action": action, "_selected_action": keys})


def typed(numbers: dict[Letter, str]) -> dict[str, str]:
    fields = {f"lettre-{letter.pk}": number for letter, number in numbers.items()}
    return {"carrier": "laposte", "on": timezone.localdate().isoformat(), **fields}


def test_chosen_letters_are_one_pdf_and_one_list(as_ft_admin: Client) -> None:
    """The same choice again makes nothing more; what is void is left out."""
    first, second = (
        LetterFactory(html="<p>Une.</p>"),
        LetterFactory(html="<p>Deux.</p>"),
    )
    waiting = LetterFactory(waiting=True)

    for _ in range(2):
        response = choose(as_ft_admin, "print_all", [first, second, waiting])
        assert response["Location"] == "/exports/"

    made = {export.what: export for export in Export.objects.all()}
    assert made.keys() == {"letters", "letters-slip"}
    assert len(made) == Export.objects.count()
    assert AuditEntry.objects.filter(action=Action.SHEETS_PRINTED).count() == 1
    for export in made.values():
        make_file(export)
        export.refresh_from_db()
        assert (export.is_ready, export.content_type) == (True, "application/pdf")
    both = pikepdf.open(io.BytesIO(bytes(made["letters"].content)))
    assert len(both.pages) == 2
    assert as_ft_admin.get("/exports/").text.count("Document à imprimer") == 2


def test_no_letter_of_another_territory_is_printed(client: Client) -> None:
    sign_in(client, AgentFactory(agency=AgencyFactory()))

    response = choose(client, "print_all", [LetterFactory()])

    assert response.status_code in (302, 403)
    assert not Export.objects.exists()


def test_numbers_are_entered_in_one_table(client: Client, ft_admin: User) -> None:
    """A right line is kept, an empty one waits, a wrong one stays as it was typed."""
    good, wrong, empty, twice = (LetterFactory() for _ in range(4))
    number = make_registered_number(1)
    sign_in(client, ft_admin)
    chosen = choose(client, "type_numbers", [good, wrong, empty, twice])
    table = Page.of(client.get(chosen["Location"])).one("tbody")
    assert table.words().count("N° de recommandé") == 4
    numbers = {good: number, wrong: "RK 123", empty: "", twice: ""}

    response = client.post(POSTINGS, typed(numbers))

    assert response.status_code == 409
    assert "RK 123" in response.text
    assert "1 envoi enregistré" in response.text
    table = Page.of(response).one("table").words()
    assert good.number not in table
    assert empty.number in table
    good.refresh_from_db()
    assert good.registered_number == number.replace(" ", "")
    # Again, with the line that was kept: nothing is doubled, no number replaced.
    entries = AuditEntry.objects.filter(action=Action.LETTER_POSTED)
    assert entries.count() == 1
    again = client.post(POSTINGS, typed({good: number}))
    other = client.post(POSTINGS, typed({good: make_registered_number(2)}))
    taken = client.post(POSTINGS, typed({twice: number}))
    assert (again.status_code, other.status_code, taken.status_code) == (302, 409, 409)
    assert "déjà postée" in other.text
    assert "celui d’une autre lettre" in taken.text
    assert entries.count() == 1


def test_the_table_is_for_who_may_record_a_posting(client: Client) -> None:
    sign_in(client, AgentFactory())
    letter = LetterFactory()

    assert client.get(POSTINGS).status_code in (200, 403)
    client.post(POSTINGS, typed({letter: make_registered_number(1)}))

    letter.refresh_from_db()
    assert letter.posted_on is None


def test_renewals_are_recalled_line_by_line(client: Client, ft_admin: User) -> None:
    """Once a day: a second press writes to nobody again."""
    soon = timezone.localdate() + dt.timedelta(days=30)
    due = ConventionFactory(ends_on=soon)
    RgcFactory(structure=due.structure)
    alone = ConventionFactory(ends_on=soon)
    early = ConventionFactory()
    url = list_url("accounts.convention")
    sign_in(client, ft_admin)

    pages = [choose(client, "remind_all", [due, alone, early], url) for _ in range(2)]

    first, second = (Page.of(page).one("tbody").words() for page in pages)
    assert re.search(r"courriel de rappel part à", first)
    assert "aucun RGC en fonction" in first
    assert "pas à renouveler" in first
    assert "Déjà rappelé aujourd’hui" in second
    assert OutboxEntry.objects.filter(effect="convention-to-renew").count() == 1
    recalled = AuditEntry.objects.filter(details__verb="remind")
    assert recalled.get().details["parts"][0]["target"].endswith(f" {due.pk}")
    assert reverse("admin:accounts_convention_change", args=[due.pk]) in pages[0].text


def test_lines_in_quarantine_are_closed_with_a_reason(
    as_ft_admin: Client, ft_admin: User
) -> None:
    """Alone or several at once; a closed one keeps its first reason."""
    run = make_import_run()
    one, two, three = (
        Quarantine.objects.create(run=run, file="essai", line=line, reason="Illisible.")
        for line in range(3)
    )
    url = list_url("offers.quarantine")

    as_ft_admin.post(action_url(one, "clore"), {"reason": "signalee"})
    choose(as_ft_admin, "close_inutile", [one, two], url)

    rows = {row.line: row for row in Quarantine.objects.all()}
    assert [rows[line].closed_because for line in range(3)] == [
        "signalee",
        "inutile",
        "",
    ]
    step = rows[0].steps.get()
    assert (step.by, step.target) == (ft_admin, "close")
    entries = AuditEntry.objects.filter(action=Action.QUARANTINE_CLOSED)
    assert [
        len(entry.details.get("parts", ())) for entry in entries.order_by("pk")
    ] == [0, 1]
    waiting = as_ft_admin.get(url, {"state__exact": "attente"})
    assert Page.of(waiting).one("tbody").words().count("essai") == 1
    assert "Signalée" in as_ft_admin.get(record_url(one)).text
    with pytest.raises(MoveRefused):
        three.move_to("attente", by=ft_admin)


def test_an_agent_neither_sees_nor_closes_a_line(client: Client) -> None:
    line = make_reject()
    sign_in(client, AgentFactory())

    assert client.get(list_url("offers.quarantine")).status_code == 403
    client.post(action_url(line, "clore"), {"reason": "inutile"})

    line.refresh_from_db()
    assert line.state == "attente"
