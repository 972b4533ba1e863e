"""Base admin classes by read and write permission."""

from typing import Any

from django.http import HttpRequest

from opus.lib.model_admin.staff_admin import StaffAdmin


def is_national(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_national", False))


class NationalAdmin(StaffAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_national(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_national(request) and super().has_change_permission(request, obj)

    def may_act(self, request: HttpRequest) -> bool:
        return is_national(request) and super().may_act(request)


class ReadOnlyAdmin(StaffAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_add_permission


class NationalViewAdmin(StaffAdmin):
    """Rows without a territory: only national staff read them."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_national(request) and super().has_view_permission(request, obj)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and super().may_act(request)


class NationalReadAdmin(NationalViewAdmin, ReadOnlyAdmin):
    pass
