import datetime as dt

from django.utils import timezone

from accounts.users.enums import Role
from opus.lib.demo import account_of, brings
from opus.support.news.models import Announcement, AnnouncementKind


@brings("actualités")
def seed_news() -> int:
    if Announcement.objects.exists():
        return 0
    announcement = Announcement.objects.create(
        kind=AnnouncementKind.CHANGE,
        title="Nouvelle page « État du service »",
        text="La page dira la disponibilité mesurée de chaque mois, les opérations "
        "prévues et les incidents passés.",
        goes_live_on=timezone.localdate() + dt.timedelta(days=6),
        note="Ouvrez « État du service » en bas de chaque page.\nLe tableau compare le "
        "temps d’indisponibilité de chaque mois à ce que permet la convention.",
    )
    announcement.publish(by=account_of(Role.FT_ADMIN))
    search = Announcement.objects.create(
        kind=AnnouncementKind.CHANGE,
        title="La recherche comprend ce que vous écrivez",
        text="Un lieu, un contrat ou un métier écrits dans la case des offres seront "
        "compris comme tels, et dits sous « Compris ». Une adresse de recherche gardée "
        "ailleurs sera relue ainsi. Vos recherches enregistrées ne changent pas.",
        goes_live_on=timezone.localdate() + dt.timedelta(days=5),
        note="Écrivez par exemple « boulanger Vannes CDI ».\nChaque chose comprise "
        "s’ôte d’un clic ; « chercher ces mots tels quels » revient à la recherche "
        "d’avant.",
    )
    search.publish(by=account_of(Role.FT_ADMIN))
    return 2
