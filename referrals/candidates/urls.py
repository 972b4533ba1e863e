from django.urls import path

from referrals.candidates import views

urlpatterns = [
    path("candidats/", views.candidates, name="candidates"),
    path("candidats/nouveau/", views.candidate_add, name="candidate_add"),
    path("candidats/importer/", views.candidate_import, name="candidate_import"),
    path(
        "candidats/importer/modele.csv",
        views.candidate_import_model,
        name="candidate_import_model",
    ),
    path("candidats/<uuid:pk>/", views.candidate, name="candidate"),
]
