from django import template

from accounts.users.models.users import User
from opus.lib.forms.edit_forms import name_of

register = template.Library()


@register.simple_tag
def known_as(person: User | None, reader: User) -> str:
    """Return a name; « France Travail » for its staff, to a partner; else « Opus »."""
    return name_of(person, reader) if person else "Opus"
