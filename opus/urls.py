"""The site's addresses; a test visits each one by role."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from opus.views import csp_reports, demo_emails, errors, home, public_pages

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("etat-du-service/", public_pages.status, name="status"),
    path("accessibilite/", public_pages.accessibility, name="accessibility"),
    path("mentions-legales/", public_pages.legal, name="legal"),
    path("donnees-personnelles/", public_pages.privacy, name="privacy"),
    path(".well-known/security.txt", public_pages.security_txt, name="security_txt"),
    path(".well-known/change-password", public_pages.change_password),
    path(".well-known/passkey-endpoints", public_pages.passkey_endpoints),
    path("demo/courriels/", demo_emails.mails, name="demo_mails"),
    path("csp/", csp_reports.csp_report, name="csp_report"),
    path("", include("opus.operations.monitoring.urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("offers.urls")),
    path("", include("referrals.urls")),
    path("", include("opus.support.urls")),
]
