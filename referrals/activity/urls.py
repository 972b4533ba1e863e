from django.urls import path

from referrals.views import activity

urlpatterns = [
    path("suivi/", activity.activity, name="activity"),
    path("suivi/exporter/", activity.activity_export, name="activity_export"),
    path("suivi/dossier/", activity.activity_pack, name="activity_pack"),
]
