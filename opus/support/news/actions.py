"""Publishes announcements and writes to the RGC (art. 6)."""

from django.db import transaction

from accounts.agreements.models.conventions import Convention
from accounts.nominations.models import Nomination
from accounts.users.enums import COUNTED_STATES, Role
from accounts.users.models import User
from opus.lib.outbound.models import OutboxEntry
from opus.support.news.emails import change_announced, change_withdrawn
from opus.support.news.models import Announcement, Audience, region_of


@transaction.atomic
def publish(announcement: Announcement, *, by: User) -> None:
    """Publish; write to each RGC of a change. Raises MoveRefused."""
    announcement.publish(by=by)
    pk = str(announcement.pk)
    for rgc in rgcs_notified(announcement) if announcement.is_change else ():
        change_announced.post(key=f"{pk}:{rgc.pk}", announcement=pk, account=rgc.pk)


@transaction.atomic
def withdraw(announcement: Announcement, *, by: User) -> None:
    """Withdraw; correct the e-mails of a change still to come."""
    announcement.withdraw(by=by)
    if announcement.is_live:
        return
    pk = str(announcement.pk)
    announced = OutboxEntry.objects.filter(
        effect=change_announced.name, arguments__announcement=pk
    )
    accounts = announced.values_list("arguments__account", flat=True)
    for account in accounts.order_by("arguments__account"):
        key = f"{pk}:{account}"
        change_withdrawn.post(key=key, announcement=pk, account=account)


def rgcs_notified(announcement: Announcement) -> list[User]:
    """Return the RGC in office whose page shows it."""
    in_force = Convention.objects.in_force()
    in_office = Nomination.objects.in_office().filter(convention__in=in_force)
    people = User.objects.filter(role=Role.RGC, state__in=COUNTED_STATES)
    people = people.filter(nominations__in=in_office).select_related("structure")
    rgcs = list(people.distinct().order_by("pk"))
    if announcement.audience != Audience.REGION:
        return rgcs
    return [
        rgc
        for rgc in rgcs
        if rgc.structure and region_of(rgc.structure) == announcement.region
    ]
