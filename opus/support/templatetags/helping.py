"""Plain texts as HTML, and links to guides (U17)."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from opus.support.service_status.availability import hours

# The guides of screens, by the beginnings of their URL names; the longest one counts.
SCREENS: dict[str, tuple[str, ...]] = {
    "connexion": ("step_up",),
    "accueil": ("home",),
    "recherche": ("offers", "seen_offers", "person_search"),
    "recherches-enregistrees": ("saved_search",),
    "offre": ("offer", "favourites"),
    "candidats": ("candidate",),
    "mise-en-contact": ("referral", "bulk"),
    "preselection": ("screened_referral",),
    "demande-de-cv": ("cv_request",),
    "convocation": ("appointment",),
    "document": ("document",),
    "suivi": ("activity",),
    "exports": ("exports", "search_export"),
    "comptes": ("account", "team_review", "alert"),
    "mon-compte": (
        *("profile", "factor", "backup_codes", "password_change", "session", "charter"),
    ),
    "assistance": ("contact", "ticket", "proposals"),
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
    guides = [
        (len(beginning), guide)
        for guide, beginnings in SCREENS.items()
        for beginning in beginnings
        if (found.url_name or "").startswith(beginning)
    ]
    return reverse("help_guide", args=[max(guides)[1]]) if guides else ""


@register.simple_tag(takes_context=True)
def staff_guide_url(context: Any) -> str:
    """Return the address of the guide of an admin page."""
    opts = context.get("opts")
    label = opts.label_lower if opts else ""
    guide = GUIDE_OF_REGISTER.get(label, DESK_GUIDE)
    return reverse("help_guide", args=[guide])
