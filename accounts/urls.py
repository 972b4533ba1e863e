"""The addresses of accounts: sign-in, one's own account, the RGC's team."""

from django.urls import path

from accounts.views import (
    charter,
    devices,
    first_access,
    login,
    lost_factor,
    passkeys,
    profile,
    reset,
    sessions,
    team,
)

urlpatterns = [
    path("connexion/", login.login, name="login"),
    path("connexion/code/", login.login_code, name="login_code"),
    path("connexion/facteur/", devices.enrol_factor, name="enrol_factor"),
    path("connexion/confirmer/", devices.step_up, name="step_up"),
    path("connexion/cle/", passkeys.passkey_login, name="passkey_login"),
    path("connexion/cle/options/", passkeys.passkey_options, name="passkey_options"),
    path("connexion/confirmer/cle/", passkeys.passkey_confirm, name="passkey_confirm"),
    path("connexion/facteur/cle/", passkeys.enrol_passkey, name="enrol_passkey"),
    path(
        "connexion/facteur/cle/options/",
        passkeys.passkey_new_options,
        name="passkey_new_options",
    ),
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
    path("profil/", profile.profile, name="profile"),
    path("profil/facteurs/ajouter/", devices.factor_add, name="factor_add"),
    path(
        "profil/facteurs/ajouter/cle/",
        passkeys.factor_add_passkey,
        name="factor_add_passkey",
    ),
    path("profil/facteurs/<uuid:public_id>/", devices.factor, name="factor"),
    path(
        "profil/facteurs/<uuid:public_id>/supprimer/",
        devices.factor_remove,
        name="factor_remove",
    ),
    path("profil/codes-de-secours/", devices.backup_codes, name="backup_codes"),
    path(
        "second-facteur/arreter/<str:token>/",
        lost_factor.factor_reset_stop,
        name="factor_reset_stop",
    ),
    path("profil/mot-de-passe/", reset.change, name="password_change"),
    path("profil/sessions/", sessions.sessions, name="sessions"),
    path("profil/sessions/fermer/", sessions.close_others, name="sessions_close"),
    path("profil/sessions/<uuid:pk>/fermer/", sessions.close_one, name="session_close"),
    path("session/", sessions.state, name="session_state"),
    path("session/prolonger/", sessions.extend, name="session_extend"),
    path("comptes/", team.accounts, name="accounts"),
    path("comptes/nouveau/", team.account_add, name="account_add"),
    path("comptes/<uuid:public_id>/", team.account, name="account"),
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
    path("comptes/<uuid:public_id>/fermer/", team.account_close, name="account_close"),
    path(
        "comptes/<uuid:public_id>/premier-acces/",
        team.account_first_access,
        name="account_first_access",
    ),
    path(
        "comptes/<uuid:public_id>/second-facteur/",
        lost_factor.lost_factor,
        name="lost_factor",
    ),
    path(
        "comptes/<uuid:public_id>/second-facteur/fiche/",
        lost_factor.lost_factor_slip,
        name="lost_factor_slip",
    ),
    path(
        "comptes/<uuid:public_id>/second-facteur/annuler/",
        lost_factor.lost_factor_stop,
        name="lost_factor_stop",
    ),
]
