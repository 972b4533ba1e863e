"""The addresses of the RGC's alerts."""

from django.urls import path

from accounts.views import alerts

urlpatterns = [
    path("comptes/alertes/", alerts.alerts, name="alerts"),
    path("comptes/alertes/<uuid:pk>/", alerts.alert, name="alert"),
]
