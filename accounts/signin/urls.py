from django.urls import include, path

from accounts.signin import views

signing_in = [
    path("", views.login, name="login"),
    path("code/", views.login_code, name="login_code"),
    path("facteur/", views.enrol_factor, name="enrol_factor"),
    path("confirmer/", views.prove_again, name="step_up"),
    path("cle/", views.passkey_login, name="passkey_login"),
    path("cle/options/", views.passkey_options, name="passkey_options"),
    path("confirmer/cle/", views.passkey_confirm, name="passkey_confirm"),
    path("facteur/cle/", views.enrol_passkey, name="enrol_passkey"),
    path("facteur/cle/options/", views.passkey_new_options, name="passkey_new_options"),
]

forgotten = [
    path("", views.password_forgotten, name="password_forgotten"),
    path("envoye/", views.password_reset_sent, name="password_reset_sent"),
    path("nouveau/", views.password_reset, name="password_reset"),
    path("lien/<str:token>/", views.password_reset_link, name="password_reset_link"),
]

profile = [
    path("", views.profile, name="profile"),
    path("facteurs/ajouter/", views.factor_add, name="factor_add"),
    path("facteurs/ajouter/cle/", views.factor_add_passkey, name="factor_add_passkey"),
    path("facteurs/<uuid:public_id>/", views.factor, name="factor"),
    path(
        "facteurs/<uuid:public_id>/supprimer/",
        views.factor_remove,
        name="factor_remove",
    ),
    path("codes-de-secours/", views.backup_codes, name="backup_codes"),
    path("mot-de-passe/", views.password_change, name="password_change"),
    path("sessions/", views.session_list, name="sessions"),
    path("sessions/fermer/", views.sessions_close, name="sessions_close"),
    path("sessions/<uuid:pk>/fermer/", views.session_close, name="session_close"),
]

urlpatterns = [
    path("connexion/", include(signing_in)),
    path("deconnexion/", views.logout, name="logout"),
    path("mot-de-passe-oublie/", include(forgotten)),
    path("premier-acces/", views.first_access, name="first_access"),
    path(
        "premier-acces/mot-de-passe/",
        views.first_access_password,
        {"start": "first_access"},
        name="first_access_password",
    ),
    path("activation/", views.activation, name="activation"),
    path(
        "activation/mot-de-passe/",
        views.first_access_password,
        {"start": "activation"},
        name="activation_password",
    ),
    path("activation/<str:token>/", views.activation_link, name="activation_link"),
    path("charte/", views.charter, name="charter"),
    path("charte/<slug:version>/", views.charter_version, name="charter_version"),
    path("profil/", include(profile)),
    path(
        "second-facteur/arreter/<str:token>/",
        views.factor_reset_stop,
        name="factor_reset_stop",
    ),
    path("compte/proteger/<str:token>/", views.account_safety, name="account_safety"),
    path("session/", views.session_state, name="session_state"),
    path("session/prolonger/", views.session_extend, name="session_extend"),
]
