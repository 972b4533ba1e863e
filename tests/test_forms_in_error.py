"""Every form of every page, filled badly: it says so, and loses nothing (A5).

Drawn from the URL list like ``tests/test_html.py``: a new form is tried by itself.
"""

from collections.abc import Iterator

import pytest
from django.forms import BoundField

from tests.opus.page import Page
from tests.pages import audience, quick_and_thorough
from tests.refusals import SECRET, Refusal, refusals

# So many refusals at least: an empty walk would hold nothing.
LEAST = {"anonymous": 6, "adviser": 20, "rgc": 8, "ft_admin": 20}


def faults(refusal: Refusal) -> Iterator[str]:
    page = Page.of(refusal.look.html)
    ids = {tag.attrs["id"]: tag for tag in page.tags if "id" in tag.attrs}
    title = page.all("title")[0].words()
    if not title.startswith("Erreur"):
        yield f"the title does not say so: {title}"
    summary = ids.get("erreurs")
    if summary is None:
        yield "no summary"
        return
    if {"role": "alert", "tabindex": "-1"}.items() - summary.attrs.items():
        yield "the summary takes no cursor"
    if "autofocus" not in summary.attrs:
        yield "the summary has not the cursor"
    links = {
        tag["href"] for tag in page.all("a") if tag.attrs.get("href", "")[:1] == "#"
    }
    for form in refusal.refused:
        for field in form:
            if field.errors and not field.is_hidden:
                yield from faults_of_field(field, page, links)
    yield from losses(refusal)


def faults_of_field(field: BoundField, page: Page, links: set[str]) -> Iterator[str]:
    """The summary leads to it; it is marked, and tied to its own error."""
    target = field.id_for_label or field.auto_id
    if f"#{target}" not in links and f"#{field.auto_id}" not in links:
        yield f"{field.name}: no link to it"
    controls = [
        tag
        for tag in page.tags
        if field.html_name == tag.attrs.get("name")
        or field.auto_id == tag.attrs.get("id")
    ]
    if not any(tag.attrs.get("aria-invalid") == "true" for tag in controls):
        yield f"{field.name}: nothing marks it invalid"
    told = f"{field.auto_id}_error"
    is_tied = any(
        told in tag.attrs.get(attribute, "").split()
        for tag in page.tags
        for attribute in ("aria-describedby", "aria-labelledby")
    )
    words = page.by_id(told).words() if is_tied else ""
    for error in field.errors:
        if plain(error) not in words:
            yield f"{field.name}: its error is not tied to it"


def plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def losses(refusal: Refusal) -> Iterator[str]:
    """What was typed and chosen is still there."""
    kept = refusal.kept
    for name, values in refusal.sent.items():
        if name not in refusal.form.names - {*refusal.form.hidden}:
            continue
        if any(part in name for part in SECRET):
            continue
        if kept.values.get(name) != values:
            yield f"{name}: lost: {values} → {kept.values.get(name)}"


@pytest.mark.django_db
@pytest.mark.timeout(400)
@pytest.mark.parametrize("role", quick_and_thorough(*LEAST))
def test_a_form_filled_badly_says_what_is_wrong_and_loses_nothing(role: str) -> None:
    """A5."""
    client, found = audience(role)
    found = [path for path in found if not path.endswith("/history/")]
    wrong, count = [], 0

    for refusal in refusals(client, found):
        count += 1
        wrong += [(refusal.look.path, fault) for fault in faults(refusal)]

    assert wrong == []
    assert count >= LEAST[role]
