"""The addresses of the desk: help, contact, news, status."""

from django.urls import URLPattern, path

from opus.desk.views import rights

urlpatterns: list[URLPattern] = [
    path("donnees-personnelles/demandes/", rights.own_requests, name="own_rights"),
]
