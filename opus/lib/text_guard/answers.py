from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from opus.lib.text_guard.categories import HINTS, SUBJECTS, Category
from opus.lib.text_guard.guard import Finding

CODE = "text_guard"
NOT_A_PERSON = "Ce passage ne décrit pas la situation d’une personne"


class GuardedTextError(ValidationError):
    """A refused text; the message repeats none of its words."""

    def __init__(self, category: Category, *, may_pass: bool) -> None:
        super().__init__(sentence(category, may_pass=may_pass), code=CODE)


def errors(findings: Sequence[Finding], *, may_pass: bool) -> list[ValidationError]:
    categories = dict.fromkeys(finding.category for finding in findings)
    return [GuardedTextError(category, may_pass=may_pass) for category in categories]


def sentence(category: Category, *, may_pass: bool) -> str:
    """Return the subject, the reason and the remedy (V2)."""
    if category not in SUBJECTS:
        found = f"Ce texte contient {category.label}"
    elif category == Category.INSULT:
        found = f"Ce texte semble contenir {category.label}"
    else:
        found = f"Ce texte semble évoquer {category.label} (art.\u00a09.1)"
    if may_pass:
        return (
            f"{found}\u00a0: rien n’est encore enregistré. Reformulez, ou cochez la "
            "case sous le champ s’il ne décrit pas la situation d’une personne."
        )
    return f"{found}\u00a0: rien n’est enregistré. {HINTS[category]}"


def explained(text: str, findings: Sequence[Finding]) -> SafeString:
    sentences = [str(error.message) for error in errors(findings, may_pass=False)]
    return format_html(
        "«\u00a0{}\u00a0»\u00a0: {}", marked(text, findings), " ".join(sentences)
    )


def marked(text: str, findings: Iterable[Finding]) -> SafeString:
    """Return the text as HTML, what was found in ``<mark>``."""
    parts: list[tuple[str, str]] = []
    at = 0
    for finding in sorted(findings):
        start = max(finding.start, at)
        if finding.end > start:
            parts.append((text[at:start], text[start : finding.end]))
            at = finding.end
    return format_html(
        "{}{}", format_html_join("", "{}<mark>{}</mark>", parts), text[at:]
    )
