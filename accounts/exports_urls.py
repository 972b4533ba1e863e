"""The addresses of the files that somebody asked for."""

from django.urls import path

from accounts.views import exports

urlpatterns = [
    path("exports/", exports.exports, name="exports"),
    path("exports/liste/", exports.exports_list, name="exports_list"),
    path("exports/<uuid:pk>/fichier/", exports.export_file, name="export_file"),
    path("exports/<uuid:pk>/annuler/", exports.export_cancel, name="export_cancel"),
]
