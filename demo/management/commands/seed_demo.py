from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.users.models import User
from demo import acts, agreements, candidates, people, searches, support, team
from demo.alerts import seed_alerts
from demo.appointments import seed_appointments
from demo.offers import seed_offers
from opus.support.management.commands.load_help import load_help

ACCOUNTS = (
    (people.ADVISER.identifier, "conseillère du CCAS de L’Isle-d’Abeau"),
    (people.RGC.identifier, "responsable de gestion des comptes (RGC) du CCAS"),
    (people.AGENT.identifier, "agent de France Travail, agence de Villefontaine"),
    (people.FT_ADMIN.identifier, "administratrice de France Travail"),
    (
        people.FT_COLLEAGUE.identifier,
        "administrateur de la direction territoriale : la seconde paire d’yeux",
    ),
    (
        people.OTHER_ADVISER.identifier,
        "conseiller d’une autre structure, consultation seule",
    ),
)


class Command(BaseCommand):
    help = (
        "Charge les données fictives de la démonstration : structures, comptes, "
        "candidats, offres, mises en contact, alertes, recherches. Une seconde fois ne "
        "change rien."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--offers", type=int, default=2000, metavar="N", help="offres (2000)"
        )
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="ne remplit qu’une base sans comptes, puis affiche ceux qui sont "
            "ouverts",
        )

    def handle(self, *, offers: int, if_empty: bool, **options: Any) -> None:
        """Add what is missing, all or nothing.

        Raises CommandError: not in demo mode (S42: no default accounts).
        """
        if not (settings.DEMO or settings.TESTING):
            raise CommandError(
                "seed_demo crée des comptes dont chacun connaît le mot de passe : il "
                "ne s’exécute qu’en démonstration. Pour une démonstration sur cette "
                "machine, relancez la commande avec OPUS_DEMO=1."
            )
        if if_empty:
            if not User.objects.exists():
                seed(offers)
            self.show_open_accounts()
            return
        brought = seed(offers)
        if any(brought.values()):
            counts = ", ".join(f"{n} {what}" for what, n in brought.items())
            self.stdout.write(f"Démonstration en place : {counts}.")
        else:
            self.stdout.write("La démonstration est déjà en place : rien n’a changé.")
        self.stdout.write("Comptes (second facteur : manage.py demo_code IDENTIFIANT)")
        for identifier, who in ACCOUNTS:
            self.stdout.write(f"  {identifier:16} {people.PASSWORD}   {who}")

    def show_open_accounts(self) -> None:
        known = User.objects.filter(identifier__in=dict(ACCOUNTS))
        open_ones = {user.identifier for user in known if user.is_active}
        for identifier, who in ACCOUNTS:
            if identifier in open_ones:
                self.stdout.write(f"  {identifier:16}  {who}")


@transaction.atomic
def seed(offers: int) -> dict[str, int]:
    """Add what is missing; return how many of each, in the order of their making."""
    return {
        "comptes": people.seed_people() + team.seed_team(),
        "conventions": agreements.seed_agreements(),
        "candidats": candidates.seed_candidates(),
        "offres": seed_offers(offers),
        "mises en contact": acts.seed_acts(),
        "demandes de CV": acts.seed_cv_requests(),
        "candidatures": acts.seed_screened(),
        "convocations": seed_appointments(),
        "suivis confiés": candidates.seed_stand_ins(),
        "offres gardées": searches.seed_favourites(),
        "alertes": seed_alerts(),
        "recherches": searches.seed_searches(),
        "réunions de suivi": team.seed_meetings(),
        "actualités": support.seed_news(),
        "aide": load_help(),
        "demandes d’assistance": support.seed_tickets(),
        "demandes de droits": support.seed_rights(),
        "incidents": support.seed_incident(),
    }
