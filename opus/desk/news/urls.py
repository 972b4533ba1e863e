from django.urls import path

from opus.desk.views import news

urlpatterns = [
    path("actualites/", news.announcements, name="announcements"),
    path("actualites/<uuid:pk>/", news.announcement, name="announcement"),
]
