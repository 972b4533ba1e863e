"""Plain texts as HTML, and the link to a screen's guide."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from opus.support.availability.monthly_counts import hours
from opus.support.help.contextual_help import GUIDE_OF

register = template.Library()
register.filter(hours)


@register.filter
def prose(text: str) -> SafeString:
    """Return escaped HTML: empty lines split blocks; « - » item, « ## » heading."""
    blocks = text.replace("\r\n", "\n").strip().split("\n\n")
    return mark_safe("\n".join(part for block in blocks for part in parts(block)))  # noqa: S308 - made of format_html alone


def parts(block: str) -> list[SafeString]:
    made: list[SafeString] = []
    kind = ""
    lines: list[str] = []
    for line in [*block.strip("\n").split("\n"), None]:
        now = kind_of(line)
        if lines and (now != kind or kind == "heading"):
            made.append(MAKERS[kind](lines))
            lines = []
        kind = now
        if line is not None and line.strip():
            lines.append(line.strip())
    return made


def kind_of(line: str | None) -> str:
    if line is None:
        return "end"
    if line.startswith("- "):
        return "list"
    return "heading" if line.startswith("## ") else "paragraph"


def heading(lines: list[str]) -> SafeString:
    return format_html("<h2>{}</h2>", lines[0].removeprefix("## "))


def items(lines: list[str]) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((line[2:],) for line in lines))
    return format_html("<ul>{}</ul>", items)


def paragraph(lines: list[str]) -> SafeString:
    return format_html(
        "<p>{}</p>", format_html_join(mark_safe("<br>"), "{}", ((x,) for x in lines))
    )


MAKERS = {"heading": heading, "list": items, "paragraph": paragraph}


@register.simple_tag(takes_context=True)
def guide_url(context: Any) -> str:
    """Return the address of this screen's guide, or nothing; no query."""
    request = context.get("request")
    found = getattr(request, "resolver_match", None)
    user = getattr(request, "user", None)
    if not (found and user and user.is_authenticated and user.is_verified()):
        return ""
    guide = GUIDE_OF.get(found.url_name or "")
    return reverse("help_guide", args=[guide]) if guide else ""
