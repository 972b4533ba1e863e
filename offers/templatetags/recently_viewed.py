from typing import Any

from django import template
from django.template import Context

from offers.page import recently_viewed

register = template.Library()

# On the first page; the others are one click away.
SEEN_AT_HOME = 5


@register.inclusion_tag("offers/page/tags/recently_viewed.html", takes_context=True)
def seen_lately(context: Context) -> dict[str, Any]:
    request = context["request"]
    return {"hits": recently_viewed.recently_seen(request.user, SEEN_AT_HOME)}
