"""The appointment of a convocation: a slot, or another date."""

import datetime as dt
from collections.abc import Callable
from statistics import mode
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.dates import date_format, in_paris
from opus.lib.forms.base import DateInput, Form
from opus.lib.text_guard.form_fields import GuardedFormField
from opus.lib.text_guard.identifiers import phones
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.acts.states import AbsenceKind, NotHandedBecause
from referrals.appointments.actions import appointments as actions
from referrals.appointments.actions.appointments import (
    SlotTaken,
    after_agreement,
    taking_a_place,
)
from referrals.appointments.closed_days import closed_day_field, require_tick
from referrals.appointments.codes import MeetingMode
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.slots import (
    CLOSES,
    OPENS,
    TIME_AND_PLACE,
    AppointmentDetails,
    Slot,
    SlotQuerySet,
    TimeAndPlace,
    place_of,
)
from referrals.appointments.slot_weeks import Week, weeks_of
from referrals.candidates.models.candidates import Candidate
from referrals.follow_up import forms as follow_up
from referrals.follow_up.forms import GestureForm
from referrals.making.forms import ConfirmForm

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


def instant_to_come(day: dt.date, hour: dt.time) -> dt.datetime:
    """Return the same, within the next year."""
    at, now = instant_of(day, hour), timezone.now()
    if at <= now:
        raise ValidationError("Cette date est passée\xa0: choisissez-en une autre.")
    if at > now + LATEST:
        raise ValidationError("Choisissez une date dans l’année qui vient.")
    return at


def check_in_its_field(
    form: forms.BaseForm, name: str, check: Callable[[], Any]
) -> None:
    try:
        check()
    except ValidationError as error:
        form.add_error(name, error)


def check_where(mode: str, where: str) -> None:
    if mode == MeetingMode.PHONE and not any(phones(where)):
        raise ValidationError(
            "Pour un rendez-vous par téléphone, écrivez le numéro entier, par exemple "
            "04\xa065\xa071\xa000\xa000."
        )
    if mode == MeetingMode.VIDEO and not where.startswith("https://"):
        raise ValidationError(
            "Pour une visioconférence, collez le lien entier, qui commence par "
            "https://."
        )


def check_where_typed(form: forms.BaseForm) -> None:
    mode, where = map(form.cleaned_data.get, ("mode", "where"))
    if where:
        check_in_its_field(
            form, "where", lambda: check_where(mode or MeetingMode.PLACE, where)
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
        slots = self.open_slots(offer)
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

    def open_slots(self, offer: Offer) -> SlotQuerySet:
        return Slot.objects.open_for(offer)

    @property
    def weeks(self) -> list[Week]:
        """Return the radio buttons of the slots, by week and day."""
        return weeks_of(self["choice"], self.slots)

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
        elif cleaned.get("day") and cleaned.get("hour"):
            check_in_its_field(self, "hour", self._clean_instant)

    def _clean_instant(self) -> None:
        cleaned = self.cleaned_data
        cleaned["at"] = instant_to_come(cleaned["day"], cleaned["hour"])
        require_tick(self, cleaned["day"])

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
        return act.slot_id is None and all(
            getattr(wanted, name) == getattr(act, name) for name in TIME_AND_PLACE
        )


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
    def is_drafted(self) -> bool:
        return self.is_bound and self.is_valid()

    follows: Appointment | None = None

    @property
    def details(self) -> dict[str, Any]:
        chosen = self.chosen
        return {
            **{name: getattr(chosen, name) for name in TIME_AND_PLACE},
            "slot": chosen if isinstance(chosen, Slot) else None,
            "follows": self.follows,
        }

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
        if self.act.was_handed_over:
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
