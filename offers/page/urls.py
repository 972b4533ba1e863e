from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from offers.page import views


class ReferenceConverter(StringConverter):
    """An offer's number, as ``payload`` accepts it."""

    regex = "[0-9A-Za-z][0-9A-Za-z_-]{0,19}"


register_converter(ReferenceConverter, "reference")

PAGE = {"template": "information.html"}
PART = {"template": "parts/information_pdf.html"}
document = [
    path("fiche/", views.offer_document, PAGE, name="offer_document"),
    path("fiche.pdf", views.offer_document_pdf, name="offer_document_pdf"),
    path("fiche/etat/", views.offer_document, PART, name="offer_document_progress"),
    path("fiche/relancer/", views.offer_document_again, name="offer_document_again"),
]
urlpatterns = [
    path("offres/recentes/", views.seen_offers, name="seen_offers"),
    path("offres/<reference:reference>/", views.offer, name="offer"),
    path("offres/<reference:reference>/apercu/", views.offer_preview, name="preview"),
    path("offres/<reference:reference>/", include(document)),
]
