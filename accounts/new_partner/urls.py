"""Addresses of the path, among those of the admin (``opus/admin_site.py``)."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from accounts.new_partner import views

# Each is wrapped by the site's own check of staff and second factor.
PAGES = (
    ("nouveau-partenaire/", views.begin, "new_partner"),
    ("nouveau-partenaire/<int:pk>/", views.resume, "new_partner_resume"),
    ("nouveau-partenaire/<int:pk>/<slug:slug>/", views.resume, "new_partner_step"),
)


def urls_of(site: AdminSite) -> list[URLPattern]:
    return [
        path(route, site.admin_view(view), name=name) for route, view, name in PAGES
    ]
