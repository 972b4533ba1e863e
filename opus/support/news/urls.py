from django.urls import path

from opus.support.news import views

urlpatterns = [
    path("actualites/", views.announcements, name="announcements"),
    path("actualites/<uuid:pk>/", views.announcement, name="announcement"),
]
