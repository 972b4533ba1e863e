import dataclasses
import datetime as dt

from django.db import DataError, IntegrityError, transaction

from accounts.team.forms import AccountForm
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.database.states import MoveRefused
from opus.lib.forms.base import Form
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.uploads import csv_import

# Columns of the template, then other names that people write.
HEADERS = {
    "Nom": "last_name",
    "Prénom": "first_name",
    "Courriel": "email",
    "Fonction": "function",
    "Téléphone": "phone",
}
OTHER_HEADERS = {
    "Nom de famille": "last_name",
    "Adresse e-mail": "email",
    "Adresse mail": "email",
    "Adresse électronique": "email",
    "E-mail": "email",
    "Mail": "email",
    "Poste": "function",
    "Tél": "phone",
    "Téléphone professionnel": "phone",
}
REQUIRED = ("last_name", "first_name", "email")

ACCOUNTS = csv_import.ListFile(HEADERS, OTHER_HEADERS, REQUIRED)


@dataclasses.dataclass(frozen=True)
class ImportedRow:
    row: csv_import.Row
    account: User | None = None
    secret: str = ""
    expires_at: dt.datetime | None = None
    reasons: tuple[str, ...] = ()


class AccountListForm(Form):
    privacy_notice = PrivacyNotice.ACCOUNTS

    file = csv_import.ListField(ACCOUNTS)

    @transaction.atomic
    def save(self, *, by: User) -> list[ImportedRow]:
        """Open accounts; a bad row stops no other."""
        with journal.gathering() as parts:
            rows = [open_row(row, by=by) for row in self.cleaned_data["file"]]
        opened = sum(1 for row in rows if row.account)
        journal.record(
            journal.Action.ACCOUNTS_IMPORTED,
            by=by,
            details={"rows": len(rows), "opened": opened},
            parts=parts,
        )
        return rows


def open_row(row: csv_import.Row, *, by: User) -> ImportedRow:
    if row.is_too_long:
        return ImportedRow(row, reasons=(csv_import.TOO_LONG,))
    email = row.values.get("email", "")
    mine = User.objects.administered_by(by).exclude(state=UserState.CLOSED)
    if email and (account := mine.filter(email__iexact=email).first()):
        reason = f"Cette personne a déjà un compte : {account.identifier}."
        return ImportedRow(row, reasons=(reason,))
    form = AccountForm(row.values, by=by)
    if not form.is_valid():
        return ImportedRow(row, reasons=tuple(csv_import.reasons_of(form)))
    try:
        account, secret = form.save()
    except MoveRefused as error:
        return ImportedRow(row, reasons=(str(error),))
    except (DataError, IntegrityError):
        return ImportedRow(row, reasons=(csv_import.UNWRITABLE,))
    access = account.first_accesses.usable().get()
    return ImportedRow(row, account, secret, access.expires_at)
