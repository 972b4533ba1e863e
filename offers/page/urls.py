from django.urls import path, register_converter

from offers.page import views


class ReferenceConverter:
    """An offer's number, as ``payload`` accepts it."""

    regex = "[0-9A-Za-z][0-9A-Za-z_-]{0,19}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "reference")

urlpatterns = [
    path("offres/recentes/", views.seen_offers, name="seen_offers"),
    path("offres/<reference:reference>/", views.offer, name="offer"),
    path(
        "offres/<reference:reference>/fiche/",
        views.offer_document,
        name="offer_document",
    ),
    path(
        "offres/<reference:reference>/fiche.pdf",
        views.offer_document_pdf,
        name="offer_document_pdf",
    ),
    path(
        "offres/<reference:reference>/fiche/etat/",
        views.offer_document_progress,
        name="offer_document_progress",
    ),
    path(
        "offres/<reference:reference>/fiche/relancer/",
        views.offer_document_again,
        name="offer_document_again",
    ),
]
