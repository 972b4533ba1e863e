from django.urls import path

from referrals.views import candidates, favourites

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
        candidates.candidate_offers,
        name="candidate_offers",
    ),
]
