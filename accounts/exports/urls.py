from django.urls import path

from accounts.exports import views

urlpatterns = [
    path("exports/", views.exports, name="exports"),
    path("exports/liste/", views.exports_list, name="exports_list"),
    path("exports/<uuid:pk>/fichier/", views.export_file, name="export_file"),
    path("exports/<uuid:pk>/annuler/", views.export_cancel, name="export_cancel"),
]
