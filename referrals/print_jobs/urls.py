from django.urls import path

from referrals.print_jobs import views

urlpatterns = [
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
