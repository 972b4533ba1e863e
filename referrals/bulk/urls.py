from django.urls import path

from referrals.bulk import views

urlpatterns = [
    path("proposer/", views.bulk, name="bulk"),
    path("proposer/<uuid:key>/", views.bulk_done, name="bulk_done"),
]
