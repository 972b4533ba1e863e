"""Which conventions a list or a tile of the desk shows: they wait for somebody."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Convention, Nomination

ENDING_DAYS = 90


def ending_soon(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Those in force that end within 90 days."""
    last = timezone.localdate() + dt.timedelta(days=ENDING_DAYS)
    in_force = Convention.objects.in_force().filter(ends_on__lte=last)
    return conventions.filter(pk__in=in_force.values("pk"))


def without_rgc(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Those in force whose post of RGC is vacant (art. 4.3)."""
    in_office = Nomination.objects.in_office().filter(convention=OuterRef("pk"))
    in_force = Convention.objects.in_force()
    return conventions.filter(~Exists(in_office), pk__in=in_force.values("pk"))


def never_held(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Those in force that never had an RGC in office: no departure starts a clock."""
    held = Nomination.objects.filter(convention=OuterRef("pk"), office_on__isnull=False)
    return without_rgc(conventions).filter(~Exists(held))


class EndingFilter(admin.SimpleListFilter):
    title = "fin"
    parameter_name = "fin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("proche", f"dans les {ENDING_DAYS} jours"),
            ("passee", "dépassée"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "proche":
                return ending_soon(queryset)
            case "passee":
                past = Convention.objects.past_their_end()
                return queryset.filter(pk__in=past.values("pk"))
        return queryset


class RgcFilter(admin.SimpleListFilter):
    title = "poste de RGC"
    parameter_name = "rgc"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("vacant", "vacant"), ("jamais", "jamais pourvu")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "vacant":
                return without_rgc(queryset)
            case "jamais":
                return never_held(queryset)
        return queryset


class ReviewFilter(admin.SimpleListFilter):
    """By the meetings of article 11."""

    title = "réunion de suivi"
    parameter_name = "suivi"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        months = settings.MEETING_EVERY_MONTHS
        return [("aucune", f"aucune depuis {months} mois")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "aucune":
            due = Convention.objects.without_review()
            return queryset.filter(pk__in=due.values("pk"))
        return queryset
