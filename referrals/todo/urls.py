from django.urls import path

from referrals.todo import views

urlpatterns = [
    path(
        "candidats/<uuid:pk>/fiches/remettre/",
        views.hand_over_documents,
        name="candidate_hand_over",
    )
]
