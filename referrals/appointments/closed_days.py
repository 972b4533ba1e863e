import datetime as dt
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from opus.lib.dates import date_format, holiday_name

SUNDAY = 6


class ShownWhenAsked(forms.BoundField):
    """A checkbox without label while hidden."""

    def label_tag(self, *args: Any, **kwargs: Any) -> SafeString:
        if self.is_hidden:
            return SafeString()
        return super().label_tag(*args, **kwargs)


def closed_day_field() -> forms.BooleanField:
    """Return the checkbox, hidden until a closed day is typed."""
    return forms.BooleanField(
        label="Je maintiens ce jour",
        required=False,
        widget=forms.HiddenInput,
        bound_field_class=ShownWhenAsked,
    )


def why_closed(day: dt.date) -> str:
    """Return the reason why the day is closed, or ""."""
    if name := holiday_name(day):
        return f"Le {date_format(day, 'l j F Y')} est un jour férié ({name})."
    if day.weekday() == SUNDAY:
        return f"Le {date_format(day, 'j F Y')} est un dimanche."
    return ""


def require_tick(form: Any, day: dt.date) -> None:
    """Show the checkbox for a closed day; require it."""
    why = why_closed(day)
    if not why:
        return
    form.fields["even_closed"].widget = forms.CheckboxInput()
    if not form.cleaned_data.get("even_closed"):
        form.add_error(
            "even_closed",
            f"{why} Choisissez un autre jour, ou cochez "
            "«\xa0Je maintiens ce jour\xa0».",
        )
