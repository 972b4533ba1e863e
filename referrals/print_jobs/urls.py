from django.urls import path

from referrals.print_jobs import views

# The name of each page is its view's.
urlpatterns = [
    path(route, view, name=view.__name__)
    for route, view in (
        ("impressions/", views.print_jobs),
        ("impressions/<uuid:pk>/", views.print_job),
        ("impressions/<uuid:pk>.pdf", views.print_job_pdf),
        ("impressions/<uuid:pk>/etat/", views.print_job_progress),
        ("impressions/<uuid:pk>/relancer/", views.print_job_again),
        ("impressions/<uuid:pk>/annuler/", views.print_job_cancel),
    )
]
