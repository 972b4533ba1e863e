"""The worker's part of the copy of a person's data (V13)."""

from opus.desk.models.person_files import PersonFile
from opus.desk.rights.register import seal
from opus.lib import person_file
from opus.lib.files import exports
from opus.lib.files.background_files import NotAllowed


@exports.kind("person", slug="copie-de-donnees")
def make(file: PersonFile) -> bytes:
    """Sealed: the database never holds it in clear. Raises NotAllowed."""
    asked = file.request
    if not (asked.may_have_file and file.asked_by.is_active):
        raise NotAllowed
    return seal(person_file.make(asked.person))
