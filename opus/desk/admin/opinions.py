"""Refused sentences about which somebody asked: read once, answered, gone (V5)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from opus.desk.actions import opinions as actions
from opus.desk.models import OpinionState, SecondOpinion
from opus.desk.models.opinions import REASONS
from opus.lib.audit import Action, record
from opus.lib.staff import Queue, ReadOnlyAdmin, Verb, VerbForm
from opus.lib.wording.places import family_label, place_label

GONE = "effacée"


def choices(state: str) -> list[tuple[str, str]]:
    return [("", "---------"), *((one.value, one.label) for one in REASONS[state])]


class AnswerForm(VerbForm):
    """Why, coded; a subclass says which answer."""

    state: OpinionState

    def save(self, *, by: User) -> None:
        because = self.cleaned_data["because"]
        actions.answer(self.instance, by=by, state=self.state, because=because)


class WrongForm(AnswerForm):
    state = OpinionState.RULE_WRONG
    because = forms.ChoiceField(label="Motif", choices=choices(state))


class RightForm(AnswerForm):
    state = OpinionState.RULE_RIGHT
    because = forms.ChoiceField(label="Motif", choices=choices(state))


def is_waiting(opinion: SecondOpinion, user: User) -> bool:
    return opinion.is_waiting


class WaitingFilter(admin.SimpleListFilter):
    """By what waits."""

    title = "réponse"
    parameter_name = "reponse"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("attendue", "attendue"), *OpinionState.choices[1:]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "attendue":
            return queryset.waiting()
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(SecondOpinion)
class SecondOpinionAdmin(ReadOnlyAdmin):
    """The list holds no sentence; a sheet shows it while it is lent, and the journal
    tells each sight of it. Who asked stands nowhere here: it changes no answer."""

    list_display = (
        "asked_at",
        "told_place",
        "told_families",
        "told_until",
        "told_state",
    )
    list_filter = (WaitingFilter,)
    ordering = ("-asked_at",)
    fieldsets = (
        (None, {"fields": ("told_place", "told_families", "version", "told_state")}),
        ("Phrase", {"fields": ("told_sentence", "told_until")}),
        ("Réponse", {"fields": ("because", "ended_at")}),
    )
    tells_reads = True
    verbs = (
        Verb(
            slug="regle-a-tort",
            label="La règle se trompe",
            question="La phrase est effacée. Retenez le mot ou la tournure à corriger "
            "dans les règles, jamais la phrase.",
            done="La réponse est enregistrée, la phrase est effacée.",
            form=WrongForm,
            is_open=is_waiting,
            action=None,
        ),
        Verb(
            slug="regle-a-raison",
            label="La règle a raison",
            question="La phrase est effacée. Son auteur lit votre motif.",
            done="La réponse est enregistrée, la phrase est effacée.",
            form=RightForm,
            is_open=is_waiting,
            action=None,
        ),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is typed knows no territory: national staff alone."""
        is_national = getattr(request.user, "agency_id", None) is None
        return is_national and super().has_view_permission(request, obj)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and super().may_act(request)

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return queryset if getattr(user, "agency_id", None) is None else queryset.none()

    def title_of(self, instance: SecondOpinion) -> str:
        return str(instance).capitalize()

    def tell_read(self, request: HttpRequest, instance: Any) -> None:
        """Whether the sentence was still there to be read (S38)."""
        record(
            Action.ADMIN_READ,
            by=request.user,
            target=instance,
            details={"lent": instance.is_waiting},
        )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        if not self.has_view_permission(request):
            return
        waiting = SecondOpinion.objects.waiting().count()
        yield Queue(
            rank=37,
            label="Avis demandés sur des textes",
            value=str(waiting),
            url=self.list_url(reponse="attendue"),
            hint="phrases refusées, effacées après 72 heures",
            is_waiting=waiting > 0,
        )

    @admin.display(description="champ", ordering="place")
    def told_place(self, opinion: SecondOpinion) -> str:
        return place_label(opinion.place)

    @admin.display(description="sujets")
    def told_families(self, opinion: SecondOpinion) -> str:
        return ", ".join(family_label(family) for family in opinion.families)

    @admin.display(description="état")
    def told_state(self, opinion: SecondOpinion) -> str:
        return opinion.standing

    @admin.display(description="phrase gardée jusqu’au", empty_value="effacée")
    def told_until(self, opinion: SecondOpinion) -> dt.datetime | None:
        return opinion.until if opinion.is_waiting else None

    @admin.display(description="phrase")
    def told_sentence(self, opinion: SecondOpinion) -> str:
        return opinion.sentence or GONE
