from typing import cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.security import personal_data_quotas
from accounts.signin.access import step_up
from accounts.structures.models import AgencyKind
from accounts.users.enums import Role
from accounts.users.models import User
from referrals.candidates.access_log import PersonSeen, as_csv, persons_seen
from referrals.candidates.forms import PersonsSeenForm
from referrals.corrections.admin import RECTIFY
from referrals.direct.models import Referral
from referrals.follow_up.admin import PRINT_AGAIN, RECORD_OUTCOME, ActAdmin

DISPOSITION = 'attachment; filename="personnes-vues.csv"'
NOT_REGIONAL = (
    "La liste des personnes vues par un compte est réservée aux administrateurs d’une "
    "direction régionale ou de la direction générale (RGPD, art. 33)."
)


def is_regional(user: User) -> bool:
    """Return whether the user handles breaches: regional or national."""
    if user.role != Role.FT_ADMIN:
        return False
    return user.agency is None or user.agency.kind in {
        AgencyKind.REGION,
        AgencyKind.NATIONAL,
    }


@admin.register(Referral)
class ReferralAdmin(ActAdmin):
    list_display = (*ActAdmin.list_display, "outcome")
    list_select_related = (*ActAdmin.list_select_related, "outcome__code")
    admin_actions = (RECORD_OUTCOME, PRINT_AGAIN, RECTIFY)
    fieldsets = (
        *ActAdmin.fieldsets[:-1],
        ("Suivi", {"fields": ("timeline", "outcomes", "documents")}),
    )

    def get_urls(self) -> list[URLPattern]:
        seen = path(
            "personnes-vues/",
            self.admin_site.admin_view(step_up(self.persons_seen_view)),
            name="persons_seen",
        )
        return [seen, *super().get_urls()]

    def persons_seen_view(self, request: HttpRequest) -> HttpResponse:
        """Count the persons seen, then export them, logged (V24, S25)."""
        user = cast(User, request.user)
        if not is_regional(user):
            raise PermissionDenied(NOT_REGIONAL)
        data = request.POST if request.method == "POST" else None
        initial = {name: request.GET.get(name, "") for name in ("compte", "du", "au")}
        form = PersonsSeenForm(data, by=user, initial=initial)
        persons: list[PersonSeen] = []
        if form.is_valid():
            answers = form.cleaned_data
            persons = persons_seen(
                answers["compte"], since=answers["du"], until=answers["au"]
            )
            if "download" in request.POST:
                days = {name: answers[name].isoformat() for name in ("du", "au")}
                personal_data_quotas.export(
                    user,
                    "persons_seen",
                    {person.pk for person in persons},
                    target=answers["compte"],
                    reason=answers["motif"],
                    **{"from": days["du"], "to": days["au"]},
                )
                return HttpResponse(
                    as_csv(persons),
                    content_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": DISPOSITION},
                )
        context = {
            **self.admin_site.each_context(request),
            "title": "Personnes vues par un compte",
            "opts": self.opts,
            "form": form,
            "persons": persons,
            "is_counted": form.is_bound and form.is_valid(),
        }
        return TemplateResponse(request, "admin/persons_seen.html", context)
