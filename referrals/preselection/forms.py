"""What the offer asks, as a checklist, and the gestures on an application (5.3)."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django import forms
from django.utils.text import Truncator

from offers.catalogue.models import Offer
from offers.catalogue.presenter import Need, OfferPresenter, distinct
from opus.lib.forms.base import DateInput
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.text_guard.fields import NoteFormField
from referrals.acts.states import SetAsideReason
from referrals.follow_up.forms import GestureForm, HandOverForm
from referrals.making.forms import ConfirmForm
from referrals.preselection import actions

# A longer list would not be read: an offer has the main requirements first.
AT_MOST = 20
LONGEST = 200


def requirements_of(offer: Offer) -> list[str]:
    """Return its requirements, one line each."""
    page = OfferPresenter(offer)
    profile = lines_of(
        ("Expérience", [", ".join(page.experience)]),
        ("Formation", texts(page.training)),
        ("Permis", texts(page.permits)),
        ("Langue", texts(page.languages)),
        ("Compétence", page.skills_required),
    )
    conditions = lines_of(
        ("Horaires", [", ".join(distinct(map(one_line, page.hours)))]),
        ("Lieu", [page.place]),
    )
    return [*profile[: AT_MOST - len(conditions)], *conditions]


def left_of(offer: Offer, met: Collection[str]) -> list[str]:
    """Return the requirements that were not ticked, none if withdrawn."""
    if not offer.is_active:
        return []
    return [line for line in requirements_of(offer) if line not in met]


def lines_of(*parts: tuple[str, list[str]]) -> list[str]:
    """Return the non-empty lines under their names, without duplicates."""
    found = (
        Truncator(f"{name}\u00a0: {one_line(text)}").chars(LONGEST)
        for name, lines in parts
        for text in lines
        if text.strip()
    )
    return list(dict.fromkeys(found))


def texts(needs: Iterable[Need]) -> list[str]:
    """Return each requirement, and whether it is optional."""
    return [
        need.text if need.is_required else f"{need.text} (souhaité)" for need in needs
    ]


def one_line(text: str) -> str:
    """Return the hours on one line, without the repeated ones."""
    return " ".join(text.split())


class CriteriaField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": "L’offre a changé entre-temps\u00a0: relisez ce qu’elle "
        "demande, puis confirmez de nouveau."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def set_lines(self, lines: Sequence[str]) -> None:
        self.choices = [(line, line) for line in lines]


class ScreenedConfirmForm(ConfirmForm):
    criteria_met = CriteriaField(
        label="Ce que demande l’offre\u00a0: cochez ce que le candidat remplit"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["criteria_met"]
        if lines := requirements_of(self.offer):
            field.set_lines(lines)
        else:
            del self.fields["criteria_met"]


class ScreenedHandOverForm(HandOverForm):
    done = "La remise est enregistrée\u00a0: la candidature est à examiner."


class CompleteForm(GestureForm):
    privacy_notice = PrivacyNotice.QUESTIONS
    done = "Votre réponse est chez l’agence\u00a0: la candidature reprend sa place."
    action = staticmethod(actions.complete)

    answer = NoteFormField(
        place="referrals.applicationquestion.answer", label="Votre réponse"
    )

    @property
    def typed(self) -> str:
        return str(self.cleaned_data.get("answer", ""))


class ShortlistForm(GestureForm):
    done = "La candidature est présélectionnée."
    action = staticmethod(actions.shortlist)


class SetAsideForm(GestureForm):
    done = (
        "La candidature est écartée. Prévenez le candidat\u00a0: un message est prêt."
    )
    action = staticmethod(actions.set_aside)

    reason = forms.ChoiceField(
        label="Motif",
        choices=[("", "Choisir un motif"), *SetAsideReason.choices],
        help_text="Lu par vous et par France Travail, jamais par le candidat.",
    )


class PresentForm(GestureForm):
    done = (
        "La présentation est enregistrée. Prévenez le candidat\u00a0: un message est "
        "prêt."
    )
    action = staticmethod(actions.present)

    on = forms.DateField(label="Présentée le", widget=DateInput)
