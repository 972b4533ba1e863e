"""Request a file; the same form sent twice requests one (R10)."""

import uuid
from collections.abc import Collection
from functools import partial
from typing import Any

from accounts.exports.models import Export
from accounts.security import personal_data_quotas
from accounts.users.models.users import User
from opus.lib.files.tasks import wake


def request_file(
    what: str,
    persons: Collection[uuid.UUID] = (),
    *,
    by: User,
    key: uuid.UUID | None,
    arguments: dict[str, Any],
    title: str,
    file_format: str,
    **details: Any,
) -> Export:
    """Create the file in the background; return the first one of this form.

    ``persons``: those whom it names. Raises CeilingReached (S25).
    """
    export = personal_data_quotas.export(
        by,
        what,
        persons,
        find=lambda: Export.objects.of_form(by, key),
        make=partial(
            Export.objects.create,
            account=by,
            key=key,
            what=what,
            arguments=arguments,
            title=title[:200],
            format=file_format,
        ),
        format=str(file_format),
        **details,
    )
    assert export is not None  # noqa: S101 - it was given ``make``
    wake(export)
    return export
