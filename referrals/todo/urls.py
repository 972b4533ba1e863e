from django.urls import path

from referrals.todo import views

urlpatterns = [
    path("documents/remettre/", views.hand_over_documents, name="documents_hand_over")
]
