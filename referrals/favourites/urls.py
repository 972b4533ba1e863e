from django.urls import path

from referrals.favourites import views

urlpatterns = [
    path("favoris/", views.favourites, name="favourites"),
    path("favoris/retirer/", views.favourite_remove, name="favourite_remove"),
    path(
        "offres/<reference:reference>/garder/",
        views.favourite_keep,
        name="favourite_keep",
    ),
    path(
        "candidats/<uuid:pk>/offres/", views.candidate_offers, name="candidate_offers"
    ),
]
