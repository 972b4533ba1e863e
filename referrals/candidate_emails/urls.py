from django.urls import path

from referrals.candidate_emails import views

# The name of each page is its view's.
urlpatterns = [
    path(route, view, name=view.__name__)
    for route, view in (
        ("candidats/<uuid:pk>/courriels/", views.candidate_mails),
        ("candidats/<uuid:pk>/courriels/arreter/", views.candidate_mails_stop),
        ("fiche/<str:token>/", views.mailed_document),
        ("courriels/arreter/<str:token>/", views.person_mail_stop),
        ("documents/<uuid:pk>/courriel/", views.document_mail),
    )
]
