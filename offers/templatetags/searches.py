from typing import Any

from django import template
from django.template import Context

from offers import seen

register = template.Library()

# On the first page; the others are one click away.
SEEN_AT_HOME = 5


@register.inclusion_tag("offers/tags/seen_lately.html", takes_context=True)
def seen_lately(context: Context) -> dict[str, Any]:
    request = context["request"]
    return {"hits": seen.recently_seen(request.user, SEEN_AT_HOME)}
