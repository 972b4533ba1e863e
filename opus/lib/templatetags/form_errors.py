from django import template
from django.forms import BaseForm

register = template.Library()


@register.filter
def fault_count(form: BaseForm) -> int:
    return sum(len(messages) for messages in form.errors.values())
