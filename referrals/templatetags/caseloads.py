"""How much each account follows, for the RGC's pages: counts, no names (design 2.2)."""

from collections.abc import Iterable

from django import template

from accounts.models import User
from referrals.actions.handover import Caseload, caseloads_of
from referrals.models import StandIn

register = template.Library()


@register.simple_tag
def with_caseloads(people: Iterable[User]) -> list[tuple[User, Caseload]]:
    """Each account with its caseload, in the order given; one query for all."""
    accounts = list(people)
    found = caseloads_of(accounts)
    return [(account, found.get(account.pk, Caseload())) for account in accounts]


@register.simple_tag
def caseload(person: User) -> Caseload:
    return caseloads_of([person]).get(person.pk, Caseload())


@register.simple_tag
def confided_by(person: User) -> list[StandIn]:
    """To whom the account's caseload is confided, today or later."""
    ahead = StandIn.objects.ahead().filter(owner=person)
    return list(ahead.select_related("owner", "colleague"))


@register.simple_tag
def confided_to(person: User) -> list[StandIn]:
    """Whose caseloads the account follows today, beside its own."""
    today = StandIn.objects.in_force().filter(colleague=person)
    return list(today.select_related("owner"))
