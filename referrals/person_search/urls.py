from django.urls import path

from referrals.person_search import views

urlpatterns = [
    path("candidats/<uuid:pk>/chercher/", views.person_search, name="person_search")
]
