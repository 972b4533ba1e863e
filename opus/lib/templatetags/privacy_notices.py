from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/privacy_notice.html")
def privacy_notice(form: Any) -> dict[str, Any]:
    """The privacy notice of a form (V15); may be empty."""
    return {"privacy_notice": getattr(form, "privacy_notice", None)}
