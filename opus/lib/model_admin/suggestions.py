"""A box that proposes rows as one types, where a select would list hundreds.

Without JavaScript one types a code, a number or a name: the form says what it found.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, JsonResponse
from django.urls import reverse

# As many as one reads at a glance.
MOST_CHOICES = 8
# Between the name and the code of a row.
SIGN = " · "


class SuggestInput(forms.TextInput):
    template_name = "forms/widgets/suggest.html"

    def __init__(self, label: str) -> None:
        attrs = {"autocomplete": "off", "spellcheck": "false", "class": "vTextField"}
        super().__init__(attrs)
        self.label = label

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["url"] = reverse("admin:suggestions", args=[self.label])
        return context

    class Media:
        js = ("js/combobox.js",)


class SuggestField(forms.ModelChoiceField):
    """A row by its code, its number, or words that only it has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        model = kwargs["queryset"].model
        self.pages: Any = admin.site.get_model_admin(model)
        kwargs["widget"] = SuggestInput(model._meta.label_lower)
        kwargs["help_text"] = kwargs.get("help_text") or self.pages.search_help_text
        super().__init__(*args, **kwargs)

    @property
    def rows(self) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.queryset.all()  # type: ignore[union-attr]
        return rows

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, models.Model):
            return self.pages.suggestion_of(value)
        if value in self.empty_values or not isinstance(value, int | str):
            return value
        row = self.by_code(str(value))
        return self.pages.suggestion_of(row) if row else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            row = self.to_python(data)
        except ValidationError:
            return True
        before = initial.pk if isinstance(initial, models.Model) else initial
        return str(row.pk if row else "") != str(before or "")

    def to_python(self, value: Any) -> Any:
        """Return the row. Raises ValidationError: none, or several."""
        if value in self.empty_values:
            return None
        if isinstance(value, models.Model):
            value = value.pk
        # PostgreSQL stores no NUL, and refuses to look for one.
        typed = str(value).replace("\0", "").strip()
        if row := self.by_code(typed.rpartition(SIGN)[2]):
            return row
        found = list(self.pages.suggested(self.rows, typed)[: MOST_CHOICES + 1])
        if len(found) == 1:
            return found[0]
        raise ValidationError(self.why_not(typed, found), code="invalid_choice")

    def by_code(self, code: str) -> Any:
        """Return the only row of that code, or else of that key."""
        if "\0" in code:
            return None
        for name in (*self.pages.suggested_by, "pk"):
            try:
                rows = list(self.rows.filter(**{name: code})[:2])
            except (ValueError, TypeError):
                continue
            if len(rows) == 1:
                return rows[0]
        return None

    def why_not(self, typed: str, found: Iterable[Any]) -> str:
        labels = [self.pages.suggestion_of(row) for row in found]
        if not labels:
            return (
                f"Rien ne répond à «\xa0{typed}\xa0»\xa0: écrivez un code, un numéro "
                "ou un autre mot du nom."
            )
        several = "\xa0; ".join(labels[:MOST_CHOICES])
        return f"Plusieurs répondent\xa0: {several}. Recopiez la ligne voulue."


def choices_of(pages: Any, request: HttpRequest) -> JsonResponse:
    """Return rows of the reader's territory for what is being typed."""
    # The box sends its own name, whatever the field's.
    _, sent = next(iter(request.GET.items()), ("", ""))
    typed = str(sent).replace("\0", "").strip()[:200]
    rows = pages.within(pages.model._default_manager.all(), request.user)
    found = pages.suggested(rows, typed)[:MOST_CHOICES] if typed else []
    labels = [pages.suggestion_of(row) for row in found]
    choices = [{"label": label, "text": label} for label in labels]
    return JsonResponse({"choices": choices})
