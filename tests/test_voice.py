"""All texts read as one voice: what a machine can tell of it (issue 6).

Typographic apostrophes, signs that never start a line, « vous », no English where
French has a word, dates in words: in templates, forms, models, messages, letters.
"""

import ast
import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Template

from opus.lib.dates import date_format, moment
from tests.accounts.factories import ConventionFactory
from tests.admin.registers import list_url, record_url

ROOT = Path(settings.BASE_DIR)

RULES = {
    "an apostrophe is typographic": r"(?<!\w)[a-zA-Zéèà]{1,9}'[a-zA-Zéèêàâîôû]",
    "no sign starts a line": r"(?<=\S) [:;?!»](?!\w)|« ",
    "no sign sticks to its word": r"[a-zéèêàç)»](?:[;?!]|:)(?=\s|$)|«\w|\w»",
    "« vous », never « tu »": r"(?<![\w’])[Tt](?:u|on|es|oi|ien)(?![\w’])",
    "no English": r"(?i)(?<![\w-])(?:login|logout|tokens?|upload|download"
    r"|feedback|workflow|reporting|matching|sourcing|(?:e-?)?mails?|spam|bugs?"
    r"|checkbox|submit)(?![\w-])",
    "a date is in words": r"\b\d{1,2}/\d{1,2}/\d{4}\b",
}
LOOKS = {name: re.compile(rule) for name, rule in RULES.items()}

# Messages are mostly short, and tests and stored errors know them with plain blanks.
IN_CODE = {"no sign starts a line", "no sign sticks to its word"}

# One word for one thing (docs/glossary.md): what is gone, and what stands instead.
GONE = {
    r"(?<![\w-])[Aa]ctes?(?![\w-])": "proposition",
    r"[Mm]ettre un candidat en contact|Mettre en contact": "proposer",
    r"[Pp]ropositions? d’évolution": "suggestion",
    r"[Ff]iches? (?:à remettre|d’annulation|cochée|figée)": "document",
    r"[Ll]ettre (?:remise|à remettre)": "document",
    r"[Ee]nregistre[rz] la remise(?! de)": "marquer remis",
    r"[Ee]nregistre[rz] (?:la|les|une autre) suites?": "noter la suite",
    r"[Vv]eiller pour|[Uu]ne veille\b|\b[Vv]eilles\b": "enregistrer la recherche",
    r"[Cc]ourriels? d’alerte": "courriel de nouvelles offres",
    r"\b[Ff]avoris?\b": "offres gardées",
    r"[Aa]dresses? électroniques?": "courriel, adresse de courriel",
    r"[Bb]énéficiaires?": "candidat",
    r"\b(?:Ouvrir (?:l’|le |la |les |cette |Opus)|Éditer|Défaire)": "voir, modifier",
    r"\b(?:Rechercher|Affiner|Valider)\b": "chercher, confirmer",
    r"\b[Tt]ire[rz]\b": "créer des codes de secours",
    r"[Pp]our personne encore": "sans candidat",
    r"Partout, et non|Tous les champs sont obligatoires|Ce qui attend\b": "nothing",
    # Opus records nobody's sex: the outcome is the proposal's.
    r"\b[Ee]mbauchée?s?\b|(?<!CV )\b[Nn]on retenus?\b": "embauche, non retenue",
}
A_PERSON = (
    r"\b(?:[Ll]a|[Uu]ne|[Ll]es|[Dd]es|[Cc]et?tes?|[Cc]es|[Cc]haque|[Pp]lusieurs|aux)"
    r" personnes?\b"
)
# Where a person is a candidate, but for other people, whom these words name.
OF_CANDIDATES = ("referrals", "templates/referrals", "templates/emails")
OTHERS = re.compile(
    r"personne (?:qui (?:vous|les) accompagne|désignée|choisie|qui l’a saisie)"
    r"|seconde personne|avertir la personne|compte d’une personne|personnes vues"
    r"|protéger les personnes|travail des personnes|personnes dont un compte"
    r"|personne ou d’une autorité|Services à la personne|nomme des personnes"
)
EXEMPT = {
    "templates/accounts/agreements/letters": "letters have the agreement's own words",
    "templates/accounts/signin/charters": "a version of the charter never changes",
    "referrals/documents/documents.py": "what one does in a job, for people",
    "referrals/privacy": "the person of the law on personal data",
    "accounts/team/account_import.py": "the old title of a column is still read",
    "referrals/candidates/models.py": "an old title is still read",
}

# History, a lexicon of forbidden words, and employers' offers made up with their own.
UNSPOKEN = {"migrations", "wording", "synthetic"}

# What is not read: comments, scripts, tags with their attributes, values.
UNREAD = re.compile(
    r"{#.*?#}|{% comment.*?{% endcomment %}|<!--.*?-->"
    r"|<(?P<tag>script|style|svg)\b.*?</(?P=tag)>",
    re.DOTALL,
)
TAG = re.compile(r"{%.*?%}|<[^>]*>", re.DOTALL)
VALUE = re.compile(r"{{.*?}}", re.DOTALL)
HANDED = re.compile(r'\b(?:label|text|title|link|hint|words)="([^"]*)"')

# A string of the code is French when it has an accent or one of these words.
FRENCH = re.compile(
    r"(?i)[éèêàâçîôûœ«»’]|\b(?:le|la|les|un|une|des|du|ce|cette|vous)\b"
)


