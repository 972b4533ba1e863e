from django.urls import path

from referrals.candidate_emails import views

urlpatterns = [
    path(
        "candidats/<uuid:pk>/courriels/", views.candidate_mails, name="candidate_mails"
    ),
    path(
        "candidats/<uuid:pk>/courriels/arreter/",
        views.candidate_mails_stop,
        name="candidate_mails_stop",
    ),
    path("fiche/<str:token>/", views.mailed_document, name="mailed_document"),
    path(
        "courriels/arreter/<str:token>/",
        views.person_mail_stop,
        name="person_mail_stop",
    ),
    path("documents/<uuid:pk>/courriel/", views.document_mail, name="document_mail"),
]
