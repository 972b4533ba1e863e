"""Letters to post in one PDF, and their list for the post office (art. 4, 5, 12)."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.agreements.documents import STYLES, pages_of, title_of
from accounts.agreements.models.letters import Letter
from accounts.exports.models import Export
from accounts.users.models import User
from accounts.users.territory import within
from opus.lib import exports
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.background_files import FileState, NotAllowed, enqueue_file
from opus.lib.documents import pdf
from opus.lib.exports import PDF

LETTERS, SLIP = "letters", "letters-slip"
SLIP_STYLE = STYLES / "slip.css"
# Those that go no further.
OVER = (FileState.FAILED, FileState.CANCELLED)


@transaction.atomic
def request_prints(letters: Sequence[Letter], *, by: User) -> list[Export]:
    """Make both files in the background; those that one has already serve again."""
    count = len(letters)
    what = f"{count} lettre{'s' if count > 1 else ''}"
    keys = sorted(str(letter.pk) for letter in letters)
    # Numbers typed since make another list, and the same letters.
    numbers = sorted(filter(None, (letter.registered_number for letter in letters)))
    wanted = [
        (LETTERS, f"{what} à imprimer", {"letters": keys}),
        (SLIP, f"Bordereau de dépôt : {what}", {"letters": keys, "numbers": numbers}),
    ]
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    made = []
    for kind, title, arguments in wanted:
        kept = Export.objects.visible_to(by).exclude(state__in=OVER)
        if kept.filter(what=kind, arguments=arguments).exists():
            continue
        export = Export.objects.create(
            account=by, what=kind, arguments=arguments, title=title, format=PDF
        )
        enqueue_file(export)
        made.append(export)
    if made:
        journal.record(Action.SHEETS_PRINTED, by=by, details={"letters": count})
    return made


def letters_of(export: Export) -> list[Letter]:
    """Return the letters that are still good and seen. Raises NotAllowed."""
    by = export.account
    if not (by.is_active and by.is_staff):
        raise NotAllowed
    rows = Letter.objects.good().defer("content").select_related("convention")
    seen = within(rows, by, "convention__agency", "convention__structure__agency")
    found = seen.filter(pk__in=export.arguments["letters"])
    letters = list(found.order_by("created_at", "pk"))
    if not letters:
        raise NotAllowed
    return letters


@exports.kind(LETTERS, slug="lettres")
def letters_in_one(export: Export) -> bytes:
    """Return the letters as they were frozen, in one PDF. Raises NotAllowed."""
    sheets = [(title_of(one), pages_of(one)) for one in letters_of(export)]
    return pdf.bind(export.title, sheets)


@exports.kind(SLIP, slug="bordereau")
def slip(export: Export) -> bytes:
    """Return the list that the post office stamps. Raises NotAllowed."""
    context = {
        "letters": letters_of(export),
        "sender": export.account.agency,
        "on": timezone.localdate(),
    }
    body = render_to_string("accounts/agreements/slip.html", context)
    page: dict[str, Any] = {"title": export.title, "body": body}
    printed, _ = pdf.print_pdf(
        render_to_string("documents/page.html", page), SLIP_STYLE
    )
    return printed
