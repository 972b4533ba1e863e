"""The addresses of support, by subject."""

from django.urls import URLResolver, include, path

urlpatterns: list[URLResolver] = [
    path("", include("opus.desk.help.urls")),
    path("", include("opus.desk.tickets.urls")),
    path("", include("opus.desk.news.urls")),
    path("", include("opus.desk.surveys.urls")),
    path("", include("opus.desk.rights.urls")),
]
