from django.urls import path

from opus.support.surveys import views

urlpatterns = [
    path("enquete/", views.survey, name="survey"),
    path("enquete/refuser/", views.set_aside, name="survey_set_aside"),
]
