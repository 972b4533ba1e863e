from django import template

from accounts.users.models.users import User
from opus.lib.forms.edit_forms import name_of

register = template.Library()


@register.simple_tag
def known_as(person: User | None, reader: User) -> str:
    """Return a name that the reader may see.

    « France Travail » for its staff, to a partner; « Opus » without a person.
    """
    return name_of(person, reader) if person else "Opus"
