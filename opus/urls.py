"""The site's addresses; a test visits each one by role."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from opus import views
from opus.operations import views as probes

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("etat-du-service/", views.status, name="status"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("mentions-legales/", views.legal, name="legal"),
    path("donnees-personnelles/", views.privacy, name="privacy"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path(".well-known/change-password", views.change_password),
    path(".well-known/passkey-endpoints", views.passkey_endpoints),
    path("demo/courriels/", views.mails, name="demo_mails"),
    path("csp/", views.csp_report, name="csp_report"),
    path("livez", probes.livez, name="livez"),
    path("readyz", probes.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("offers.urls")),
    path("", include("referrals.urls")),
    path("", include("opus.support.urls")),
]
