from django.urls import path

from opus.desk.views import faq

urlpatterns = [
    path("aide/", faq.help_home, name="help"),
    path("aide/navigateurs/", faq.help_browsers, name="help_browsers"),
    path("aide/questions/<slug:slug>/", faq.help_question, name="help_question"),
    path("aide/guides/<slug:slug>/", faq.help_guide, name="help_guide"),
]
