from django import template

from opus.lib.accessibility import statement

register = template.Library()


@register.simple_tag
def conformity_label() -> str:
    """The accessibility status in the footer (A1), without a query."""
    return str(statement.audit().conformity.label)
