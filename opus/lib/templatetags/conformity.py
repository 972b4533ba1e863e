"""The word that the footer of every page says of accessibility (A1)."""

from django import template

from opus.lib import conformity

register = template.Library()


@register.simple_tag
def conformity_label() -> str:
    """A file read once, no query: breakdown pages say it too."""
    return str(conformity.audit().conformity.label)
