"""Days when nobody is expected: national holidays and Sundays are asked for twice."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from opus.lib.dates import date_format
from opus.lib.working_days import holiday_name

SUNDAY = 6


class ShownWhenAsked(forms.BoundField):
    """A box that has no label while it is hidden: there would be nothing to label."""

    def label_tag(self, *args: Any, **kwargs: Any) -> SafeString:
        if self.is_hidden:
            return SafeString()
        return super().label_tag(*args, **kwargs)


def closed_day_field() -> forms.BooleanField:
    """The box to tick for such a day: hidden until one is typed."""
    return forms.BooleanField(
        label="Je maintiens ce jour",
        required=False,
        widget=forms.HiddenInput,
        bound_field_class=ShownWhenAsked,
    )


def why_closed(day: dt.date) -> str:
    """In words, or nothing where that day is like any other."""
    if name := holiday_name(day):
        return f"Le {date_format(day, 'l j F Y')} est un jour férié ({name})."
    if day.weekday() == SUNDAY:
        return f"Le {date_format(day, 'j F Y')} est un dimanche."
    return ""


def ask_twice(form: Any, day: dt.date, *, box: str = "even_closed") -> None:
    """Show the box where that day is closed; refuse the form while it is not ticked."""
    why = why_closed(day)
    if not why:
        return
    form.fields[box].widget = forms.CheckboxInput()
    if not form.cleaned_data.get(box):
        form.add_error(
            box,
            f"{why} Choisissez un autre jour, ou cochez "
            "«\xa0Je maintiens ce jour\xa0».",
        )
