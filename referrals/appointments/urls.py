from django.urls import path

from referrals.acts.act_rights import ActKind
from referrals.appointments import views
from referrals.appointments.forms import SummonForm
from referrals.follow_up.urls import step_urls
from referrals.making.urls import urls_to_make

urlpatterns = [
    *urls_to_make(ActKind.SUMMONS, "convoquer", "summons", SummonForm),
    path("convocations/", views.summonses, name="summonses"),
    path("convocations/<uuid:pk>/", views.summons, name="summons"),
    path(
        "convocations/<uuid:pk>/rendez-vous.ics", views.summons_ics, name="summons_ics"
    ),
    *step_urls("convocations", "summons", views.summons_step, views.STEPS),
    path(
        "convocations/<uuid:pk>/modifier/", views.summons_change, name="summons_change"
    ),
]
