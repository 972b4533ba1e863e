"""The admin's lists with row headers (A8)."""

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def row_head(cell: SafeString) -> SafeString:
    if not cell.startswith("<th"):
        return cell
    return mark_safe(f'<th scope="row"{cell.removeprefix("<th")}')  # noqa: S308 - escaped
