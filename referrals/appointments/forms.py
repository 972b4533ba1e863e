"""The appointment of a convocation: a slot, or another date."""

import dataclasses
import datetime as dt
from statistics import mode
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.dates import ONE_DAY, date_format, holiday_name, in_paris
from opus.lib.forms.base import DateInput, Form
from opus.lib.text_guard.fields import GuardedFormField
from opus.lib.text_guard.guard import phones
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.states import AbsenceKind, NotHandedBecause
from referrals.appointments import actions
from referrals.appointments.actions import SlotTaken, after_agreement, taking_a_place
from referrals.appointments.models import (
    CLOSES,
    OPENS,
    TIME_AND_PLACE,
    Appointment,
    AppointmentDetails,
    MeetingMode,
    Slot,
    TimeAndPlace,
    place_of,
)
from referrals.candidates.models import Candidate
from referrals.follow_up import forms as follow_up
from referrals.follow_up.forms import GestureForm
from referrals.making.forms import ConfirmForm

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


FRIDAY = 4


@dataclasses.dataclass(frozen=True)
class Day:
    date: dt.date
    # The radio button of each slot, and the slot.
    times: list[tuple[Any, Slot]]


@dataclasses.dataclass(frozen=True)
class Week:
    days: list[Day]
    is_open: bool

    @property
    def count(self) -> int:
        return sum(len(day.times) for day in self.days)


FREE = "libre"
LATEST = dt.timedelta(days=366)
SLOTS_SHOWN = 30
SAME_APPOINTMENT = "C’est déjà le rendez-vous de cette convocation."


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


def instant_of(day: dt.date, hour: dt.time) -> dt.datetime:
    """Return that hour of that day in Paris.

    Raises ValidationError: outside opening hours. The clocks change at night only.
    """
    if not OPENS <= hour < CLOSES:
        raise ValidationError(
            f"Un rendez-vous se tient entre {OPENS.hour}\xa0h et {CLOSES.hour}\xa0h"
            "\xa0: choisissez une autre heure."
        )
    return in_paris(day, hour)


def clean_instant(form: Any) -> None:
    """Set ``at``, the instant that was typed, within the next year."""
    cleaned, now = form.cleaned_data, timezone.now()
    if not (cleaned.get("day") and cleaned.get("hour")):
        return
    try:
        at = cleaned["at"] = instant_of(cleaned["day"], cleaned["hour"])
    except ValidationError as error:
        form.add_error("hour", error)
        return
    if at <= now:
        form.add_error("hour", "Cette date est passée\xa0: choisissez-en une autre.")
    elif at > now + LATEST:
        form.add_error("hour", "Choisissez une date dans l’année qui vient.")
    else:
        require_tick(form, cleaned["day"])


def check_where_typed(form: forms.BaseForm) -> None:
    mode, where = map(form.cleaned_data.get, ("mode", "where"))
    if where and mode == MeetingMode.PHONE and not any(phones(where)):
        form.add_error(
            "where",
            "Pour un rendez-vous par téléphone, écrivez le numéro entier, par exemple "
            "04\xa065\xa071\xa000\xa000.",
        )
    if where and mode == MeetingMode.VIDEO and not where.startswith("https://"):
        form.add_error(
            "where",
            "Pour une visioconférence, collez le lien entier, qui commence par "
            "https://.",
        )


def mode_of(slot: Slot) -> str:
    where = f"\xa0: {slot.where}" if slot.mode == MeetingMode.PLACE else ""
    return f"{slot.get_mode_display()}{where}"


def label_of(slot: Slot, *, with_place: bool) -> str:
    """Return a slot in one line: day, hour, places, mode."""
    at = date_format(timezone.localtime(slot.at), "l j F Y, G \\h i")
    left = slot.places_left
    places = f"à plusieurs, {left} place{'s' if left > 1 else ''}"
    parts = [
        f"{at} ({slot.minutes}\xa0min)",
        mode_of(slot) if with_place else "",
        places if slot.is_collective else "",
    ]
    return ", ".join(filter(None, parts))


