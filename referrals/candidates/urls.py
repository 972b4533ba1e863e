from django.urls import path

from referrals.views import candidates

urlpatterns = [
    path("candidats/", candidates.candidates, name="candidates"),
    path("candidats/nouveau/", candidates.candidate_add, name="candidate_add"),
    path(
        "candidats/importer/",
        candidates.candidate_import,
        name="candidate_import",
    ),
    path(
        "candidats/importer/modele.csv",
        candidates.candidate_import_model,
        name="candidate_import_model",
    ),
    path("candidats/<uuid:pk>/", candidates.candidate, name="candidate"),
]
