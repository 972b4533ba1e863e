"""Announcements: written, published, withdrawn (art. 6, R17)."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.users.models import User
from opus.lib.audit.journal import Action
from opus.lib.model_admin.forms import AdminAction, confirming
from opus.lib.model_admin.staff_admin import StaffAdmin, is_national
from opus.support.news import actions
from opus.support.news.models import (
    Announcement,
    AnnouncementKind,
    AnnouncementState,
    Audience,
)

WRITTEN = (
    *("kind", "title", "text", "goes_live_on", "note", "guide", "audience", "region"),
)
# The fields of a territorial administrator: the audience is his own territory.
OF_A_TERRITORY = ("title", "text")


def speaks_for(announcement: Announcement, user: User) -> bool:
    """Return whether the announcement has the user's own audience."""
    agency = None if user.is_national else user.agency_id
    return announcement.territory_id == agency


def may_become(target: AnnouncementState) -> Callable[[Any, Any], bool]:
    return lambda one, user: speaks_for(one, user) and one.can_move_to(target)


@admin.register(Announcement)
class AnnouncementAdmin(StaffAdmin):
    """Drafts are edited here; a published text is final."""

    list_display = ("title", "kind", "state", "published_on", "goes_live_on")
    list_filter = ("state", "kind")
    search_fields = ("title",)
    search_help_text = "Titre."
    admin_actions = (
        AdminAction(
            slug="publier",
            label="Publier",
            question="L’actualité paraît tout de suite sur la page d’accueil de ses "
            "destinataires. Ensuite, elle ne change plus. Pour une évolution, leurs "
            "RGC reçoivent un courriel.",
            done="L’actualité est publiée.",
            form=confirming(actions.publish),
            is_open=may_become(AnnouncementState.PUBLISHED),
            action=Action.ANNOUNCEMENT_CHANGED,
            why_not=lambda announcement, user: announcement.why_unpublishable(),
        ),
        AdminAction(
            slug="retirer",
            label="Retirer",
            question="L’actualité n’est plus montrée à personne, et ne reparaîtra pas. "
            "Les RGC qui ont reçu l’annonce d’une évolution encore à venir en sont "
            "prévenus par un second courriel.",
            done="L’actualité est retirée.",
            form=confirming(actions.withdraw),
            is_open=may_become(AnnouncementState.WITHDRAWN),
            action=Action.ANNOUNCEMENT_CHANGED,
            is_grave=True,
        ),
    )

    def formfield_for_choice_field(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer a territory to its own administrators only."""
        if db_field.name == "audience":
            others = set(Audience) - {Audience.TERRITORY}
            kwargs["choices"] = [one for one in Audience.choices if one[0] in others]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj:
            return (*WRITTEN, "territory", "timeline")
        return WRITTEN if is_national(request) else OF_A_TERRITORY

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        shown = ("territory", "timeline")
        if not obj.is_draft:
            return (*WRITTEN, *shown)
        if is_national(request):
            return shown
        return (*(name for name in WRITTEN if name not in OF_A_TERRITORY), *shown)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or speaks_for(obj, request.user))  # type: ignore[arg-type]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """National staff choose the audience; others write to their territory."""
        if not change and not request.user.is_national:
            obj.kind, obj.audience = AnnouncementKind.INFORMATION, Audience.TERRITORY
            obj.territory = request.user.agency
        super().save_model(request, obj, form, change)
