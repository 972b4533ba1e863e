"""Partners' accounts that a convention opens today (R12)."""

from django.apps import apps
from django.db.models import Q, QuerySet

from accounts.users.enums import Role
from accounts.users.models.users import User, offices_today


def opened_today(accounts: QuerySet[User]) -> QuerySet[User]:
    """Filter those under a convention in force, an RGC in office."""
    in_force = apps.get_model("accounts", "Convention").objects.in_force()
    under = Q(structure__in=in_force.values("structure"))
    in_office = Q(nominations__in=offices_today())
    advisers = accounts.filter(under, role=Role.ADVISER)
    rgcs = accounts.filter(under & in_office, role=Role.RGC)
    return accounts.filter(
        Q(pk__in=advisers.values("pk")) | Q(pk__in=rgcs.values("pk"))
    )


def is_opened_today(account: User) -> bool:
    return opened_today(User.objects.filter(pk=account.pk)).exists()
