"""``{% shown form %}``: what an edit form shows of its row, sent back with it."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def shown(form: Any) -> str:
    """Return the hidden input of an edit form; nothing for another form."""
    return getattr(form, "shown_input", "")
