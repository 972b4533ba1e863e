"""Rectify, erase and restrict an account on request (art. 10)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from accounts.privacy.retention import erase_accounts
from accounts.team import actions
from accounts.users.enums import COUNTED_STATES, SuspensionReason, UserState
from accounts.users.models.privacy import AccountHold
from accounts.users.models.users import User
from accounts.users.refusals import validate_personal
from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Person
from opus.lib.privacy.rights_effects import Counts, Editable, Effects, register

RECTIFIED = ("first_name", "last_name", "email", "function", "phone")


@register
class AccountEffects(Effects):
    def editables(self, person: Person) -> Iterator[Editable]:
        for account in accounts_of(person):
            fields: Any = {}
            for name in RECTIFIED:
                field: Any = User._meta.get_field(name)
                fields[name] = field.formfield(help_text="")
                fields[name].widget.attrs["autocomplete"] = "off"
            fields["email"].validators.append(validate_personal)
            change = partial(actions.change_account_by_staff, account)
            title = f"Compte {account.identifier}"
            yield Editable(account, title, fields, change)

    def why_kept(self, person: Person) -> str:
        if AccountHold.objects.in_force().filter(account__in=person.accounts).exists():
            return "Ces données sont conservées pour un litige (RGPD, art. 17.3)."
        if accounts_of(person).exclude(state=UserState.CLOSED).exists():
            return (
                "Ce compte est ouvert\xa0: la convention veut que son titulaire soit "
                "connu (art. 4 et 5). Faites-le d’abord fermer, ou refusez "
                "l’effacement avec ce motif."
            )
        return ""

    def erase(self, person: Person, *, by: Any, reference: str) -> Counts:
        if not person.accounts:
            return {}
        with retention.deletions_allowed():
            return erase_accounts(sorted(person.accounts))

    def restrict(self, person: Person, *, by: Any, reference: str) -> Counts:
        """Suspend the account: nobody uses nor changes it meanwhile."""
        open_ones = accounts_of(person).filter(state__in=COUNTED_STATES)
        for account in open_ones:
            actions.suspend_account(account, by=by, reason=SuspensionReason.CHECK)
        return {"comptes suspendus": len(open_ones)} if open_ones else {}

    def lift(self, person: Person, *, by: Any, reference: str) -> Counts:
        """Reactivate what the restriction suspended: other reasons still hold."""
        suspended = [one for one in accounts_of(person) if is_restricted(one)]
        for account in suspended:
            actions.reactivate_account(account, by=by)
        return {"comptes réactivés": len(suspended)} if suspended else {}


def is_restricted(account: User) -> bool:
    """Return whether staff suspended it as ``restrict`` does."""
    step = account.suspension
    if step is None or step.by is None or not step.by.is_staff:
        return False
    return step.note.get("reason") == SuspensionReason.CHECK


def accounts_of(person: Person) -> Any:
    return User.objects.filter(pk__in=person.accounts).order_by("pk")
