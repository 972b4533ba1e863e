"""Admin forms of conventions: draft, signatures, amendment, end, breach."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.template.defaultfilters import pluralize
from django.utils import timezone

from accounts.agreements import actions
from accounts.agreements.jobs import nominations
from accounts.agreements.models.amendments import Amendment, in_words
from accounts.agreements.models.articles import digest_of
from accounts.agreements.models.conventions import (
    CONTACTS,
    TERMS,
    Convention,
    Partnership,
)
from accounts.agreements.models.terminations import (
    BY_FRANCE_TRAVAIL,
    BreachReason,
    Ending,
    EndingOrigin,
)
from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format
from opus.lib.forms.base import day_field
from opus.lib.forms.fields import NameFormField
from opus.lib.model_admin.forms import AdminActionForm, ChangeForm
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.text_guard.fields import RULE, NoteFormField
from opus.lib.uploads.received import PdfField


def not_to_come(day: dt.date) -> None:
    if day > timezone.localdate():
        raise ValidationError("Cette date est à venir.")


class ModelTextForm(ChangeForm):
    class Meta:
        widgets = {
            "legal_basis": AdminTextareaWidget(attrs={"rows": 8}),
            "text": AdminTextareaWidget(attrs={"rows": 40}),
        }


class SignedCopyForm(AdminActionForm):
    act = actions.keep_signed_copy
    privacy_notice = PrivacyNotice.CONVENTION

    file = PdfField(
        label="Exemplaire signé (PDF)",
        help_text="La convention signée des deux parties, avec ses annexes, numérisée "
        "en noir et blanc. 2 Mo au plus.",
    )

    def audit_details(self) -> dict[str, Any]:
        return {"sha256": digest_of(self.cleaned_data["file"])}


class ConventionForm(ChangeForm):
    """A draft; once signed, only amendments change it."""

    privacy_notice = PrivacyNotice.CONVENTION

    also_checks = ("state", "structure")

    class Meta:
        help_texts = {"number": "Opus propose le suivant du département."}

    def clean(self) -> dict[str, Any]:
        """Check the end against the parent's (art. 13)."""
        return check_parent(self, super().clean())

    def clean_ends_on(self) -> dt.date:
        ends_on: dt.date = self.cleaned_data["ends_on"]
        if ends_on < timezone.localdate():
            raise ValidationError(
                "Cette date est passée : la convention ne s’ouvrirait jamais."
            )
        return ends_on

    def clean_signed_quota(self) -> int:
        quota: int = self.cleaned_data["signed_quota"]
        if quota < 1:
            raise ValidationError(
                "Prévoyez un compte au moins : le RGC n’est pas compté, et lui seul ne "
                "propose pas d’offres (annexe 2)."
            )
        return quota


