"""Next deadlines of a convention, and its successive RGCs."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from accounts.agreements.admin.breaches import in_days
from accounts.agreements.enums import IN_FORCE_STATES, ConventionState
from accounts.agreements.models.conventions import Convention
from opus.lib.dates import date_format


def joined(*parts: str) -> str:
    return ", ".join(filter(None, parts)) or "—"


def deadlines_of(convention: Convention) -> Iterable[tuple[str, dt.date | None, str]]:
    days: list[tuple[str, dt.date | None]] = []
    today = timezone.localdate()
    if convention.state == ConventionState.ABANDONED:
        days.append(("Projet abandonné", None))
    elif convention.state not in IN_FORCE_STATES:
        days.append(("Convention terminée", convention.ended_early_on))
    elif convention.starts_on > today:
        days.append(("Prend effet", convention.starts_on))
    if convention.state in IN_FORCE_STATES:
        label = (
            "Fin du préavis"
            if convention.state == ConventionState.NOTICE_PERIOD
            else "Fin de la convention"
        )
        days.append((label, convention.ends_on))
        days += list(succession_of(convention))
        if not convention.terms.partner_contact:
            days.append(("Responsable du suivi à désigner par un avenant", None))
    for amendment in convention.amendments.waiting():
        days.append((f"Avenant à confirmer (réf. {amendment.reference})", None))
    for amendment in convention.amendments.confirmed().filter(effective_on__gt=today):
        days.append((f"Avenant {amendment.reference}", amendment.effective_on))
    for ending in convention.endings.waiting():
        days.append(("Fin anticipée à confirmer", ending.ends_on))
    for breach in convention.breaches.live():
        days.append(
            (f"Manquements : {breach.get_state_display()}", breach.next_deadline)
        )
    if waiting := convention.letters.to_post().count():
        days.append((f"Lettres à poster : {waiting}", None))
    days.sort(key=lambda line: line[1] or dt.date.min)
    for label, day in days:
        yield label, day, in_days(day) if day else ""


def succession_of(convention: Convention) -> Iterable[tuple[str, dt.date | None]]:
    """Return what follows, or does not yet (art. 13)."""
    if convention.starts_on > timezone.localdate():
        if not convention.has_rgc_on_its_first_day:
            yield "Aucun RGC pour son premier jour", convention.starts_on
    elif following := convention.following:
        yield f"Convention suivante, n° {following.number}", following.starts_on
        if not following.has_rgc_on_its_first_day:
            yield "Aucun RGC pour la convention suivante", following.starts_on
    elif renewal := convention.renewal:
        yield f"Renouvellement à signer, n° {renewal.number}", renewal.starts_on
    elif convention.is_to_renew:
        yield "Renouvellement à préparer", None


def history_of(convention: Any) -> str:
    """List the successive RGCs of a convention (art. 4.1)."""
    rows = convention.nominations.select_related("person").order_by("proposed_on", "pk")
    lines = [
        (
            reverse("admin:accounts_nomination_change", args=[row.pk]),
            row.full_name,
            period_of(row),
        )
        for row in rows
    ]
    if not lines:
        return "Aucune personne proposée."
    items = format_html_join("", '<li><a href="{}">{}</a> : {}</li>', lines)
    return format_html('<ol class="timeline">{}</ol>', items)


def period_of(nomination: Any) -> str:
    state = nomination.get_state_display()
    if nomination.office_on is None:
        return (
            f"{state}, lettre de la structure du {date_format(nomination.proposed_on)}"
        )
    since = date_format(nomination.office_on)
    if nomination.ended_on is None:
        return f"en fonction depuis le {since}"
    return f"en fonction du {since} au {date_format(nomination.ended_on)} ({state})"
