from django import template

from opus.lib import conformity

register = template.Library()


@register.simple_tag
def conformity_label() -> str:
    """The accessibility status in the footer (A1), without a query."""
    return str(conformity.audit().conformity.label)
