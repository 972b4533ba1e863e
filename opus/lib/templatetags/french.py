"""French of names in templates."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from opus.lib import french

register = template.Library()
register.filter("de", french.of)

# Longer, a word may have no line of its own.
HYPHENATED = re.compile(r"\b[\w’]{1,12}(?:-[\w’]{1,12}){1,3}\b")


@register.filter
def unbroken(text: str) -> SafeString:
    """Keep words with a hyphen on one line: « week-ends »."""
    html = conditional_escape(text)
    kept = HYPHENATED.sub(r'<span class="paper__keep">\g<0></span>', html)
    return mark_safe(kept)  # noqa: S308 - escaped above
