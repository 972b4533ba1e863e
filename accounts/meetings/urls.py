from django.urls import path

from accounts.meetings import views

urlpatterns = [
    path("suivi/reunions/", views.meetings, name="meetings"),
    path("suivi/reunions/<uuid:pk>/", views.meeting, name="meeting"),
    path(
        "suivi/reunions/<uuid:pk>/reponse/", views.meeting_reply, name="meeting_reply"
    ),
    path(
        "suivi/reunions/<uuid:pk>/compte-rendu.pdf",
        views.meeting_file,
        name="meeting_file",
    ),
]
