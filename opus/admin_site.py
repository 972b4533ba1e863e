"""The admin site of France Travail: staff with a verified second factor (S27)."""

from django.contrib import admin
from django.http import HttpRequest


class OpusAdminSite(admin.AdminSite):
    site_header = "Opus, administration"
    site_title = "Opus"
    index_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_active and user.is_staff and user.is_verified())
