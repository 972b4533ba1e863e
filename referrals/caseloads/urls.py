from django.urls import path

from referrals.caseloads import views

# The name of each page is its view's.
urlpatterns = [
    path(route, view, name=view.__name__)
    for route, view in (
        ("comptes/<uuid:public_id>/fermer/", views.account_close),
        ("comptes/<uuid:public_id>/confier/", views.account_hand_over),
        ("comptes/<uuid:public_id>/confier/annuler/", views.account_hand_over_stop),
        ("confier/lien/<str:token>/", views.caseload_transfer),
        ("comptes/<uuid:public_id>/confier/un-temps/", views.account_confide),
        (
            "comptes/<uuid:public_id>/confier/<uuid:pk>/reprendre/",
            views.account_take_back,
        ),
        ("candidats/confier/", views.caseload_confide),
        ("candidats/confier/<uuid:pk>/reprendre/", views.caseload_take_back),
    )
]
