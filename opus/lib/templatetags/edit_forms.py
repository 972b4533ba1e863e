from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def shown(form: Any) -> str:
    return getattr(form, "shown_input", "")
