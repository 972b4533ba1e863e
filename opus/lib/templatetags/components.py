"""Parts of forms, of lists and of the footer."""

from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from opus.lib import accessibility_statement

register = template.Library()


@register.simple_tag
def conformity_label() -> str:
    """The accessibility status in the footer (A1), without a query."""
    return str(accessibility_statement.audit().conformity.label)


@register.simple_tag
def source_url() -> str:
    """The source code's address, on pages without context too."""
    return settings.CONTACT["source"]


@register.filter
def row_head(cell: SafeString) -> SafeString:
    """Return an admin list's cell as row header (A8)."""
    if not cell.startswith("<th"):
        return cell
    return mark_safe(f'<th scope="row"{cell.removeprefix("<th")}')  # noqa: S308 - escaped


@register.simple_block_tag
def pdf_link(content: str, url: str, css: str = "") -> SafeString:
    """Return a link to a PDF, in a tab of its own: this page goes on.

    A browser that shows PDFs would put it in the page's place.
    """
    # Partners' pages draw an icon instead of the last words; the desk shows them.
    return format_html(
        '<a{} href="{}" target="_blank" rel="noopener">{}'
        '<span class="fr-sr-only"> (nouvel onglet)</span></a>',
        format_html(' class="{}"', css) if css else "",
        url,
        content,
    )


@register.simple_tag
def shown(form: Any) -> str:
    return getattr(form, "shown_input", "")


@register.filter
def fault_count(form: BaseForm) -> int:
    return sum(len(messages) for messages in form.errors.values())


@register.inclusion_tag("components/privacy_notice.html")
def privacy_notice(form: Any) -> dict[str, Any]:
    """The privacy notice of a form (V15); may be empty."""
    return {"privacy_notice": getattr(form, "privacy_notice", None)}
