import dataclasses

from django.db import DataError, IntegrityError, transaction

from accounts.users.models.users import User
from opus.lib.forms.base import Form
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.uploads.csv_import import (
    TOO_LONG,
    UNWRITABLE,
    ListField,
    ListFile,
    Row,
    reasons_of,
)
from referrals.candidates.forms import CandidateForm
from referrals.candidates.models.candidates import Candidate

CANDIDATES = ListFile(
    titles=Candidate.columns("last_name", "first_name"),
    other_titles={
        title: name
        for name, typed in Candidate.TYPED.items()
        for title in typed.columns
    },
    required=("last_name", "first_name"),
)
ALREADY = (
    "Vous accompagnez déjà un candidat de ce nom. Si c’en est un autre, ajoutez-le "
    "depuis «\u00a0Ajouter un candidat\u00a0»."
)


@dataclasses.dataclass(frozen=True)
class ImportedPerson:
    """The result of one line: a person, or reasons."""

    row: Row
    candidate: Candidate | None = None
    reasons: tuple[str, ...] = ()


class CandidateListForm(Form):
    privacy_notice = PrivacyNotice.CANDIDATES

    file = ListField(CANDIDATES)

    def save(self, *, by: User) -> list[ImportedPerson]:
        """Add each valid line; a bad line stops no other."""
        return [add_row(row, by=by) for row in self.cleaned_data["file"]]


def add_row(row: Row, *, by: User) -> ImportedPerson:
    if row.is_too_long:
        return ImportedPerson(row, reasons=(TOO_LONG,))
    form = CandidateForm(row.values, by=by)
    try:
        with transaction.atomic():
            candidate = form.save() if form.is_valid() else None
    except (DataError, IntegrityError):
        return ImportedPerson(row, reasons=(UNWRITABLE,))
    if candidate:
        return ImportedPerson(row, candidate)
    form.count_colleague()
    # Report a homonym without its record: an import shows no other persons.
    known = [ALREADY] if form.homonyms and form.can_insist else []
    return ImportedPerson(row, reasons=(*reasons_of(form), *known))
