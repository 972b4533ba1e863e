from django.urls import path

from opus.desk.views import tickets

urlpatterns = [
    path("contact/", tickets.contact, name="contact"),
    path("contact/envoyee/", tickets.contact_sent, name="contact_sent"),
    path("contact/demandes/", tickets.tickets, name="tickets"),
    path("contact/propositions/", tickets.proposals, name="proposals"),
    path("contact/demandes/<uuid:pk>/", tickets.ticket, name="ticket"),
    path("contact/lien/<str:token>/", tickets.ticket_link, name="ticket_link"),
]
