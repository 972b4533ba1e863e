"""The addresses of the desk: help, contact, news, status."""

from django.urls import URLPattern, path

from opus.desk.views import news, surveys

urlpatterns: list[URLPattern] = [
    path("actualites/", news.announcements, name="announcements"),
    path("actualites/<uuid:pk>/", news.announcement, name="announcement"),
    path("enquete/", surveys.survey, name="survey"),
    path("enquete/refuser/", surveys.set_aside, name="survey_set_aside"),
]
