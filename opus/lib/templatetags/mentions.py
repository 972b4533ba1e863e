"""What a form that collects data about somebody tells beside it (V15)."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/mention.html")
def mention(form: Any) -> dict[str, Any]:
    """``{% mention form %}``: nothing, where the form collects nothing."""
    return {"mention": getattr(form, "mention", None)}
