from django.urls import URLResolver, include, path

urlpatterns: list[URLResolver] = [
    path("", include("opus.support.help.urls")),
    path("", include("opus.support.tickets.urls")),
    path("", include("opus.support.news.urls")),
    path("", include("opus.support.surveys.urls")),
    path("", include("opus.support.data_rights.urls")),
]
