"""The addresses of accounts: sign-in, one's own account, the RGC's team."""

from django.urls import path

from accounts.views import (
    activation,
    charter,
    devices,
    first_access,
    login,
    profile,
    team,
)

urlpatterns = [
    path("connexion/", login.login, name="login"),
    path("connexion/code/", login.login_code, name="login_code"),
    path("connexion/facteur/", devices.enrol_factor, name="enrol_factor"),
    path("connexion/confirmer/", devices.step_up, name="step_up"),
    path("deconnexion/", login.logout, name="logout"),
    path("mot-de-passe-oublie/", login.password_forgotten, name="password_forgotten"),
    path("premier-acces/", first_access.first_access, name="first_access"),
    path(
        "premier-acces/mot-de-passe/",
        first_access.first_access_password,
        name="first_access_password",
    ),
    path("activation/", activation.activation, name="activation"),
    path(
        "activation/mot-de-passe/",
        activation.activation_password,
        name="activation_password",
    ),
    path("activation/<str:token>/", activation.activation_link, name="activation_link"),
    path("charte/", charter.charter, name="charter"),
    path("profil/", profile.profile, name="profile"),
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
]
