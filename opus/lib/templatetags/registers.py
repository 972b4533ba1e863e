"""What the rows of the desk's registers ask."""

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def with_scope(cell: SafeString) -> SafeString:
    """A whole cell as the admin wrote it; one that heads its row says so (A8)."""
    if not cell.startswith("<th"):
        return cell
    return SafeString(f'<th scope="row"{cell[3:]}')
