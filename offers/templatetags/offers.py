import re
from typing import Any

from django import template
from django.template import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue.formatting import ago, contract, count_of, hours, km, number, pay
from offers.catalogue.presenter import place_of
from offers.feed.health import Figure
from offers.page import actions
from offers.pull.health import figures

register = template.Library()

for function in (ago, contract, count_of, hours, km, number, pay, place_of):
    register.filter(function)

# Only what a browser opens as a page: « javascript: » stays text (S33).
ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
END_OF_SENTENCE = ".,;:!?)»"
LINK = (
    '<a href="{0}" target="_blank" rel="noreferrer noopener external"'
    ' title="{0} – nouvelle fenêtre">{0}</a>'
)
# On the first page; the others are one click away.
SEEN_AT_HOME = 5


@register.filter
def with_links(text: str) -> SafeString:
    """Make web addresses links, without referrer."""
    parts: list[str] = []
    start = 0
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(END_OF_SENTENCE)
        parts.append(conditional_escape(text[start : found.start()]))
        parts.append(format_html(LINK, address))
        start = found.start() + len(address)
    parts.append(conditional_escape(text[start:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


@register.simple_tag
def feed_figures() -> list[Figure]:
    return figures()


@register.inclusion_tag("offers/page/tags/recently_viewed.html", takes_context=True)
def seen_lately(context: Context) -> dict[str, Any]:
    user = context["request"].user
    return {"hits": actions.recently_seen(user, SEEN_AT_HOME)}
