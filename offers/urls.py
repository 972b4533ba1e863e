"""The addresses of offers: what a person reads is in French."""

from django.urls import path, register_converter

from offers import export_page, views
from offers.feed import endpoint
from offers.saved import pages as saved


class ReferenceConverter:
    """An offer's number, as the feed's reader accepts it."""

    regex = "[0-9A-Za-z][0-9A-Za-z_-]{0,19}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "reference")

urlpatterns = [
    # A machine's address: without the slash of pages.
    path("api/offres/evenements", endpoint.events, name="feed_events"),
    path("offres/", views.offers, name="offers"),
    path("offres/lieux/", views.places, name="places"),
    path("offres/metiers/", views.trades, name="trades"),
    path("offres/competences/", views.skills, name="skills"),
    path("offres/secteurs/", views.sectors, name="sectors"),
    path("offres/numero/", views.offer_number, name="offer_number"),
    path("offres/exporter/", export_page.search_export, name="search_export"),
    path("offres/recentes/", views.seen_offers, name="seen_offers"),
    path("offres/<reference:reference>/", views.offer, name="offer"),
    path("offres/<reference:reference>/fiche/", views.offer_sheet, name="offer_sheet"),
    path(
        "offres/<reference:reference>/fiche.pdf",
        views.offer_sheet_pdf,
        name="offer_sheet_pdf",
    ),
    path(
        "offres/<reference:reference>/fiche/etat/",
        views.offer_sheet_progress,
        name="offer_sheet_progress",
    ),
    path(
        "offres/<reference:reference>/fiche/relancer/",
        views.offer_sheet_again,
        name="offer_sheet_again",
    ),
    path("recherches/", saved.saved_searches, name="saved_searches"),
    path("recherches/ajouter/", saved.saved_search_add, name="saved_search_add"),
    path("recherches/e-mails/arreter/", saved.alerts_stop, name="alerts_stop"),
    path("recherches/arret/<str:token>/", saved.alert_stop, name="saved_search_stop"),
    path("recherches/<uuid:pk>/", saved.saved_search, name="saved_search"),
    path(
        "recherches/<uuid:pk>/modifier/",
        saved.saved_search_edit,
        name="saved_search_edit",
    ),
    path(
        "recherches/<uuid:pk>/supprimer/",
        saved.saved_search_delete,
        name="saved_search_delete",
    ),
]
