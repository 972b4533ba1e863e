from django.urls import path

from opus.desk.views import surveys

urlpatterns = [
    path("enquete/", surveys.survey, name="survey"),
    path("enquete/refuser/", surveys.set_aside, name="survey_set_aside"),
]
