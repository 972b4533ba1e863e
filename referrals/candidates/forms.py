import dataclasses
import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from accounts.security.personal_data_quotas import LookUpsStopped
from accounts.users.models import User
from accounts.users.territory import within
from opus.lib.forms.base import Form, ModelForm
from opus.lib.forms.fields import clean_name, validate_ft_id
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.uploads.csv_import import (
    TOO_LONG,
    UNWRITABLE,
    ListField,
    ListFile,
    Row,
    reasons_of,
)
from referrals.candidates import actions
from referrals.candidates.models import Candidate


class CandidateForm(ModelForm):
    """The few data that the acts need (V16)."""

    privacy_notice = PrivacyNotice.CANDIDATES

    # Longer than the stored identifier: people type spaces.
    ft_id = forms.CharField(
        label="Identifiant France Travail",
        required=False,
        max_length=30,
        help_text="11 chiffres, ou 7 chiffres et une lettre ou un chiffre (ancien "
        "format). Laissez vide pour un candidat qui n’est pas inscrit.",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )

    class Meta:
        model = Candidate
        fields = list(Candidate.TYPED)
        widgets = {
            "phone": forms.TextInput(attrs={"inputmode": "tel"}),
            "postcode": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        help_texts = {"address": "Numéro et rue, pour un envoi par courrier."}

    # Set by ``save`` if the person may exist already.
    homonyms: list[Candidate]
    can_insist: bool
    # The reason if look-ups are stopped: too many found no person.
    stopped: LookUpsStopped | None = None
    # The error names a colleague: the view records it like a look-up (S39).
    has_named_colleague = False

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.homonyms, self.can_insist = by, [], False
        for field in self.fields.values():
            # The browser must not propose the data of its own user.
            field.widget.attrs["autocomplete"] = "off"

    def clean_ft_id(self) -> str:
        ft_id = actions.clean_ft_id(self.cleaned_data["ft_id"])
        if ft_id:
            validate_ft_id(ft_id)
        return ft_id

    def validate_unique(self) -> None:
        """Skip the check: the action names an identifier's owner."""

    def validate_constraints(self) -> None:
        pass

    def save(self, commit: bool = True) -> Candidate | None:
        """Write the person; None if the form has a question."""
        try:
            return self.write()
        except actions.AlreadyAccompanied as known:
            self.homonyms, self.can_insist = known.candidates, known.can_insist
            if not known.can_insist:
                self.add_error(
                    "ft_id",
                    "Vous accompagnez déjà le candidat qui porte cet identifiant.",
                )
        except actions.WithColleague as known:
            self.add_error("ft_id", str(known))
            self.has_named_colleague = True
        return None

    def write(self) -> Candidate | None:
        insist = "create_anyway" in self.data
        return actions.add_candidate(by=self.by, insist=insist, **self.cleaned_data)

    def count_colleague(self) -> None:
        """Count the colleague's name as a look-up (S39)."""
        if not self.has_named_colleague:
            return
        try:
            actions.log_look_up([], by=self.by, with_colleague=True)
        except LookUpsStopped as error:
            self.stopped = error
            del self.errors["ft_id"]
            self.add_error("ft_id", str(error))


class LookUpForm(Form):
    """Parts of names among one's own persons, or an exact identifier (S24).

    The list below the box follows what is typed; the button also looks among the
    colleagues' persons, by the whole identifier.
    """

    all_optional = True

    who = forms.CharField(
        label="Chercher parmi vos candidats",
        max_length=130,
        help_text="Le début d’un prénom, d’un nom ou d’une commune. Un identifiant "
        "France Travail entier dit aussi si un collègue accompagne le candidat.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "data-hx-post": "",
                "data-hx-trigger": "input changed delay:300ms",
                "data-hx-include": "closest form, #personnes input:checked, "
                "#personnes [type=hidden][name=personne]",
                "data-hx-target": "#personnes",
                "data-hx-select": "#personnes",
                "data-hx-swap": "outerMorph",
            }
        ),
    )

    def clean_who(self) -> str:
        return clean_name(self.cleaned_data["who"])

    def is_cut_short(self, by: User) -> bool:
        """Return whether it is an identifier of no known length, of no own person."""
        typed = self.cleaned_data["who"]
        digits = sum(char.isdigit() for char in typed)
        if digits < 5 or actions.is_ft_id(actions.clean_ft_id(typed)):
            return False
        return not Candidate.objects.visible_to(by).matching(typed).exists()

    # The reason if look-ups are stopped: too many found no person.
    stopped: LookUpsStopped | None = None

    def find(self, *, by: User) -> actions.Found | None:
        """Return the result; None if look-ups are stopped, or it cannot be."""
        if self.is_cut_short(by):
            self.add_error(
                "who",
                "Cet identifiant n’a pas la bonne longueur : 11 chiffres, ou 7 "
                "chiffres suivis d’une lettre ou d’un chiffre.",
            )
            return None
        try:
            return actions.look_up(self.cleaned_data["who"], by=by)
        except LookUpsStopped as error:
            self.stopped = error
            self.add_error("who", str(error))
        return None


class InstantInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class PersonsSeenForm(Form):
    """An exact identifier and a coded reason, for the journal."""

    REASONS = (
        ("violation", "Violation de données, avérée ou probable (RGPD, art. 33)"),
        ("demande", "Demande d’une personne ou d’une autorité"),
        ("exercice", "Exercice"),
    )

    compte = forms.CharField(label="Identifiant du compte", max_length=40)
    du = forms.DateTimeField(label="Du", widget=InstantInput)
    au = forms.DateTimeField(label="Au", widget=InstantInput)
    motif = forms.ChoiceField(label="Motif", choices=[("", "---------"), *REASONS])

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_compte(self) -> User:
        """Return an account of the territory, open or closed."""
        accounts = within(User.objects.all(), self.by, "structure__agency", "agency")
        account = accounts.filter(
            pk__in=User.objects.named(self.cleaned_data["compte"])
        ).first()
        if account is None:
            raise ValidationError(
                "Aucun compte de votre territoire ne porte cet identifiant."
            )
        return account

    def clean_au(self) -> dt.datetime:
        """Include the whole last minute."""
        until: dt.datetime = self.cleaned_data["au"]
        return until.replace(second=59, microsecond=999_999)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"du", "au"} <= cleaned.keys() and cleaned["au"] < cleaned["du"]:
            self.add_error("au", "Cet instant vient avant l’autre.")
        return cleaned


CANDIDATES = ListFile(
    titles=Candidate.columns("last_name", "first_name"),
    other_titles={
        title: name
        for name, typed in Candidate.TYPED.items()
        for title in typed.columns
    },
    required=("last_name", "first_name"),
)
ALREADY = (
    "Vous accompagnez déjà un candidat de ce nom. Si c’en est un autre, ajoutez-le "
    "depuis «\u00a0Ajouter un candidat\u00a0»."
)


@dataclasses.dataclass(frozen=True)
class ImportedPerson:
    """The result of one line: a person, or reasons."""

    row: Row
    candidate: Candidate | None = None
    reasons: tuple[str, ...] = ()


class CandidateListForm(Form):
    privacy_notice = PrivacyNotice.CANDIDATES

    file = ListField(CANDIDATES)

    def save(self, *, by: User) -> list[ImportedPerson]:
        """Add each valid line; a bad line stops no other."""
        return [add_row(row, by=by) for row in self.cleaned_data["file"]]


def add_row(row: Row, *, by: User) -> ImportedPerson:
    if row.is_too_long:
        return ImportedPerson(row, reasons=(TOO_LONG,))
    form = CandidateForm(row.values, by=by)
    try:
        with transaction.atomic():
            candidate = form.save() if form.is_valid() else None
    except (DataError, IntegrityError):
        return ImportedPerson(row, reasons=(UNWRITABLE,))
    if candidate:
        return ImportedPerson(row, candidate)
    form.count_colleague()
    # Report a homonym without its record: an import shows no other persons.
    known = [ALREADY] if form.homonyms and form.can_insist else []
    return ImportedPerson(row, reasons=(*reasons_of(form), *known))