class SignForm(AdminActionForm):
    """Record both signatures; the later one takes effect (art. 13)."""

    act = actions.sign_convention

    signed_by_structure_on = day_field(
        "Signée par la structure le", None, validators=[not_to_come]
    )
    signed_by_ft_on = day_field(
        "Signée par France Travail le",
        None,
        validators=[not_to_come],
        help_text="La convention prend effet le jour de la dernière des deux "
        "signatures, ou à la date plus tardive prévue sur sa fiche (art. 13).",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.initial.setdefault(name, getattr(self.instance, name))
        excess, quota = self.instance.excess, self.instance.signed_quota
        if not excess:
            return
        # More open accounts than the annexe grants: a decision.
        self.fields["accepts_excess"] = forms.BooleanField(
            label=f"Signer avec {excess} compte{pluralize(excess)} de trop",
            help_text=f"La structure a {quota + excess} comptes ouverts, et la "
            f"convention en prévoit {quota} (annexe 2). Ils restent ouverts, et le RGC "
            "est prévenu : dès la date d’effet, il ne peut plus en créer ni en "
            "réactiver tant que leur nombre dépasse celui de la convention. Sinon, "
            "modifiez d’abord le projet.",
            error_messages={
                "required": "Cochez cette case, ou modifiez d’abord le nombre de "
                "comptes du projet."
            },
        )

    def audit_details(self) -> dict[str, Any]:
        return {
            "starts_on": self.instance.starts_on.isoformat(),
            "accepts_excess": self.cleaned_data.get("accepts_excess", False),
        }


class RenewForm(AdminActionForm):
    """Prefill the convention that follows this one (art. 13)."""

    act = actions.renew

    number = forms.CharField(label="Numéro de la convention suivante", max_length=40)
    parent = forms.ModelChoiceField(
        label="Convention de partenariat",
        queryset=Partnership.objects.none(),
        help_text="Celles qui courent après la fin de la présente convention.",
    )
    starts_on = day_field(
        "Prend effet le",
        help_text="Le lendemain de la fin de la présente convention, pour que l’accès "
        "ne s’interrompe pas. Plus tard, Opus est fermé entre les deux.",
    )
    ends_on = day_field(
        "Prend fin le",
        None,
        help_text="Dans la limite de la convention de partenariat.",
    )
    keeps_rgc = forms.BooleanField(
        label="Reconduire le RGC",
        required=False,
        help_text="Le RGC en fonction à la signature le reste dans la convention "
        "suivante, sans nouvelle nomination. Sinon, la structure en propose un "
        "(art. 4.1). Les comptes des conseillers restent ouverts dans les deux cas.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.instance
        first = actions.first_day_after(present)
        parents = Partnership.objects.filter(ends_on__gte=first)
        parent: Any = self.fields["parent"]
        parent.queryset = parents
        last = actions.last_day_from(present, first)
        if present.parent.ends_on >= first:
            self.initial["parent"] = present.parent_id
            last = min(last, present.parent.ends_on)
        self.initial.update(starts_on=first, ends_on=last, keeps_rgc=True)
        postcode = present.structure.postcode
        self.initial["number"] = Convention.objects.next_number(postcode)
        office = nominations().in_office().filter(convention=present).first()
        rgc = "Poste vacant aujourd’hui."
        if office:
            rgc = f"Aujourd’hui : {office.full_name}."
        keeps = self.fields["keeps_rgc"]
        keeps.help_text = f"{rgc} {keeps.help_text}"
        self.fields["number"].help_text = (
            "Proposé : le suivant du département. La présente porte le n° "
            f"{present.number}."
        )

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if Convention.objects.filter(number=number).exists():
            raise ValidationError("Ce numéro est celui d’une autre convention.")
        return number

    def clean(self) -> dict[str, Any]:
        if sentence := actions.why_not_renew(self.instance):
            raise ValidationError(sentence)
        return check_parent(self, self.cleaned_data)


def check_parent(form: forms.BaseForm, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Refuse an end after the parent's (art. 13)."""
    parent, ends_on = cleaned.get("parent"), cleaned.get("ends_on")
    if parent and ends_on and ends_on > parent.ends_on:
        last = date_format(parent.ends_on)
        sentence = (
            f"La convention de partenariat prend fin le {last} : la "
            "convention d’application ne peut pas durer plus (art. 13)."
        )
        form.add_error("ends_on", sentence)
    return cleaned


def service_field(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[("", "inchangé"), ("True", "O"), ("False", "N")],
        required=False,
        coerce=lambda value: value == "True",
        empty_value=None,
    )


class AmendmentForm(AdminActionForm):
    """Record the regional director's written notice (art. 5.2)."""

    privacy_notice = PrivacyNotice.CONVENTION

    reference = forms.CharField(
        label="Référence de la notification écrite", max_length=60
    )
    noticed_on = day_field("Notification du directeur régional le", None)
    effective_on = day_field(
        "Prend effet le",
        help_text="Au plus tôt aujourd’hui : les droits des jours passés restent ce "
        "qu’ils étaient.",
    )
    consultation = service_field("Consultation des offres")
    referrals = service_field("Délégation de la mise en relation")
    quota = forms.IntegerField(
        label="Comptes utilisateurs actifs",
        required=False,
        min_value=0,
        max_value=999,
        help_text="Une hausse attend la confirmation d’une autre personne.",
    )
    ends_on = day_field(
        "Nouvelle fin de la convention",
        None,
        required=False,
        help_text="Plus tard, dans la limite de la convention de partenariat. Une fin "
        "plus proche est une fin anticipée : elle se propose sur la fiche.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(forms.fields_for_model(Amendment, CONTACTS))
        terms = self.instance.terms
        now = {name: getattr(terms, name) for name in TERMS}
        now["ends_on"] = self.instance.ends_on
        for name, value in now.items():
            field = self.fields[name]
            field.help_text = f"Aujourd’hui : {in_words(value)}. {field.help_text}"

    def clean_effective_on(self) -> dt.date:
        effective_on: dt.date = self.cleaned_data["effective_on"]
        if effective_on < timezone.localdate():
            raise ValidationError(
                "Ce jour est passé : un avenant prend effet au plus tôt aujourd’hui."
            )
        return effective_on

    def clean_ends_on(self) -> dt.date | None:
        """Refuse it at its own box; the action looks again at the confirmation."""
        ends_on: dt.date | None = self.cleaned_data["ends_on"]
        if ends_on:
            try:
                actions.check_new_end(ends_on, self.instance)
            except MoveRefused as refusal:
                raise ValidationError(str(refusal)) from refusal
        return ends_on

    def save(self, *, by: User) -> Amendment:
        amendment = Amendment(convention=self.instance, **self.cleaned_data)
        return actions.propose(amendment, by=by)


class SignatoryForm(AdminActionForm):
    """Who signs for France Travail; printed at the letter's foot."""

    signatory = NameFormField(
        label="Signataire de la lettre",
        max_length=120,
        help_text="Prénom, nom et fonction de la personne qui signe pour France "
        "Travail.",
    )


class ConfirmEndForm(SignatoryForm):
    """What the second person reads before an end that is not taken back (S28)."""

    act = actions.confirm_ending
    above = "accounts/agreements/admin/ending_facts.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["signatory"] = self.instance.ft_signatory


def signatory_field(label: str) -> NameFormField:
    help_text = "Prénom, nom et fonction."
    return NameFormField(label=label, max_length=120, help_text=help_text)


class EarlyEndForm(AdminActionForm):
    ends_on = day_field(
        "Dernier jour d’accès",
        None,
        help_text="Les accès se ferment à la fin de ce jour.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say before which day an early end falls."""
        super().__init__(*args, **kwargs)
        last, field = date_format(self.instance.ends_on), self.fields["ends_on"]
        field.help_text = f"Avant la fin actuelle, le {last}. {field.help_text}"


class AgreedEndForm(EarlyEndForm):
    """Record that both parties signed an early end, and its day."""

    privacy_notice = PrivacyNotice.CONVENTION

    structure_signatory = signatory_field("Signataire de la structure")
    signed_by_structure_on = day_field("Signé par la structure le", None)
    ft_signatory = signatory_field("Signataire de France Travail")
    signed_by_ft_on = day_field("Signé par France Travail le", None)
    field_order = (
        "structure_signatory",
        "signed_by_structure_on",
        "ft_signatory",
        "signed_by_ft_on",
        "ends_on",
    )

    def save(self, *, by: User) -> Ending:
        signed = self.cleaned_data
        ending = Ending(
            convention=self.instance,
            origin=EndingOrigin.AGREEMENT,
            told_on=max(signed["signed_by_structure_on"], signed["signed_by_ft_on"]),
            **signed,
        )
        return actions.propose(ending, by=by)


class EndForm(EarlyEndForm):
    """Record which side ends it, why, and when (art. 12)."""

    origin = forms.ChoiceField(
        label="À la demande de",
        # Breach and agreement have forms of their own.
        choices=[
            (origin.value, origin.label)
            for origin in (
                EndingOrigin.STRUCTURE,
                *BY_FRANCE_TRAVAIL,
                EndingOrigin.PARTNERSHIP,
            )
        ],
    )
    motive = NoteFormField(
        place="accounts.ending.motive",
        label="Motif de France Travail",
        required=False,
        help_text=f"{RULE} À remplir si France Travail met fin à la convention : les "
        "besoins du service en cause, ou la décision administrative, son auteur et sa "
        "date. La lettre le reprend.",
    )
    told_on = day_field(
        "Lettre ou décision du",
        help_text="Le mois de l’article 12 court de ce jour, jusqu’au même jour du "
        "mois suivant.",
    )
    at_once = forms.BooleanField(
        label="Fermer les accès dès la confirmation",
        required=False,
        help_text="Sans attendre la fin de ce jour. Le préavis de la structure, lui, "
        "dure toujours un mois.",
    )
    field_order = ("origin", "motive", "told_on", "ends_on", "at_once")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        needs_it = cleaned.get("origin") in BY_FRANCE_TRAVAIL
        if needs_it and not cleaned.get("motive") and "motive" not in self.errors:
            self.add_error(
                "motive",
                "Dites pourquoi France Travail met fin à la convention (art. 12) : la "
                "lettre reprend ce motif.",
            )
        return cleaned

    def save(self, *, by: User) -> Ending:
        ending = Ending(convention=self.instance, **self.cleaned_data)
        return actions.propose(ending, by=by)


class BreachForm(AdminActionForm):
    """Record the reasons for the registered letter (art. 12)."""

    act = actions.open_breach

    reasons = forms.MultipleChoiceField(
        label="Motifs", choices=BreachReason, widget=forms.CheckboxSelectMultiple
    )
    other_obligation = NoteFormField(
        place="accounts.breach.other_obligation",
        label="Autre obligation",
        required=False,
        help_text="Si « Autre obligation » est cochée : laquelle, et le texte qui la "
        "prévoit.",
    )
    facts = NoteFormField(
        place="accounts.breach.facts",
        label="Faits constatés",
        help_text=f"{RULE} Faits datés, vérifiables, qui concernent la structure. "
        "Ils figurent "
        "dans la lettre : aucun nom de candidat, aucune appréciation sur une personne.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        reasons, other = cleaned.get("reasons"), cleaned.get("other_obligation")
        is_other = BreachReason.OTHER in (reasons or [])
        if (
            reasons
            and "other_obligation" not in self.errors
            and is_other != bool(other)
        ):
            self.add_error(
                "other_obligation",
                "Dites quelle autre obligation n’est pas respectée."
                if is_other
                else "Cochez aussi « Autre obligation », ou effacez ce texte.",
            )
        return cleaned
