"""Publishes announcements and writes to the RGC (art. 6)."""

from django.db import transaction

from accounts.agreements.models.conventions import Convention
from accounts.nominations.models import Nomination
from accounts.users.enums import COUNTED_STATES, Role
from accounts.users.models.users import User
from opus.support.news.emails import change_announced
from opus.support.news.models import Announcement, Audience, region_of


@transaction.atomic
def publish(announcement: Announcement, *, by: User) -> None:
    """Publish; write to each RGC of a change. Raises MoveRefused."""
    announcement.publish(by=by)
    pk = str(announcement.pk)
    for rgc in rgcs_notified(announcement) if announcement.is_change else ():
        change_announced.post(key=f"{pk}:{rgc.pk}", announcement=pk, account=rgc.pk)


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
