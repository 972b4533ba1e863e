import datetime as dt
from typing import Any

from django.core.mail import EmailMessage

from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import IN_FORCE_STATES, Convention
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import button


@outbox.mail("convention-ends")
def convention_ends(
    *, convention: int, account: int, ends_on: str
) -> EmailMessage | None:
    """Announce the last day; None if the day changed since."""
    row = Convention.objects.select_related("structure", "agency").get(pk=convention)
    person = User.objects.get(pk=account)
    is_moved = row.ends_on != dt.date.fromisoformat(ends_on)
    if not person.is_active or is_moved or row.goes_on:
        return None
    return outbox.compose_email(
        to=person.email,
        subject="votre convention prend fin",
        template="accounts/agreements/emails/convention_ends.txt",
        context={
            "person": person,
            "convention": row,
            "is_rgc": person.role == Role.RGC,
            "ending": row.early_end,
            "following": row.following,
            "over_at": row.ended_early_at,
            "over_on": None if row.is_in_force() else row.ended_early_on or row.ends_on,
        },
        button=None if not row.is_in_force() else button("Voir dans Opus", "home"),
    )


def to_rgc(
    account: int, subject: str, name: str, *, must_serve: bool = False, **context: Any
) -> EmailMessage | None:
    """Write to an RGC; None if the account, or the office that counts, is over."""
    person = User.objects.get(pk=account)
    if not person.is_active or (must_serve and not person.is_rgc_in_office):
        return None
    return outbox.compose_email(
        to=person.email,
        subject=subject,
        template=f"accounts/agreements/emails/{name}.txt",
        context={"person": person, **context},
        button=button("Voir vos comptes", "accounts"),
    )


@outbox.mail("convention-to-renew")
def renewal_due(*, convention: int, account: int) -> EmailMessage | None:
    """Announce to the RGC that nothing follows yet (art. 13)."""
    rows = Convention.objects.to_renew().select_related("structure", "agency")
    row = rows.filter(pk=convention).first()
    if row is None:
        return None
    subject = "votre convention est à renouveler"
    return to_rgc(account, subject, "renewal_due", must_serve=True, convention=row)


@outbox.mail("convention-renewed")
def convention_renewed(*, convention: int, account: int) -> EmailMessage | None:
    """Announce the following convention to the RGC (art. 13)."""
    rows = Convention.objects.select_related("structure", "agency", "renews")
    row = rows.filter(state__in=IN_FORCE_STATES).filter(pk=convention).first()
    if row is None:
        return None
    return to_rgc(
        account,
        "votre convention est renouvelée",
        "convention_renewed",
        must_serve=True,
        convention=row,
        goes_on=row.nominations.filter(person=account).exists(),
    )


@outbox.mail("amendment-confirmed")
def amendment_confirmed(*, amendment: int, account: int) -> EmailMessage | None:
    row = Amendment.objects.select_related("convention__structure").get(pk=amendment)
    return to_rgc(
        account,
        "votre convention change",
        "amendment_confirmed",
        amendment=row,
        is_lower=row.quota is not None and row.quota < (row.was_quota or 0),
    )


@outbox.mail("quota-exceeded")
def quota_exceeded(*, convention: int, account: int) -> EmailMessage | None:
    row = Convention.objects.select_related("structure").get(pk=convention)
    used = User.objects.counted().filter(structure=row.structure_id).count()
    if used <= row.quota:
        return None
    return to_rgc(
        account,
        "votre structure a plus de comptes que sa convention n’en permet",
        "quota_exceeded",
        convention=row,
        used=used,
        excess=used - row.quota,
    )
