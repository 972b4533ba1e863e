"""The admin site of France Travail, in the place of Django's."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "opus.admin_site.OpusAdminSite"
