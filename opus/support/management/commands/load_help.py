"""``manage.py load_help``: the first questions, guides and browsers."""

import tomllib
from itertools import count, product
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from opus.support.help.models import CertifiedBrowser, Guide, Question

DATA = Path(__file__).parents[2] / "help/data"
# Whether a file is for the staff of France Travail.
FILES = {"help.toml": False, "staff_help.toml": True}
KINDS: dict[str, tuple[Any, str]] = {
    "questions": (Question, "slug"),
    "guides": (Guide, "slug"),
    "browsers": (CertifiedBrowser, "name"),
}


@transaction.atomic
def load_help() -> int:
    made = 0
    for (file, is_for_staff), (kind, (model, key)) in product(
        FILES.items(), KINDS.items()
    ):
        texts = tomllib.loads((DATA / file).read_text(encoding="utf-8"))
        known = set(model.objects.values_list(key, flat=True))
        fixed = {"is_for_staff": True} if is_for_staff else {}
        rows = [
            model(position=place, **fixed, **{name: row[name].strip() for name in row})
            for place, row in zip(count(10, 10), texts.get(kind, ()), strict=False)
            if row[key] not in known
        ]
        model.objects.bulk_create(rows)
        made += len(rows)
    return made


class Command(BaseCommand):
    help = (
        "Charge la FAQ, les guides et les navigateurs livrés avec Opus. Ce qui existe "
        "déjà n’est pas modifié : les textes corrigés dans l’administration restent."
    )

    def handle(self, *, verbosity: int, **options: Any) -> None:
        made = load_help()
        if verbosity:
            self.stdout.write(f"Aide : {made} texte(s) ajouté(s).")
