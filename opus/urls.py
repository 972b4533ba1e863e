"""Every address; a test walks them all by role."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from opus.views import demo, errors, home, public, reports

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("etat-du-service/", public.status, name="status"),
    path("accessibilite/", public.accessibility, name="accessibility"),
    path("mentions-legales/", public.legal, name="legal"),
    path("donnees-personnelles/", public.privacy, name="privacy"),
    path(".well-known/security.txt", public.security_txt, name="security_txt"),
    path("demo/courriels/", demo.mails, name="demo_mails"),
    path("csp/", reports.csp_report, name="csp_report"),
    path("", include("opus.operations.urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("offers.urls")),
    path("", include("referrals.urls")),
    path("", include("opus.desk.urls")),
]
