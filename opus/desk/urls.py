"""The addresses of the desk: help, contact, news, status."""

from django.urls import URLPattern, path

from opus.desk.views import faq, news, rights, surveys, tickets

urlpatterns: list[URLPattern] = [
    path("aide/", faq.help_home, name="help"),
    path("aide/navigateurs/", faq.help_browsers, name="help_browsers"),
    path("aide/questions/<slug:slug>/", faq.help_question, name="help_question"),
    path("aide/guides/<slug:slug>/", faq.help_guide, name="help_guide"),
    path("contact/", tickets.contact, name="contact"),
    path("contact/envoyee/", tickets.contact_sent, name="contact_sent"),
    path("contact/demandes/", tickets.tickets, name="tickets"),
    path("contact/propositions/", tickets.proposals, name="proposals"),
    path("contact/demandes/<uuid:pk>/", tickets.ticket, name="ticket"),
    path("contact/lien/<str:token>/", tickets.ticket_link, name="ticket_link"),
    path("actualites/", news.announcements, name="announcements"),
    path("actualites/<uuid:pk>/", news.announcement, name="announcement"),
    path("enquete/", surveys.survey, name="survey"),
    path("enquete/refuser/", surveys.set_aside, name="survey_set_aside"),
    path("donnees-personnelles/demandes/", rights.own_requests, name="own_rights"),
]
