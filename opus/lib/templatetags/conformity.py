"""The accessibility status in the footer of every page (A1)."""

from django import template

from opus.lib import conformity

register = template.Library()


@register.simple_tag
def conformity_label() -> str:
    """Return the status from a cached file, without a query."""
    return str(conformity.audit().conformity.label)
