from django.urls import path

from referrals.views import candidates

urlpatterns = [
    path(
        "candidats/<uuid:pk>/modifier/",
        candidates.candidate_edit,
        name="candidate_edit",
    ),
]
