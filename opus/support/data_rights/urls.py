from django.urls import path

from opus.support.data_rights import views

urlpatterns = [
    path("donnees-personnelles/demandes/", views.own_requests, name="own_rights")
]
