"""The addresses of accounts, by subject."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.signin_urls")),
    path("", include("accounts.security_urls")),
    path("", include("accounts.exports_urls")),
    path("", include("accounts.team_urls")),
    path("", include("accounts.meetings.urls")),
]
