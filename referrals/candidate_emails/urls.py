from django.urls import path

from referrals.views import mails

urlpatterns = [
    path(
        "candidats/<uuid:pk>/courriels/", mails.candidate_mails, name="candidate_mails"
    ),
    path(
        "candidats/<uuid:pk>/courriels/arreter/",
        mails.candidate_mails_stop,
        name="candidate_mails_stop",
    ),
    path("fiche/<str:token>/", mails.mailed_document, name="mailed_document"),
    path(
        "courriels/arreter/<str:token>/",
        mails.person_mail_stop,
        name="person_mail_stop",
    ),
    path("documents/<uuid:pk>/courriel/", mails.document_mail, name="document_mail"),
]
