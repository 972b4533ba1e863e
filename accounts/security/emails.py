"""E-mails of alerts, without any person's name (S39)."""

import datetime as dt

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.nominations.models import Nomination
from accounts.security.models import RGC_RULES, Alert, AlertQuerySet, Level
from accounts.security.rules import words_about
from accounts.users import territory
from accounts.users.enums import COUNTED_STATES, Role
from accounts.users.models import User
from accounts.users.territory import sees
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import button

DAY = dt.timedelta(days=1)
LISTED = 50


def notify(alert: Alert) -> None:
    """Send the e-mails of a new alert, within a minute.

    France Travail's goes to the correspondent of annexe 2, and to the nearest
    administrators if the correspondent is missing or cannot open the admin.
    """
    address = correspondent_of(alert)
    if address:
        correspondent_told.post(key=str(alert.pk), alert=str(alert.pk))
    staff = [] if has_the_desk(address, alert) else staff_told(alert)
    for reader in [*staff, *rgc_told(alert)]:
        alert_raised.post(
            key=f"{alert.pk}:{reader.pk}", alert=str(alert.pk), to=reader.pk
        )


def correspondent_of(alert: Alert) -> str:
    """Return annexe 2's address, unless it is the alert's."""
    if alert.structure is None:
        return ""
    convention = alert.structure.conventions.in_force().first()
    address: str = convention.ft_contact_email if convention else ""
    is_its_own = alert.account and alert.account.email.lower() == address.lower()
    return "" if is_its_own else address


def has_the_desk(address: str, alert: Alert) -> bool:
    """Return whether an administrator with this address sees the alert."""
    admins = User.objects.administrators().filter(email__iexact=address)
    safir = alert.structure.agency_id if alert.structure else ""
    others = admins.exclude(alerts=alert).select_related("agency")
    return any(sees(admin, safir) for admin in others)


def staff_told(alert: Alert) -> list[User]:
    """Return the structure's nearest administrators, else national ones."""
    agency = alert.structure.agency if alert.structure else None
    return territory.nearest_administrators(agency, but=alert.account)


def rgc_told(alert: Alert) -> list[User]:
    if not is_for_rgc(alert):
        return []
    in_office = Nomination.objects.in_office().filter(
        convention__structure=alert.structure
    )
    people = User.objects.filter(pk__in=in_office.values("person"))
    return list(people.filter(state__in=COUNTED_STATES))


def is_for_rgc(alert: Alert) -> bool:
    """Return whether it concerns an adviser, not an RGC."""
    is_adviser = alert.account is not None and alert.account.role == Role.ADVISER
    return is_adviser and alert.rule not in RGC_RULES


@outbox.mail("alert-raised")
def alert_raised(*, alert: str, to: int) -> EmailMessage | None:
    reader = User.objects.get(pk=to)
    found = Alert.objects.select_related("structure").filter(pk=alert).first()
    if found is None or not found.is_open or not reader.is_active:
        return None
    page = admin_page_of(found) if reader.is_staff else found.get_absolute_url()
    return letter_about(found, to=reader.email, page=page, reader=reader)


@outbox.mail("alert-to-correspondent")
def correspondent_told(*, alert: str) -> EmailMessage | None:
    """Write to annexe 2's address, read when the e-mail leaves."""
    found = Alert.objects.select_related("structure").filter(pk=alert).first()
    address = correspondent_of(found) if found else ""
    if found is None or not found.is_open or not address:
        return None
    page = admin_page_of(found) if has_the_desk(address, found) else ""
    return letter_about(found, to=address, page=page)


def letter_about(
    alert: Alert, *, to: str, page: str, reader: User | None = None
) -> EmailMessage:
    """Compose the e-mail; without a page, its reader calls others."""
    kind = "signal" if alert.level == Level.SOFT else "alerte"
    rgc_phone = alert.structure.phone if alert.structure and is_for_rgc(alert) else ""
    return outbox.compose_email(
        to=to,
        subject=f"{kind}, {alert.get_rule_display()}",
        template="accounts/security/emails/alert_raised.txt",
        context={
            "alert": alert,
            **words_about(alert, reader),
            "is_without_desk": not page,
            "rgc_phone": rgc_phone,
            "colleagues": [] if page else staff_told(alert),
        },
        button=button("Voir l’alerte", page) if page else None,
    )


def admin_page_of(alert: Alert) -> str:
    return reverse("admin:accounts_alert_change", args=[alert.pk])


def send_digests(day: dt.date) -> None:
    """Send each morning's open alerts and last day's signals."""
    in_office = Nomination.objects.in_office().values("person")
    rgcs = User.objects.filter(pk__in=in_office, state__in=COUNTED_STATES)
    for reader in [*User.objects.administrators(), *rgcs]:
        if lines_for(reader).exists():
            digest.post(key=f"{day}:{reader.pk}", to=reader.pk)


def lines_for(reader: User) -> AlertQuerySet:
    alerts = Alert.objects.for_digest(since=timezone.now() - DAY)
    if not reader.is_staff:
        return alerts.for_rgc(reader)
    seen = territory.within(Alert.objects.all(), reader, "structure__agency")
    return alerts.filter(pk__in=seen.values("pk")).exclude(account=reader)


@outbox.mail("digest-of-alerts")
def digest(*, to: int) -> EmailMessage | None:
    reader = User.objects.get(pk=to)
    alerts = list(lines_for(reader).select_related("structure")[:LISTED])
    if not alerts or not reader.is_active:
        return None
    return outbox.compose_email(
        to=reader.email,
        subject="alertes et signaux du matin",
        template="accounts/security/emails/digest_of_alerts.txt",
        context={"alerts": alerts},
        button=button(
            "Voir les alertes",
            "admin:accounts_alert_changelist" if reader.is_staff else "alerts",
        ),
    )
