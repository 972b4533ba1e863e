from django.urls import path

from offers.search import views

urlpatterns = [
    path("offres/", views.offers, name="offers"),
    path("offres/carte/", views.offers_map, name="offers_map"),
    path("offres/lieux/", views.proposals, {"box": "ou"}, name="places"),
    path("offres/metiers/", views.proposals, {"box": "q"}, name="trades"),
    path("offres/competences/", views.proposals, {"box": "savoir"}, name="skills"),
    path("offres/secteurs/", views.proposals, {"box": "activite"}, name="sectors"),
    path("offres/numero/", views.offer_number, name="offer_number"),
    path("offres/filtres/", views.search_filters, name="search_filters"),
    path("offres/exporter/", views.search_export, name="search_export"),
]
