"""URLs of saved searches; no person's name in any (V17)."""

from django.urls import path

from referrals.saved_searches import views

urlpatterns = [
    path("recherches/", views.saved_searches, name="saved_searches"),
    path("recherches/ajouter/", views.saved_search_add, name="saved_search_add"),
    path("recherches/e-mails/arreter/", views.alerts_stop, name="alerts_stop"),
    path(
        "recherches/arret/<str:token>/",
        views.saved_search_stop,
        name="saved_search_stop",
    ),
    path("recherches/<uuid:pk>/", views.saved_search, name="saved_search"),
    path(
        "recherches/<uuid:pk>/modifier/",
        views.saved_search_edit,
        name="saved_search_edit",
    ),
    path(
        "recherches/<uuid:pk>/supprimer/",
        views.saved_search_delete,
        name="saved_search_delete",
    ),
    path("veilles/nouvelle/", views.saved_search_for, name="saved_search_for"),
]
