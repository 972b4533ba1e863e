from django.urls import path

from referrals.views import print_jobs

urlpatterns = [
    path("impressions/", print_jobs.print_jobs, name="print_jobs"),
    path("impressions/<uuid:pk>/", print_jobs.print_job, name="print_job"),
    path("impressions/<uuid:pk>.pdf", print_jobs.print_job_pdf, name="print_job_pdf"),
    path(
        "impressions/<uuid:pk>/etat/",
        print_jobs.print_job_progress,
        name="print_job_progress",
    ),
    path(
        "impressions/<uuid:pk>/relancer/",
        print_jobs.print_job_again,
        name="print_job_again",
    ),
    path(
        "impressions/<uuid:pk>/annuler/",
        print_jobs.print_job_cancel,
        name="print_job_cancel",
    ),
]
