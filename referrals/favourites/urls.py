from django.urls import path

from referrals.views import favourites

urlpatterns = [
    path("favoris/", favourites.favourites, name="favourites"),
    path("favoris/retirer/", favourites.favourite_remove, name="favourite_remove"),
    path(
        "offres/<reference:reference>/garder/",
        favourites.favourite_keep,
        name="favourite_keep",
    ),
    path(
        "candidats/<uuid:pk>/offres/",
        favourites.candidate_offers,
        name="candidate_offers",
    ),
]
