from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/mention.html")
def mention(form: Any) -> dict[str, Any]:
    """The privacy notice of a form (V15); may be empty."""
    return {"mention": getattr(form, "mention", None)}
