"""The sender name on documents: never a social service's (art. 9.2)."""

import re

from django.core.exceptions import ValidationError

from opus.lib.text_guard.guard import look

# Read by Python and by PostgreSQL: no \b, no (?:…), both cases of accents.
E = "[eéEÉ]"
TELLING = "|".join(
    [
        *("ccas", "c\\.c\\.a\\.s", "cias", "plie", "rsa", "caf", "msa", "chrs", "spip"),
        *(
            "pjj",
            "epide",
            "csapa",
            "cada",
            "esat",
            "ase",
            "sos",
            "sociale?s?",
            "sociaux",
        ),
        *("insertion", f"r{E}insertion", f"solidarit{E}s?", "mission locale"),
        *("missions locales", "cap emploi", "aides?", "secours", "handicap[^ ]*"),
        *("asile", f"r{E}fugi{E}s?", "migrants?", "addictions?", "addictologie"),
        *("probation", f"p{E}nitentiaires?", "prisons?", f"d{E}tenus?", "justice"),
        *(f"h{E}bergement", "sans[ -]abris?", f"pr{E}carit{E}", "exclusion"),
        *("femmes", "violences?", "protection de l.enfance", f"pauvret{E}"),
    ]
)
EDGE = "[^A-Za-zÀ-ÖØ-öø-ÿ0-9]"
TELLS = f"(^|{EDGE})({TELLING})($|{EDGE})"
REFUSED = (
    "Le nom d’expéditeur ne dit pas la nature de la structure\u00a0: il est imprimé "
    "sur les documents remis aux candidats, et révèlerait qu’un service social les "
    "accompagne (convention, art. 9.2). Écrivez par exemple «\u00a0Service emploi de "
    "la ville\u00a0»."
)
found_in = re.compile(TELLS, re.IGNORECASE)


def validate_sender_name(name: str) -> None:
    """Refuse a name that shows what the persons' situation may be."""
    if found := found_in.search(name):
        raise ValidationError(f"«\u00a0{found[2]}\u00a0»\u00a0: {REFUSED}")
    if findings := look(name):
        word = name[findings[0].start : findings[0].end]
        raise ValidationError(f"«\u00a0{word}\u00a0»\u00a0: {REFUSED}")
