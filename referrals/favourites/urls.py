from django.urls import path

from referrals.favourites import views

# The name of each page is its view's.
urlpatterns = [
    path(route, view, name=view.__name__)
    for route, view in (
        ("favoris/", views.favourites),
        ("favoris/retirer/", views.favourite_remove),
        ("offres/<reference:reference>/garder/", views.favourite_keep),
        ("candidats/<uuid:pk>/offres/", views.candidate_offers),
    )
]
