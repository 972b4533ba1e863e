from django.urls import path

from referrals.caseloads import views

urlpatterns = [
    path("comptes/<uuid:public_id>/fermer/", views.account_close, name="account_close"),
    path(
        "comptes/<uuid:public_id>/confier/",
        views.account_hand_over,
        name="account_hand_over",
    ),
    path(
        "comptes/<uuid:public_id>/confier/annuler/",
        views.account_hand_over_stop,
        name="account_hand_over_stop",
    ),
    path(
        "confier/lien/<str:token>/", views.caseload_transfer, name="caseload_transfer"
    ),
    path(
        "comptes/<uuid:public_id>/confier/un-temps/",
        views.account_confide,
        name="account_confide",
    ),
    path(
        "comptes/<uuid:public_id>/confier/<uuid:pk>/reprendre/",
        views.account_take_back,
        name="account_take_back",
    ),
    path("candidats/confier/", views.caseload_confide, name="caseload_confide"),
    path(
        "candidats/confier/<uuid:pk>/reprendre/",
        views.caseload_take_back,
        name="caseload_take_back",
    ),
]
