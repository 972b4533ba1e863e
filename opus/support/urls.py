from django.urls import URLPattern, URLResolver, include, path

from accounts.signin.access import names_nobody
from opus.support.help import views as aid
from opus.support.news import views as news
from opus.support.surveys import views as surveys
from opus.support.tickets import views as tickets

urlpatterns: list[URLPattern | URLResolver] = [
    path("aide/", aid.help_home, name="help"),
    path("aide/navigateurs/", aid.help_browsers, name="help_browsers"),
    path("aide/questions/<slug:slug>/", aid.help_question, name="help_question"),
    path("aide/guides/<slug:slug>/", aid.help_guide, name="help_guide"),
    path("contact/", tickets.contact, name="contact"),
    path("contact/envoyee/", tickets.contact_sent, name="contact_sent"),
    path("contact/demandes/", tickets.tickets, name="tickets"),
    path("contact/propositions/", tickets.proposals, name="proposals"),
    path("contact/demandes/<uuid:pk>/", tickets.ticket, name="ticket"),
    path("contact/lien/<str:token>/", tickets.ticket_link, name="ticket_link"),
    *names_nobody(
        [
            path("actualites/", news.announcements, name="announcements"),
            path("actualites/<uuid:pk>/", news.announcement, name="announcement"),
            path("enquete/", surveys.survey, name="survey"),
            path("enquete/refuser/", surveys.set_aside, name="survey_set_aside"),
        ]
    ),
    path("", include("opus.support.data_rights.urls")),
]
