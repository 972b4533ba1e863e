from django.urls import path

from referrals.models.documents import EasyForm
from referrals.views import documents

urlpatterns = [
    path(
        "candidats/<uuid:pk>/fiches/",
        documents.candidate_sheets,
        name="candidate_sheets",
    ),
    path("documents/<uuid:pk>/", documents.document, name="document"),
    path("documents/<uuid:pk>.pdf", documents.document_pdf, name="document_pdf"),
    path(
        "documents/<uuid:pk>/etat/",
        documents.document_progress,
        name="document_progress",
    ),
    *(
        path(
            f"documents/<uuid:pk>/{form}{ending}",
            view,
            {"form": form.value},
            name=f"document_{form.name.lower()}{name}",
        )
        for form in EasyForm
        for ending, view, name in (
            ("/", documents.document, ""),
            (".pdf", documents.document_pdf, "_pdf"),
            ("/etat/", documents.document_progress, "_progress"),
        )
    ),
    path(
        "documents/<uuid:pk>/relancer/",
        documents.document_again,
        name="document_again",
    ),
]
