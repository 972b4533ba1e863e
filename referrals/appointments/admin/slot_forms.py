"""Open, move and close slots in the admin (design 2.9)."""

import datetime as dt
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.structures.models import Agency
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.dates import holiday_name
from opus.lib.forms.base import DateInput
from opus.lib.model_admin.admin_actions import AdminActionForm
from opus.lib.model_admin.forms import ChangeForm
from referrals.appointments.actions import slots
from referrals.appointments.actions.slots import Followed
from referrals.appointments.admin.appointments import CallOffForm
from referrals.appointments.closed_days import closed_day_field, require_tick
from referrals.appointments.codes import MeetingMode, MoveReason
from referrals.appointments.forms import (
    LATEST,
    TimeInput,
    check_in_its_field,
    check_where_typed,
    instant_of,
    instant_to_come,
)
from referrals.appointments.models.slots import Slot

MOST_AT_ONCE = 200


SATURDAY = 5


class SlotForm(ChangeForm):
    """One slot, or a series: several days, several hours each."""

    offer_number = forms.CharField(
        label="Numéro d’une offre, si c’est pour elle seule",
        required=False,
        max_length=30,
        help_text="Vide\xa0: pour toutes les offres de l’agence.",
    )
    day = forms.DateField(label="Jour", widget=DateInput)
    last_day = forms.DateField(
        label="Puis du lundi au vendredi, jusqu’au",
        required=False,
        widget=DateInput,
        help_text="Vide\xa0: ce jour seulement. Les jours fériés sont laissés de côté.",
    )
    even_closed = closed_day_field()
    hour = forms.TimeField(label="Heure", widget=TimeInput)
    minutes = forms.IntegerField(
        label="Durée (minutes)", min_value=5, max_value=480, initial=30
    )
    last_hour = forms.TimeField(
        label="Puis à la suite, jusqu’à",
        required=False,
        widget=TimeInput,
        help_text="Le dernier finit à cette heure au plus tard. Vide\xa0: un seul.",
    )
    every = forms.IntegerField(
        label="Un créneau toutes les… minutes",
        required=False,
        min_value=5,
        max_value=480,
        help_text="Vide\xa0: la durée d’un rendez-vous.",
    )

    class Meta:
        model = Slot
        fields = ("agency", "mode", "where", "minutes", "capacity")
        widgets = {"where": forms.TextInput(attrs={"size": 70})}

    def clean_offer_number(self) -> Offer | None:
        number = "".join(self.cleaned_data["offer_number"].split())
        if not number:
            return None
        offer = Offer.objects.filter(pk__in={number, number.upper()}).first()
        if offer is None or not offer.is_active:
            raise ValidationError(
                "Aucune offre ouverte ne porte ce numéro\xa0: vérifiez-le."
            )
        return offer

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        offer, agency = cleaned.get("offer_number"), cleaned.get("agency")
        if offer and agency and offer.agency_safir != agency.safir:
            self.add_error("offer_number", "Cette offre n’est pas de cette agence.")
        check_where_typed(self)
        if not self.errors:
            self._clean_instants(cleaned)
        return cleaned

    def _clean_instants(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned["day"], cleaned.get("last_day") or cleaned["day"]
        if last == first or not holiday_name(first):
            # A series skips holidays; a single slot, or a Sunday, needs a confirmation.
            require_tick(self, first)
        try:
            instants = list(self._instants(cleaned))
        except ValidationError as error:
            self.add_error("hour", error)
            return
        now = timezone.now()
        if not instants:
            self.add_error("last_day", "Aucun jour ouvert entre ces deux bornes.")
        elif instants[0] <= now:
            self.add_error(
                "hour", "Cette heure est passée\xa0: choisissez-en une à venir."
            )
        elif instants[-1] > now + LATEST:
            self.add_error("day", "Choisissez des dates dans l’année qui vient.")
        elif len(instants) > MOST_AT_ONCE:
            self.add_error(
                "last_day",
                f"Cela ferait {len(instants)} créneaux\xa0: {MOST_AT_ONCE} au plus en "
                "une fois.",
            )
        cleaned["instants"] = instants
        if not self.errors:
            self._refuse_overlaps(cleaned)
        if not self.errors:
            self.instance.at = instants[0]
            self.instance.offer = cleaned["offer_number"]

    def _refuse_overlaps(self, cleaned: dict[str, Any]) -> None:
        """Refuse a second slot at the same place and hour."""
        wanted = [
            Slot(
                agency=cleaned["agency"],
                offer=cleaned["offer_number"],
                mode=cleaned["mode"],
                where=cleaned["where"],
                at=at,
                minutes=cleaned["minutes"],
                capacity=cleaned["capacity"],
            )
            for at in cleaned["instants"]
        ]
        # The first one is the instance.
        self.others = wanted[1:]
        Agency.objects.select_for_update(no_key=True).get(pk=cleaned["agency"].pk)
        if any(one.ends_at > after.at for one, after in pairwise(wanted)):
            self.add_error("every", "C’est moins que la durée d’un rendez-vous.")
        elif other := Slot.objects.overlapped_by(wanted):
            self.add_error("hour", other.already_open)

    def _instants(self, cleaned: dict[str, Any]) -> Iterator[dt.datetime]:
        first, last = cleaned["day"], cleaned.get("last_day") or cleaned["day"]
        if last > first + LATEST:
            raise ValidationError("Choisissez des dates dans l’année qui vient.")
        for day in days_between(first, last, without=self._left_out(first, last)):
            for hour in hours_between(
                cleaned["hour"],
                cleaned.get("last_hour"),
                minutes=cleaned["minutes"],
                every=cleaned.get("every") or cleaned["minutes"],
            ):
                yield instant_of(day, hour)

    @staticmethod
    def _left_out(first: dt.date, last: dt.date) -> list[dt.date]:
        """Return the holidays of a series, weekends excluded."""
        days = days_between(first, last) if last > first else []
        return [day for day in days if holiday_name(day)]

    @property
    def left_out(self) -> list[dt.date]:
        first, last = self.cleaned_data["day"], self.cleaned_data.get("last_day")
        return self._left_out(first, last or first)


def days_between(
    first: dt.date, last: dt.date, *, without: Collection[dt.date] = ()
) -> Iterator[dt.date]:
    """Yield the first day, then Monday to Friday, except ``without``."""
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        if (number == 0 or day.weekday() < SATURDAY) and day not in without:
            yield day


def hours_between(
    first: dt.time, last: dt.time | None, *, minutes: int, every: int
) -> Iterator[dt.time]:
    """Yield the first hour, then those that end in time."""
    yield first
    if last is None:
        return
    start = first.hour * 60 + first.minute + every
    while start + minutes <= last.hour * 60 + last.minute:
        yield dt.time(start // 60, start % 60)
        start += every


def whom_it_holds(slot: Slot) -> str:
    """Return the number of persons affected, no names (S24)."""
    taken = slot.places_taken
    return (
        f"{taken} personne{'s y sont attendues' if taken > 1 else ' y est attendue'}."
    )


class MoveSlotForm(AdminActionForm):
    day = forms.DateField(label="Nouveau jour", widget=DateInput)
    hour = forms.TimeField(label="Heure", widget=TimeInput)
    mode = forms.ChoiceField(label="Forme", choices=MeetingMode.choices)
    where = forms.CharField(
        label="Adresse, numéro de téléphone ou lien",
        max_length=200,
        widget=forms.TextInput(attrs={"size": 70}),
    )
    because = forms.ChoiceField(label="Motif", choices=MoveReason)
    even_closed = closed_day_field()
    field_order = ("day", "hour", "even_closed", "mode", "where", "because")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        local = timezone.localtime(self.instance.at)
        self.initial = {
            "day": local.date(),
            "hour": local.time(),
            "mode": self.instance.mode,
            "where": self.instance.where,
        }
        self.fields["day"].help_text = whom_it_holds(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_where_typed(self)
        check_in_its_field(self, "hour", self._clean_instant)
        return cleaned

    def _clean_instant(self) -> None:
        cleaned = self.cleaned_data
        if not (cleaned.get("day") and cleaned.get("hour")):
            return
        at = instant_to_come(cleaned["day"], cleaned["hour"])
        if at == self.instance.at and cleaned.get("where") == self.instance.where:
            raise ValidationError("C’est déjà l’heure et le lieu de ce créneau.")
        cleaned["at"] = at
        require_tick(self, cleaned["day"])

    def save(self, *, by: User) -> Followed:
        cleaned = self.cleaned_data
        to = Slot(
            at=cleaned["at"],
            minutes=self.instance.minutes,
            mode=cleaned["mode"],
            where=cleaned["where"],
        )
        return slots.move_slot(self.instance, by=by, to=to, because=cleaned["because"])


class CallSlotOffForm(CallOffForm):
    act = slots.call_slot_off

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = whom_it_holds(self.instance)
