from django.urls import include, path

from accounts.team.views import absences, accounts, agreement

account = [
    path("", accounts.account, name="account"),
    path("modifier/", accounts.account_edit, name="account_edit"),
    path("absence/", absences.account_leave, name="account_leave"),
    path("absence/lever/", absences.account_leave_cancel, name="account_leave_cancel"),
    path("suspendre/", accounts.account_suspend, name="account_suspend"),
    path("reactiver/", accounts.account_reactivate, name="account_reactivate"),
    path("premier-acces/", accounts.account_first_access, name="account_first_access"),
    path("second-facteur/", accounts.account_factor_reset, name="account_factor_reset"),
    path(
        "second-facteur/fiche/",
        accounts.account_factor_reset_slip,
        name="account_factor_reset_slip",
    ),
    path(
        "second-facteur/annuler/",
        accounts.account_factor_reset_stop,
        name="account_factor_reset_stop",
    ),
]

# Of the RGC's own convention: no number in the address, but a letter's.
of_agreement = [
    path("", agreement.agreement, name="agreement"),
    path("document.pdf", agreement.agreement_document, name="agreement_document"),
    path(
        "exemplaire-signe.pdf",
        agreement.agreement_signed_copy,
        name="agreement_signed_copy",
    ),
    path("avenants/<uuid:pk>.pdf", agreement.amendment_letter, name="amendment_letter"),
]

urlpatterns = [
    path("comptes/", accounts.accounts, name="accounts"),
    path("comptes/nouveau/", accounts.account_add, name="account_add"),
    path("comptes/importer/", accounts.account_import, name="account_import"),
    path(
        "comptes/importer/modele.csv",
        accounts.account_import_model,
        name="account_import_model",
    ),
    path("comptes/confirmation/", absences.team_review, name="team_review"),
    path("comptes/historique/", accounts.accounts_history, name="accounts_history"),
    path("comptes/convention/", include(of_agreement)),
    path("comptes/<uuid:public_id>/", include(account)),
]
