from django.urls import include, path

urlpatterns = [
    path("", include("accounts.signin.urls")),
    path("", include("accounts.security.urls")),
    path("", include("accounts.exports.urls")),
    path("", include("accounts.team.urls")),
    path("", include("accounts.meetings.urls")),
]