class TimeAndPlaceForm(Form):
    """Mixin: the choice of an appointment; ``choose_for`` sets the offer."""

    # The fields of another date are required if it is chosen: no "facultatif".
    all_optional = True

    choice = forms.ChoiceField(
        label="Quel rendez-vous\xa0?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez un rendez-vous, ou une autre date.",
            "invalid_choice": str(SlotTaken()),
        },
    )
    day = forms.DateField(label="Jour", required=False, widget=DateInput)
    hour = forms.TimeField(label="Heure", required=False, widget=TimeInput)
    minutes = forms.IntegerField(
        label="Durée, en minutes",
        required=False,
        min_value=5,
        max_value=480,
        initial=30,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    mode = forms.ChoiceField(
        label="Forme",
        required=False,
        choices=MeetingMode.choices,
        initial=MeetingMode.PLACE,
    )
    where = GuardedFormField(
        place="referrals.appointmentdetails.where",
        label="Adresse, numéro de téléphone ou lien",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    even_closed = closed_day_field()

    # The label of the last choice.
    own_label = "Une autre date, que l’agence devra confirmer"
    OWN = ("day", "hour", "minutes", "mode", "where")
    # The last day of the structure's convention; None for an agency's own move.
    until: dt.date | None = None

    def choose_for(self, offer: Offer, *, instead_of: Slot | None = None) -> None:
        """Offer the agency's open slots, then another date."""
        slots = Slot.objects.open_for(offer)
        if instead_of:
            slots = slots.exclude(pk=instead_of.pk)
        if self.until:
            slots = slots.filter(at__date__lte=self.until)
        self.slots = {str(slot.pk): slot for slot in slots[:SLOTS_SHOWN]}
        if self.slots:
            ways = {mode_of(slot) for slot in self.slots.values()}
            differ = len(ways) > 1
            choices = [
                (pk, label_of(slot, with_place=differ))
                for pk, slot in self.slots.items()
            ]
            if not differ:
                # All slots meet the same way: show it once.
                self.fields["choice"].help_text = capfirst(ways.pop())
            choices += [(FREE, self.own_label)]
        else:
            # No slot to choose: the page sends this only answer.
            choices = [(FREE, FREE)]
            self.fields["choice"].widget = forms.HiddenInput()
        field: Any = self.fields["choice"]
        field.choices = choices
        self.fields["where"].initial = place_of(offer.agency)
        today = timezone.localdate()
        last = min(today + LATEST, self.until or dt.date.max)
        self.fields["day"].widget.attrs |= {
            "min": today.isoformat(),
            "max": last.isoformat(),
        }

    @property
    def weeks(self) -> list[Week]:
        """Return the radio buttons of the slots by week, Monday to Friday at least.

        The first week is open, or that of the chosen slot too.
        """
        by_day: dict[dt.date, list[tuple[Any, Slot]]] = {}
        for radio in self["choice"]:
            if slot := self.slots.get(str(radio.data["value"])):
                day = timezone.localtime(slot.at).date()
                by_day.setdefault(day, []).append((radio, slot))
        weeks: list[Week] = []
        for monday in sorted({day - ONE_DAY * day.weekday() for day in by_day}):
            dates = [monday + ONE_DAY * place for place in range(7)]
            days = [
                Day(date, by_day.get(date, []))
                for date in dates
                if date in by_day or date.weekday() <= FRIDAY
            ]
            times = (radio for day in days for radio, _ in day.times)
            chosen = any(radio.data["selected"] for radio in times)
            weeks.append(Week(days, is_open=chosen or not weeks))
        return weeks

    @property
    def usual_minutes(self) -> int:
        """Return the duration of most slots; each other one shows its own."""
        return mode([slot.minutes for slot in self.slots.values()])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("choice") == FREE:
            self._clean_own(cleaned)
        else:
            # Ignore the fields of another date.
            for name in self.OWN:
                self.errors.pop(name, None)
        return cleaned

    def _clean_own(self, cleaned: dict[str, Any]) -> None:
        words = {
            "day": "Choisissez le jour du rendez-vous.",
            "hour": "Écrivez l’heure du rendez-vous, par exemple 9:30.",
            "minutes": "Écrivez la durée, en minutes.",
            "where": "Écrivez où le candidat est attendu, quel numéro sonnera, ou "
            "le lien.",
        }
        for name, sentence in words.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        if not cleaned.get("mode"):
            cleaned["mode"] = MeetingMode.PLACE
        check_where_typed(self)
        if self.until and cleaned.get("day") and cleaned["day"] > self.until:
            self.add_error("day", after_agreement(self.until))
        else:
            clean_instant(self)

    @property
    def chosen(self) -> TimeAndPlace:
        cleaned = self.cleaned_data
        slot: Slot | None = self.slots.get(cleaned["choice"])
        if slot:
            return slot
        return AppointmentDetails(**{name: cleaned[name] for name in TIME_AND_PLACE})

    def is_the_same(self, act: Appointment) -> bool:
        wanted = self.chosen
        if isinstance(wanted, Slot):
            return wanted.pk == act.slot_id
        return act.slot_id is None and wanted.as_fields == act.details.as_fields


class AppointmentForm(TimeAndPlaceForm, ConfirmForm):
    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, offer=offer, **kwargs)
        self.choose_for(offer)
        self._let_the_same_form_through()

    def _let_the_same_form_through(self) -> None:
        """Accept a double click: the place is its own (R10)."""
        key, chosen = self.data.get("key"), self.data.get("choice")
        if not key or chosen in {None, FREE} or chosen in self.slots:
            return
        try:
            made = Appointment.objects.filter(
                idempotency_key=UUID(key), details__slot=UUID(chosen)
            ).select_related("details__slot")
        except ValueError:
            return
        if (mine := made.first()) and mine.slot:
            self.slots[str(mine.slot.pk)] = mine.slot
            field: Any = self.fields["choice"]
            field.choices = [(chosen, chosen)]

    def typed_fields(self) -> list[forms.BoundField]:
        """Return them without another date, if a slot is chosen."""
        unused = set(self.OWN) if self["choice"].value() in self.slots else set()
        return [one for one in super().typed_fields() if one.name not in unused]

    @property
    def is_confirmed(self) -> bool:
        """Return False for « Voir la convocation »: no act."""
        return "apercu" not in self.data

    @property
    def draft(self) -> dict[str, Any] | None:
        return super().draft or None

    follows: Appointment | None = None

    @property
    def details(self) -> dict[str, Any]:
        return {**self.chosen.as_fields, "follows": self.follows}

    def save(self, kind: ActKind, candidate: Candidate, *, by: User) -> Act:
        """Make the act; it may replace an absence. Raises SlotTaken."""
        self.follows = Appointment.objects.missed(self.offer, candidate)
        actions.refuse_after_agreement(by, self.chosen.at)
        try:
            with taking_a_place():
                return super().save(kind, candidate, by=by)
        except SlotTaken:
            self.choose_for(self.offer)
            raise


class ChangeForm(TimeAndPlaceForm, GestureForm):
    done = (
        "Le rendez-vous est modifié\xa0: l’ancienne convocation est annulée, remettez "
        "la nouvelle."
    )

    def __init__(self, *args: Any, act: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, act=act, **kwargs)
        self.until = act.until
        self.choose_for(act.offer, instead_of=act.slot)

    @property
    def is_done_already(self) -> bool:
        """Return whether the same change was sent before."""
        if self.act.slot_id:
            return bool(self.data.get("choice") == str(self.act.slot_id))
        return bool(self.is_valid() and self.is_the_same(self.act))

    def save(self, *, by: User) -> None:
        actions.change(self.act, by=by, to=self.chosen)


class AttendForm(GestureForm):
    done = "L’entretien est enregistré comme effectué."
    action = staticmethod(actions.attend)

    not_handed_because = forms.ChoiceField(
        label="Le document n’est pas marqué remis. Pourquoi\xa0?",
        choices=NotHandedBecause.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.act.handed_over_on:
            del self.fields["not_handed_because"]


class MissForm(GestureForm):
    done = "L’absence est enregistrée. Elle n’entraîne rien d’elle-même."
    action = staticmethod(actions.miss)

    absence = forms.ChoiceField(
        label="Le candidat n’est pas venu",
        choices=AbsenceKind.choices,
        widget=forms.RadioSelect,
    )


class CancelForm(follow_up.CancelForm):
    action = staticmethod(actions.cancel)


class ProposalForm(GestureForm):
    """Names the proposal, so that a stale page answers no other."""

    proposal = forms.CharField(widget=forms.HiddenInput)


class AcceptDateForm(ProposalForm):
    done = "La date est acceptée\xa0: remettez la nouvelle convocation."
    action = staticmethod(actions.accept_date)


class DeclineDateForm(ProposalForm):
    done = (
        "La date est déclinée. Choisissez-en une autre ci-dessous, ou annulez la "
        "convocation."
    )
    action = staticmethod(actions.decline_date)
