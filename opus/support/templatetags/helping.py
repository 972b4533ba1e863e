"""Plain texts as HTML, and links to guides."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from opus.support.help.contextual_help import DESK_GUIDE, GUIDE_OF, GUIDE_OF_REGISTER
from opus.support.service_status.availability import hours

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
