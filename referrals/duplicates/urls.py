from django.urls import path

from referrals.views import merge

urlpatterns = [
    path(
        "candidats/<uuid:pk>/fusionner/", merge.candidate_merge, name="candidate_merge"
    ),
]
