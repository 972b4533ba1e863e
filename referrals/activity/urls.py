from django.urls import path

from referrals.activity import views

urlpatterns = [
    path("suivi/", views.activity, name="activity"),
    path("suivi/exporter/", views.activity_export, name="activity_export"),
    path("suivi/dossier/", views.activity_pack, name="activity_pack"),
]
