"""URLs of saved searches; no person's name in any (V17)."""

from django.urls import path

from referrals.saved_searches import views

# The name of each page is its view's.
urlpatterns = [
    path(route, view, name=view.__name__)
    for route, view in (
        ("recherches/", views.saved_searches),
        ("recherches/ajouter/", views.saved_search_add),
        ("recherches/e-mails/arreter/", views.alerts_stop),
        ("recherches/arret/<str:token>/", views.saved_search_stop),
        ("recherches/<uuid:pk>/", views.saved_search),
        ("recherches/<uuid:pk>/modifier/", views.saved_search_edit),
        ("recherches/<uuid:pk>/supprimer/", views.saved_search_delete),
        ("veilles/nouvelle/", views.saved_search_for),
    )
]
