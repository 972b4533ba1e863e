from django.urls import path

from referrals.duplicates import views

urlpatterns = [
    path(
        "candidats/<uuid:pk>/fusionner/", views.candidate_merge, name="candidate_merge"
    )
]
