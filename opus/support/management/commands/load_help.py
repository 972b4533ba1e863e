"""``manage.py load_help``: the first questions, guides and browsers."""

from typing import Any

from django.core.management.base import BaseCommand

from opus.support.help.first_help import load_help


class Command(BaseCommand):
    help = (
        "Charge la FAQ, les guides et les navigateurs livrés avec Opus. Ce qui existe "
        "déjà n’est pas modifié : les textes corrigés dans l’administration restent."
    )

    def handle(self, *, verbosity: int, **options: Any) -> None:
        made = load_help()
        if verbosity:
            self.stdout.write(f"Aide : {made} texte(s) ajouté(s).")
