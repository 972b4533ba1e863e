from django.urls import path

from referrals.documents import views
from referrals.documents.models import EasyForm

urlpatterns = [
    path(
        "candidats/<uuid:pk>/fiches/",
        views.candidate_documents,
        name="candidate_documents",
    ),
    path("documents/<uuid:pk>/", views.document, name="document"),
    path("documents/<uuid:pk>.pdf", views.document_pdf, name="document_pdf"),
    path(
        "documents/<uuid:pk>/etat/", views.document_progress, name="document_progress"
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
            ("/", views.document, ""),
            (".pdf", views.document_pdf, "_pdf"),
            ("/etat/", views.document_progress, "_progress"),
        )
    ),
    path(
        "documents/<uuid:pk>/nouvelle-version/",
        views.document_renew,
        name="document_renew",
    ),
    path("documents/<uuid:pk>/relancer/", views.document_again, name="document_again"),
    path("impressions/", views.print_jobs, name="print_jobs"),
    path("impressions/<uuid:pk>/", views.print_job, name="print_job"),
    path("impressions/<uuid:pk>.pdf", views.print_job_pdf, name="print_job_pdf"),
    path(
        "impressions/<uuid:pk>/etat/",
        views.print_job_progress,
        name="print_job_progress",
    ),
    path(
        "impressions/<uuid:pk>/relancer/", views.print_job_again, name="print_job_again"
    ),
    path(
        "impressions/<uuid:pk>/annuler/",
        views.print_job_cancel,
        name="print_job_cancel",
    ),
]
