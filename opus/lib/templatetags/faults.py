"""What a form's summary of faults asks."""

from django import template
from django.forms import BaseForm

register = template.Library()


@register.filter
def fault_count(form: BaseForm) -> int:
    """How many sentences its summary holds: one answer may have several faults."""
    return sum(len(messages) for messages in form.errors.values())
