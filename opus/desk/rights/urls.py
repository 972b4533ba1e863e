from django.urls import path

from opus.desk.views import rights

urlpatterns = [
    path("donnees-personnelles/demandes/", rights.own_requests, name="own_rights"),
]
