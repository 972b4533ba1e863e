"""List the successive RGCs of a convention (art. 4.1)."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join

from opus.lib.dates.formats import date_format


def history_of(convention: Any) -> str:
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
