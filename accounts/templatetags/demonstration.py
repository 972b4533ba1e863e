from django import template
from django.conf import settings

from accounts.users.enums import COUNTED_STATES
from accounts.users.models.users import User

register = template.Library()


@register.simple_tag
def demo_accounts() -> list[User]:
    """Return each role's first open account, in a demonstration."""
    if not settings.DEMO:
        return []
    people = User.objects.filter(identifier__endswith=".demo", state__in=COUNTED_STATES)
    return list(people.order_by("role", "pk").distinct("role"))
