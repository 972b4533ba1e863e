from django.urls import path

from offers.views import search

urlpatterns = [
    path("offres/", search.offers, name="offers"),
    path("offres/lieux/", search.places, name="places"),
    path("offres/metiers/", search.trades, name="trades"),
    path("offres/competences/", search.skills, name="skills"),
    path("offres/secteurs/", search.sectors, name="sectors"),
    path("offres/numero/", search.offer_number, name="offer_number"),
    path("offres/exporter/", search.search_export, name="search_export"),
]