def sentences_of(template: str) -> Iterator[str]:
    """What a template writes, and the words that it hands to a part."""
    template = UNREAD.sub("", template)
    for tag in TAG.findall(template):
        yield from HANDED.findall(tag)
    yield from TAG.sub("\n", VALUE.sub("X", template)).splitlines()


def strings_of(module: str) -> Iterator[str]:
    """The French of a module: docstrings, in English, are left out."""
    tree = ast.parse(module)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    pieces = {
        id(piece)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for piece in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(piece.value) if isinstance(piece, ast.Constant) else "X"
                for piece in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in told | pieces:
            text = node.value if isinstance(node.value, str) else ""
        else:
            continue
        if " " in text and FRENCH.search(text):
            yield from TAG.sub("", text).splitlines()


def templates() -> list[Path]:
    found = sorted((ROOT / "templates").rglob("*"))
    return [path for path in found if path.suffix in {".html", ".txt"}]


def modules() -> list[Path]:
    """The code whose strings are shown to somebody."""
    return [
        path
        for app in ("accounts", "demo", "offers", "referrals", "opus")
        for path in sorted((ROOT / app).rglob("*.py"))
        if not UNSPOKEN & set(path.parts)
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("l'offre", "an apostrophe is typographic"),
        ("Une question ?", "no sign starts a line"),
        ("« mot", "no sign starts a line"),
        ("Attention: ici", "no sign sticks to its word"),
        ("Ouvre ton compte", "« vous », never « tu »"),
        ("Un e-mail part", "no English"),
        ("le 24/11/2026", "a date is in words"),
    ],
)
def test_each_rule_sees_its_fault(text, rule):
    assert [name for name, look in LOOKS.items() if look.search(text)] == [rule]


def test_all_texts_speak_with_one_voice():
    found = [
        f"{where}: {name}: {text.strip()}"
        for where, text in all_texts()
        for name, look in LOOKS.items()
        if look.search(text) and not (where.endswith(".py") and name in IN_CODE)
    ]

    assert found == []


def all_texts() -> Iterator[tuple[str, str]]:
    """Each French text, with its file."""
    helps = (ROOT / "opus" / "support" / "help" / "data").glob("*.toml")
    for path in [*templates(), *modules(), *helps]:
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            texts = strings_of(source)
        elif path.suffix == ".toml":
            texts = (text for text in lines_of(tomllib.loads(source)) if " " in text)
        else:
            texts = sentences_of(source)
        for text in texts:
            yield str(path.relative_to(ROOT)), text


def old_words(where: str, text: str) -> list[str]:
    """Return what is gone and what stands instead."""
    found = [f"{old!r}: {new}" for old, new in GONE.items() if re.search(old, text)]
    if where.startswith(OF_CANDIDATES):
        text = OTHERS.sub("", text)
        found += [f"{each!r}: candidat" for each in re.findall(A_PERSON, text)]
    return found


def test_one_word_for_one_thing():
    found, exempt = [], set()
    for where, text in all_texts():
        if not (old := old_words(where, text)):
            continue
        reasons = {place for place in EXEMPT if where.startswith(place)}
        exempt |= reasons
        if not reasons:
            found.append(f"{where}: {', '.join(old)}: {text.strip()}")

    assert found == []
    assert exempt == EXEMPT.keys()


def lines_of(value: Any) -> Iterator[str]:
    """Every line of text of a TOML file."""
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, dict):
        yield from lines_of(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from lines_of(one)


@pytest.mark.parametrize(
    ("files", "numeric"),
    [
        (templates, r'\|date:"[^"]*(?:d/m|SHORT_DATE)'),
        # A command speaks to operators, and lasts a line.
        (lambda: [p for p in modules() if "management" not in p.parts], ":%d/%m"),
        # Django's own function knows no « 1er ».
        (modules, r"utils(\.formats)? import .*\b(date_format|formats|localize)\b"),
    ],
    ids=["templates", "messages", "ordinals"],
)
def test_nothing_writes_a_date_in_numbers_or_without_its_ordinal(files, numeric):
    """U17: « 24 novembre 2026 », « 1er décembre »."""
    found = [
        str(path.relative_to(ROOT))
        for path in files()
        if re.search(numeric, path.read_text(encoding="utf-8"))
    ]

    assert found == []


FIRST, SECOND = dt.date(2026, 12, 1), dt.date(2026, 12, 2)


@pytest.mark.parametrize(
    "write",
    [
        date_format,
        lambda day: Template('{{ day|date:"j F Y" }}').render(Context({"day": day})),
        lambda day: Template("{{ day|date }}").render(Context({"day": day})),
    ],
    ids=["code", "filter", "filter without a format"],
)
def test_the_first_of_a_month_has_its_ordinal(write):
    """U17: in pages, letters, documents and messages."""
    assert (write(FIRST), write(SECOND)) == ("1er décembre 2026", "2 décembre 2026")


@pytest.mark.django_db
def test_the_admin_writes_it_too(as_ft_admin):
    """U17: in the dates that Django formats, of a sheet and of a list."""
    convention = ConventionFactory(starts_on=FIRST.replace(year=2024), ends_on=FIRST)

    for url in (record_url(convention), list_url("accounts.convention")):
        page = as_ft_admin.get(url).text
        assert "1er décembre 2026" in page
        assert ">1 décembre" not in page


def test_an_instant_has_it_too_and_a_number_stays_a_number():
    at = dt.datetime(2026, 12, 1, 8, 5, tzinfo=dt.UTC)

    assert moment(at) == "1er décembre 2026 à 9 h 05"
    assert date_format(FIRST, "d/m/Y") == "01/12/2026"
