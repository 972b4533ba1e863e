"""The privacy notice of a form that collects personal data (V15)."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/mention.html")
def mention(form: Any) -> dict[str, Any]:
    """``{% mention form %}``: empty for a form without one."""
    return {"mention": getattr(form, "mention", None)}
