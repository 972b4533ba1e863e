from django.urls import path

from accounts.signin.views import (
    activation,
    factors,
    login,
    passkeys,
    profile,
    resets,
    stop_links,
)

urlpatterns = [
    path("connexion/", login.login, name="login"),
    path("connexion/code/", login.login_code, name="login_code"),
    path("connexion/facteur/", factors.enrol_factor, name="enrol_factor"),
    path("connexion/confirmer/", factors.step_up, name="step_up"),
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
    path("mot-de-passe-oublie/", resets.forgotten, name="password_forgotten"),
    path("mot-de-passe-oublie/envoye/", resets.sent, name="password_reset_sent"),
    path("mot-de-passe-oublie/nouveau/", resets.choose, name="password_reset"),
    path(
        "mot-de-passe-oublie/lien/<str:token>/",
        resets.open_link,
        name="password_reset_link",
    ),
    path("premier-acces/", activation.first_access, name="first_access"),
    path(
        "premier-acces/mot-de-passe/",
        activation.first_access_password,
        name="first_access_password",
    ),
    path("activation/", activation.activation, name="activation"),
    path(
        "activation/mot-de-passe/",
        activation.activation_password,
        name="activation_password",
    ),
    path("activation/<str:token>/", activation.activation_link, name="activation_link"),
    path("charte/", profile.charter, name="charter"),
    path("charte/<slug:version>/", profile.charter_version, name="charter_version"),
    path("profil/", profile.profile, name="profile"),
    path("profil/facteurs/ajouter/", factors.factor_add, name="factor_add"),
    path(
        "profil/facteurs/ajouter/cle/",
        passkeys.factor_add_passkey,
        name="factor_add_passkey",
    ),
    path("profil/facteurs/<uuid:public_id>/", factors.factor, name="factor"),
    path(
        "profil/facteurs/<uuid:public_id>/supprimer/",
        factors.factor_remove,
        name="factor_remove",
    ),
    path("profil/codes-de-secours/", factors.backup_codes, name="backup_codes"),
    path(
        "second-facteur/arreter/<str:token>/",
        stop_links.factor_reset_stop,
        name="factor_reset_stop",
    ),
    path(
        "compte/proteger/<str:token>/", stop_links.account_safety, name="account_safety"
    ),
    path("profil/mot-de-passe/", resets.change, name="password_change"),
    path("profil/sessions/", profile.sessions, name="sessions"),
    path("profil/sessions/fermer/", profile.close_others, name="sessions_close"),
    path("profil/sessions/<uuid:pk>/fermer/", profile.close_one, name="session_close"),
    path("session/", profile.state, name="session_state"),
    path("session/prolonger/", profile.extend, name="session_extend"),
]
