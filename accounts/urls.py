"""The addresses of accounts: sign-in, one's own account, the RGC's team."""

from django.urls import path

from accounts.views import (
    charter,
    devices,
    first_access,
    login,
    profile,
    reset,
    sessions,
    team,
    team_import,
    team_leave,
    team_review,
)

urlpatterns = [
    path("connexion/", login.login, name="login"),
    path("connexion/code/", login.login_code, name="login_code"),
    path("connexion/facteur/", devices.enrol_factor, name="enrol_factor"),
    path("connexion/confirmer/", devices.step_up, name="step_up"),
    path("deconnexion/", login.logout, name="logout"),
    path("mot-de-passe-oublie/", reset.forgotten, name="password_forgotten"),
    path("mot-de-passe-oublie/envoye/", reset.sent, name="password_reset_sent"),
    path("mot-de-passe-oublie/nouveau/", reset.choose, name="password_reset"),
    path(
        "mot-de-passe-oublie/lien/<str:token>/",
        reset.open_link,
        name="password_reset_link",
    ),
    path("premier-acces/", first_access.first_access, name="first_access"),
    path(
        "premier-acces/mot-de-passe/",
        first_access.first_access_password,
        name="first_access_password",
    ),
    path("charte/", charter.charter, name="charter"),
    path("charte/<slug:version>/", charter.charter_version, name="charter_version"),
    path("profil/", profile.profile, name="profile"),
    path("profil/mot-de-passe/", reset.change, name="password_change"),
    path("profil/sessions/", sessions.sessions, name="sessions"),
    path("profil/sessions/fermer/", sessions.close_others, name="sessions_close"),
    path("profil/sessions/<uuid:pk>/fermer/", sessions.close_one, name="session_close"),
    path("session/", sessions.state, name="session_state"),
    path("session/prolonger/", sessions.extend, name="session_extend"),
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
    path("comptes/<uuid:public_id>/", team.account, name="account"),
    path("comptes/<uuid:public_id>/modifier/", team.account_edit, name="account_edit"),
    path(
        "comptes/<uuid:public_id>/absence/",
        team_leave.account_leave,
        name="account_leave",
    ),
    path(
        "comptes/<uuid:public_id>/absence/lever/",
        team_leave.account_leave_cancel,
        name="account_leave_cancel",
    ),
    path(
        "comptes/<uuid:public_id>/suspendre/",
        team.account_suspend,
        name="account_suspend",
    ),
    path(
        "comptes/<uuid:public_id>/reactiver/",
        team.account_reactivate,
        name="account_reactivate",
    ),
    path(
        "comptes/<uuid:public_id>/premier-acces/",
        team.account_first_access,
        name="account_first_access",
    ),
]
