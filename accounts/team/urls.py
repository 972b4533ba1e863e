from django.urls import include, path

from accounts.team import views

account = [
    path("", views.account, name="account"),
    path("modifier/", views.account_edit, name="account_edit"),
    path("absence/", views.account_leave, name="account_leave"),
    path("absence/lever/", views.account_leave_cancel, name="account_leave_cancel"),
    path("suspendre/", views.account_suspend, name="account_suspend"),
    path("reactiver/", views.account_reactivate, name="account_reactivate"),
    path("premier-acces/", views.account_first_access, name="account_first_access"),
    path("second-facteur/", views.account_factor_reset, name="account_factor_reset"),
    path(
        "second-facteur/fiche/",
        views.account_factor_reset_slip,
        name="account_factor_reset_slip",
    ),
    path(
        "second-facteur/annuler/",
        views.account_factor_reset_stop,
        name="account_factor_reset_stop",
    ),
]

# Of the RGC's own convention: no number in the address, but a letter's.
of_agreement = [
    path("", views.agreement, name="agreement"),
    path("document.pdf", views.agreement_document, name="agreement_document"),
    path(
        "exemplaire-signe.pdf",
        views.agreement_signed_copy,
        name="agreement_signed_copy",
    ),
    path("avenants/<uuid:pk>.pdf", views.amendment_letter, name="amendment_letter"),
]

urlpatterns = [
    path("comptes/", views.accounts, name="accounts"),
    path("comptes/nouveau/", views.account_add, name="account_add"),
    path("comptes/importer/", views.account_import, name="account_import"),
    path(
        "comptes/importer/modele.csv",
        views.account_import_model,
        name="account_import_model",
    ),
    path("comptes/confirmation/", views.team_review, name="team_review"),
    path("comptes/historique/", views.accounts_history, name="accounts_history"),
    path("comptes/convention/", include(of_agreement)),
    path("comptes/<uuid:public_id>/", include(account)),
]
