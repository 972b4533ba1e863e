from django.urls import path

from offers.search import views

urlpatterns = [
    path("offres/", views.offers, name="offers"),
    path("offres/carte/", views.offers_map, name="offers_map"),
    path("offres/lieux/", views.places, name="places"),
    path("offres/metiers/", views.trades, name="trades"),
    path("offres/competences/", views.skills, name="skills"),
    path("offres/secteurs/", views.sectors, name="sectors"),
    path("offres/numero/", views.offer_number, name="offer_number"),
    path("offres/filtres/", views.search_filters, name="search_filters"),
    path("offres/exporter/", views.search_export, name="search_export"),
]
