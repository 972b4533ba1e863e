"""Announcements: written, published, withdrawn (art. 6, R17)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from opus.desk import news
from opus.desk.models import Announcement, AnnouncementState
from opus.lib.audit import Action
from opus.lib.staff import StaffAdmin, Verb, VerbForm, leads_to

WRITTEN = (
    "kind",
    "title",
    "text",
    "goes_live_on",
    "note",
    "guide",
    "audience",
    "region",
)


class PublishForm(VerbForm):
    def save(self, *, by: User) -> None:
        news.publish(self.instance, by=by)


class WithdrawForm(VerbForm):
    def save(self, *, by: User) -> None:
        self.instance.withdraw(by=by)


@admin.register(Announcement)
class AnnouncementAdmin(StaffAdmin):
    """A draft is written here; what is published stays as people read it."""

    list_display = ("title", "kind", "state", "published_on", "goes_live_on")
    list_filter = ("state", "kind")
    search_fields = ("title",)
    search_help_text = "Titre."
    verbs = (
        Verb(
            slug="publier",
            label="Publier",
            question="L’actualité paraît tout de suite sur la page d’accueil de ses "
            "destinataires. Ensuite, elle ne change plus. Pour une évolution, leurs "
            "RGC reçoivent un courriel.",
            done="L’actualité est publiée.",
            form=PublishForm,
            is_open=leads_to(AnnouncementState.PUBLISHED),
            action=Action.ANNOUNCEMENT_CHANGED,
            why_not=lambda announcement, user: announcement.why_unpublishable(),
        ),
        Verb(
            slug="retirer",
            label="Retirer",
            question="L’actualité n’est plus montrée à personne, et ne reparaîtra pas.",
            done="L’actualité est retirée.",
            form=WithdrawForm,
            is_open=leads_to(AnnouncementState.WITHDRAWN),
            action=Action.ANNOUNCEMENT_CHANGED,
            is_grave=True,
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*WRITTEN, "timeline") if obj else WRITTEN

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("timeline",) if obj.is_draft else (*WRITTEN, "timeline")
