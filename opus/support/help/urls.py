from django.urls import path

from opus.support.help import views

urlpatterns = [
    path("aide/", views.help_home, name="help"),
    path("aide/navigateurs/", views.help_browsers, name="help_browsers"),
    path("aide/questions/<slug:slug>/", views.help_question, name="help_question"),
    path("aide/guides/<slug:slug>/", views.help_guide, name="help_guide"),
]
