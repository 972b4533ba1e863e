from django import template
from django.conf import settings

from accounts.users.enums import COUNTED_STATES
from accounts.users.models import User
from opus.lib.forms.edit_forms import name_of

register = template.Library()


@register.simple_tag
def known_as(person: User | None, reader: User) -> str:
    """Return a name; « France Travail » for its staff, to a partner; else « Opus »."""
    return name_of(person, reader) if person else "Opus"


@register.simple_tag
def demo_accounts() -> list[User]:
    """Return each role's first open account, in a demonstration."""
    if not settings.DEMO:
        return []
    people = User.objects.filter(identifier__endswith=".demo", state__in=COUNTED_STATES)
    return list(people.order_by("role", "pk").distinct("role"))
