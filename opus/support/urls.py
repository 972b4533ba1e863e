from django.urls import URLResolver, include, path

from accounts.signin.access import names_nobody

urlpatterns: list[URLResolver] = [
    path("", include("opus.support.help.urls")),
    path("", include("opus.support.tickets.urls")),
    *names_nobody(
        [
            path("", include("opus.support.news.urls")),
            path("", include("opus.support.surveys.urls")),
        ]
    ),
    path("", include("opus.support.data_rights.urls")),
]
