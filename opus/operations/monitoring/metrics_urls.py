"""All that the address of the figures serves."""

from django.urls import path

from opus.operations.monitoring import views

urlpatterns = [path("metriques/", views.metrics, name="metrics")]
