"""The initial help of ``data/help.toml``: added if missing, never overwritten."""

import tomllib
from itertools import count
from pathlib import Path
from typing import Any

from django.db import transaction

from opus.support.help.models import CertifiedBrowser, Guide, Question

FILE = Path(__file__).with_name("data") / "help.toml"
KINDS: dict[str, tuple[Any, str]] = {
    "questions": (Question, "slug"),
    "guides": (Guide, "slug"),
    "browsers": (CertifiedBrowser, "name"),
}


@transaction.atomic
def load_help() -> int:
    """Add the missing rows; return their number."""
    texts = tomllib.loads(FILE.read_text(encoding="utf-8"))
    made = 0
    for kind, (model, key) in KINDS.items():
        known = set(model.objects.values_list(key, flat=True))
        rows = [
            model(position=position, **{name: row[name].strip() for name in row})
            for position, row in zip(count(10, 10), texts[kind], strict=False)
            if row[key] not in known
        ]
        model.objects.bulk_create(rows)
        made += len(rows)
    return made
