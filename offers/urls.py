from django.urls import path, register_converter

from offers.feed import endpoint
from offers.views import exports, offers, search


class ReferenceConverter:
    """An offer's number, as ``payload`` accepts it."""

    regex = "[0-9A-Za-z][0-9A-Za-z_-]{0,19}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "reference")

urlpatterns = [
    # A machine's address: without the slash of pages.
    path("api/offres/evenements", endpoint.events, name="feed_events"),
    path("offres/", search.offers, name="offers"),
    path("offres/lieux/", search.places, name="places"),
    path("offres/metiers/", search.trades, name="trades"),
    path("offres/competences/", search.skills, name="skills"),
    path("offres/secteurs/", search.sectors, name="sectors"),
    path("offres/numero/", search.offer_number, name="offer_number"),
    path("offres/exporter/", exports.search_export, name="search_export"),
    path("offres/recentes/", offers.seen_offers, name="seen_offers"),
    path("offres/<reference:reference>/", offers.offer, name="offer"),
    path("offres/<reference:reference>/fiche/", offers.offer_sheet, name="offer_sheet"),
    path(
        "offres/<reference:reference>/fiche.pdf",
        offers.offer_sheet_pdf,
        name="offer_sheet_pdf",
    ),
    path(
        "offres/<reference:reference>/fiche/etat/",
        offers.offer_sheet_progress,
        name="offer_sheet_progress",
    ),
    path(
        "offres/<reference:reference>/fiche/relancer/",
        offers.offer_sheet_again,
        name="offer_sheet_again",
    ),
]
