from django.urls import path

from accounts.security import views

urlpatterns = [
    path("comptes/alertes/", views.alerts, name="alerts"),
    path("comptes/alertes/<uuid:pk>/", views.alert, name="alert"),
]
