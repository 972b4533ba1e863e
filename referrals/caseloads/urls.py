"""The RGC's pages that must know the acts; the others are in accounts."""

from django.urls import path

from referrals.views import handover

urlpatterns = [
    path(
        "comptes/<uuid:public_id>/fermer/",
        handover.account_close,
        name="account_close",
    ),
    path(
        "comptes/<uuid:public_id>/confier/",
        handover.account_hand_over,
        name="account_hand_over",
    ),
    path(
        "comptes/<uuid:public_id>/confier/annuler/",
        handover.account_hand_over_stop,
        name="account_hand_over_stop",
    ),
    path(
        "confier/lien/<str:token>/",
        handover.caseload_transfer,
        name="caseload_transfer",
    ),
    path(
        "comptes/<uuid:public_id>/confier/un-temps/",
        handover.account_confide,
        name="account_confide",
    ),
    path(
        "comptes/<uuid:public_id>/confier/<uuid:pk>/reprendre/",
        handover.account_take_back,
        name="account_take_back",
    ),
    path("candidats/confier/", handover.caseload_confide, name="caseload_confide"),
    path(
        "candidats/confier/<uuid:pk>/reprendre/",
        handover.caseload_take_back,
        name="caseload_take_back",
    ),
]
