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
    """Write to each RGC of a change; MoveRefused: no note, under five days."""
    announcement.publish(by=by)
    if not announcement.is_change:
        return
    for rgc in rgcs_notified(announcement):
        change_announced.post(
            key=f"{announcement.pk}:{rgc.pk}",
            announcement=str(announcement.pk),
            account=rgc.pk,
        )


def rgcs_notified(announcement: Announcement) -> list[User]:
    """Return the RGC in office whose page shows it."""
    in_office = Nomination.objects.in_office().filter(
        convention__in=Convention.objects.in_force()
    )
    people = User.objects.filter(
        role=Role.RGC, state__in=COUNTED_STATES, nominations__in=in_office
    )
    rgcs = list(people.select_related("structure").distinct().order_by("pk"))
    if announcement.audience != Audience.REGION:
        return rgcs
    return [
        rgc
        for rgc in rgcs
        if rgc.structure and region_of(rgc.structure) == announcement.region
    ]
