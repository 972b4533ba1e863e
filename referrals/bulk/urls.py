from django.urls import path

from referrals.bulk import views

urlpatterns = [
    path("proposer/", views.offers_start, name="bulk_start"),
    path("candidats/<uuid:pk>/proposer/", views.offers_confirm, name="bulk_confirm"),
    path(
        "candidats/<uuid:pk>/proposer/<uuid:key>/", views.offers_done, name="bulk_done"
    ),
    path(
        "offres/<reference:reference>/mettre-en-contact/plusieurs/",
        views.people_confirm,
        name="people_confirm",
    ),
    path(
        "offres/<reference:reference>/mettre-en-contact/plusieurs/<uuid:key>/",
        views.people_done,
        name="people_done",
    ),
    path(
        "offres/<reference:reference>/mettre-en-contact/plusieurs/<uuid:key>/fiches/",
        views.people_documents,
        name="people_documents",
    ),
]
