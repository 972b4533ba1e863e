"""Plain texts as HTML, and links to guides (U17)."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from opus.support.service_status.availability import hours

SCREENS: dict[str, tuple[str, ...]] = {
    "connexion": ("step_up",),
    "accueil": ("home",),
    "recherche": ("offers", "seen_offers", "person_search"),
    "recherches-enregistrees": (
        "saved_searches",
        "saved_search",
        "saved_search_add",
        "saved_search_edit",
        "saved_search_delete",
        "saved_search_for",
    ),
    "offre": ("offer", "offer_number", "offer_document", "favourites"),
    "candidats": (
        "candidates",
        "candidate",
        "candidate_add",
        "candidate_edit",
        "candidate_import",
        "candidate_merge",
    ),
    "mise-en-contact": (
        "referrals",
        "referral",
        "referral_start",
        "referral_confirm",
        "bulk",
        "bulk_done",
    ),
    "preselection": (
        "screened_referrals",
        "screened_referral",
        "screened_referral_start",
        "screened_referral_confirm",
    ),
    "demande-de-cv": (
        "cv_requests",
        "cv_request",
        "cv_request_start",
        "cv_request_confirm",
    ),
    "convocation": (
        "appointments",
        "appointment",
        "appointment_start",
        "appointment_confirm",
    ),
    "document": ("document",),
    "suivi": ("activity", "activity_export"),
    "exports": ("exports", "search_export"),
    "comptes": (
        "accounts",
        "account",
        "account_add",
        "account_edit",
        "account_close",
        "account_suspend",
        "account_reactivate",
        "account_first_access",
        "account_leave",
        "account_hand_over",
        "account_hand_over_stop",
        "account_import",
        "accounts_history",
        "team_review",
        "alerts",
        "alert",
    ),
    "mon-compte": (
        "profile",
        "factor",
        "factor_add",
        "factor_remove",
        "backup_codes",
        "password_change",
        "sessions",
        "sessions_close",
        "session_close",
        "charter",
    ),
    "assistance": ("contact", "tickets", "ticket", "proposals"),
}

# The guides of the staff: the registers of each, by label.
REGISTERS: dict[str, tuple[str, ...]] = {
    "ft-structures": ("accounts.structure", "accounts.agency"),
    "ft-conventions": (
        "accounts.convention",
        "accounts.partnership",
        "accounts.amendment",
        "accounts.ending",
        "accounts.breach",
        "accounts.modeltext",
    ),
    "ft-nominations": ("accounts.nomination",),
    "ft-comptes": (
        "accounts.user",
        "accounts.teamreview",
        "referrals.caseloadtransfer",
    ),
    "ft-lettres": ("accounts.letter",),
    "ft-reunions": ("accounts.reviewmeeting",),
    "ft-candidatures": (
        "referrals.referral",
        "referrals.screenedreferral",
        "referrals.cvrequest",
        "referrals.appointment",
        "referrals.slot",
        "referrals.outcomecode",
    ),
    "ft-assistance": (
        "support.ticket",
        "support.question",
        "support.guide",
        "support.certifiedbrowser",
        "support.announcement",
        "support.incident",
        "support.plannedwork",
        "support.survey",
    ),
    "ft-droits": (
        "support.rightsrequest",
        "accounts.accounthold",
        "referrals.candidatehold",
    ),
    "ft-alertes": ("accounts.alert",),
    "ft-offres": (
        "offers.offer",
        "offers.importrun",
        "offers.quarantine",
        "offers.feeddelivery",
        "offers.feedevent",
        "offers.eventquarantine",
        "offers.pullrun",
        "offers.pullfinding",
        "offers.everydayword",
        "offers.missedword",
    ),
    "ft-exploitation": (
        "lib.auditentry",
        "lib.jobrun",
        "lib.purgerun",
        "lib.outboxentry",
        "lib.finding",
        "lib.textfinding",
    ),
}
# The guide of the first page, and of any other without one; that of all lists.
DESK_GUIDE, LISTS_GUIDE = "ft-bureau", "ft-listes"

GUIDE_OF_REGISTER = {
    label: guide for guide, labels in REGISTERS.items() for label in labels
}
GUIDE_OF = {name: guide for guide, names in SCREENS.items() for name in names}


register = template.Library()
register.filter(hours)


@register.filter
def prose(text: str) -> SafeString:
    """Return HTML of blocks, items and headings."""
    blocks = text.replace("\r\n", "\n").strip().split("\n\n")
    return mark_safe("\n".join(part for block in blocks for part in parts(block)))  # noqa: S308 - made of format_html alone


def parts(block: str) -> list[SafeString]:
    lines = block.strip("\n").split("\n")
    found = [
        (maker, [line.strip() for line in group if line.strip()])
        for maker, group in groupby(lines, key=maker_of)
    ]
    return [maker(group) for maker, group in found if group]


def maker_of(line: str) -> Callable[[list[str]], SafeString]:
    if line.startswith("- "):
        return items
    return headings if line.startswith("## ") else paragraph


def headings(lines: list[str]) -> SafeString:
    titles = ((line.removeprefix("## "),) for line in lines)
    return format_html_join("\n", "<h2>{}</h2>", titles)


def items(lines: list[str]) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((line[2:],) for line in lines))
    return format_html("<ul>{}</ul>", items)


def paragraph(lines: list[str]) -> SafeString:
    return format_html(
        "<p>{}</p>", format_html_join(mark_safe("<br>"), "{}", ((x,) for x in lines))
    )


@register.simple_tag(takes_context=True)
def guide_url(context: Any) -> str:
    """Return the address of this screen's guide, or nothing."""
    request = context.get("request")
    found = getattr(request, "resolver_match", None)
    user = getattr(request, "user", None)
    if not (found and user and user.is_authenticated and user.is_verified()):
        return ""
    guide = GUIDE_OF.get(found.url_name or "")
    return reverse("help_guide", args=[guide]) if guide else ""


@register.simple_tag(takes_context=True)
def staff_guide_url(context: Any) -> str:
    """Return the address of the guide of an admin page."""
    opts = context.get("opts")
    label = opts.label_lower if opts else ""
    guide = GUIDE_OF_REGISTER.get(label, DESK_GUIDE)
    return reverse("help_guide", args=[guide])
