"""The worker makes the copy of a person's data (V13)."""

from opus.lib import exports
from opus.lib.background_files import NotAllowed
from opus.lib.privacy import subject_access
from opus.support.data_rights.actions import seal
from opus.support.data_rights.models import PersonFile


@exports.kind("person", slug="copie-de-donnees")
def make(file: PersonFile) -> bytes:
    """Return the copy, sealed: never stored in clear. Raises NotAllowed."""
    rights_request = file.request
    if not (rights_request.may_have_file and file.asked_by.is_active):
        raise NotAllowed
    return seal(subject_access.make(rights_request.person))
