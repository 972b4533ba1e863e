import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue.formatting import ago, count_of, hours, km, number, pay, share

register = template.Library()

for function in (ago, count_of, hours, km, number, pay, share):
    register.filter(function)

# Only what a browser opens as a page: « javascript: » stays text (S33).
ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
END_OF_SENTENCE = ".,;:!?)»"


@register.filter
def with_links(text: str) -> SafeString:
    """Make web addresses links, without referrer."""
    parts: list[str] = []
    start = 0
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(END_OF_SENTENCE)
        parts.append(conditional_escape(text[start : found.start()]))
        parts.append(
            format_html(
                '<a href="{0}" target="_blank" rel="noreferrer noopener external"'
                ' title="{0} – nouvelle fenêtre">{0}</a>',
                address,
            )
        )
        start = found.start() + len(address)
    parts.append(conditional_escape(text[start:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above
