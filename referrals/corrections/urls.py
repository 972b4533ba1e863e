from django.urls import path

from referrals.corrections import views

urlpatterns = [
    path("candidats/<uuid:pk>/modifier/", views.candidate_edit, name="candidate_edit")
]
