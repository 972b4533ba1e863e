"""Actions of France Travail on an account (S9, V14)."""

from typing import Any

from django.db import transaction

from accounts.team import actions
from accounts.users.actions import post_link, why_not_open
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused


@transaction.atomic
def send_link(account: User, *, by: User, check_done: str) -> None:
    """Send a new activation link, which replaces an earlier one.

    The password works until the link is used, and the second factor is still required
    (S8). Raises MoveRefused for an adviser, or if suspended or closed.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if sentence := why_not_open(account, by):
        raise MoveRefused(sentence)
    if not account.is_active:
        raise MoveRefused(
            "Ce compte est suspendu ou fermé : réactivez-le avant d’envoyer un lien."
        )
    post_link(account, by=by, check_done=check_done)
    actions.record_renewal(account, by=by, check_done=check_done)


@transaction.atomic
def change_account(account: User, *, by: User, **changes: Any) -> None:
    """Correct an account by staff (V14); replace a link sent elsewhere."""
    changed = actions.change_account(account, by=by, **changes)
    if "email" in changed and account.first_accesses.links().usable().exists():
        account.refresh_from_db(fields=["email"])
        post_link(account, by=by)
