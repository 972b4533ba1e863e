"""France Travail's pages on structures, conventions, RGC and accounts, by subject."""

from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin.conventions import ConventionAdmin
from accounts.admin.nominations import NominationAdmin
from accounts.admin.structures import AgencyAdmin, StructureAdmin
from accounts.admin.users import UserAdmin

# Rights follow the role (accounts/models/permissions.py): there are no groups.
admin.site.unregister(Group)

__all__ = [
    "AgencyAdmin",
    "ConventionAdmin",
    "NominationAdmin",
    "StructureAdmin",
    "UserAdmin",
]
