"""Lock a convention, insert a row: what the actions of agreements share."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.agreements.models.conventions import Convention
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused

NOT_STAFF = "Seul le personnel de France Travail modifie une convention (art. 5.2)."


def check_staff(by: User) -> None:
    if not by.is_staff:
        raise MoveRefused(NOT_STAFF)


def lock(convention: Convention) -> Convention:
    """Lock the row until commit, with rows that checks read."""
    return (
        Convention.objects.select_for_update(no_key=True, of=("self",))
        .select_related("structure", "agency", "parent")
        .get(pk=convention.pk)
    )


def save(row: Any) -> None:
    """Insert a row; translate a database refusal into MoveRefused."""
    try:
        row.validate_constraints(exclude={"was_quota", "was_ends_on"})
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        raise MoveRefused(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise MoveRefused(
            "Quelqu’un a modifié ce dossier entre-temps : rechargez la page."
        ) from error
