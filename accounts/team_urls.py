"""The addresses of what the RGC does to accounts."""

from django.urls import include, path

from accounts.views import lost_factor, team, team_import, team_leave, team_review

account = [
    path("", team.account, name="account"),
    path("modifier/", team.account_edit, name="account_edit"),
    path("absence/", team_leave.account_leave, name="account_leave"),
    path(
        "absence/lever/", team_leave.account_leave_cancel, name="account_leave_cancel"
    ),
    path("suspendre/", team.account_suspend, name="account_suspend"),
    path("reactiver/", team.account_reactivate, name="account_reactivate"),
    path("premier-acces/", team.account_first_access, name="account_first_access"),
    path("second-facteur/", lost_factor.lost_factor, name="lost_factor"),
    path(
        "second-facteur/fiche/", lost_factor.lost_factor_slip, name="lost_factor_slip"
    ),
    path(
        "second-facteur/annuler/", lost_factor.lost_factor_stop, name="lost_factor_stop"
    ),
]

urlpatterns = [
    path("comptes/", team.accounts, name="accounts"),
    path("comptes/nouveau/", team.account_add, name="account_add"),
    path("comptes/importer/", team_import.account_import, name="account_import"),
    path(
        "comptes/importer/modele.csv",
        team_import.account_import_model,
        name="account_import_model",
    ),
    path("comptes/confirmation/", team_review.team_review, name="team_review"),
    path("comptes/historique/", team.accounts_history, name="accounts_history"),
    path("comptes/<uuid:public_id>/", include(account)),
]
