"""The guard, measured on sentences written for Opus (V2, V3, V6)."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from opus.lib.wording.families import IDENTIFIERS, SUBJECTS, Family
from opus.lib.wording.guard import families_of, look
from opus.lib.wording.learned import INNOCENT, WEIGHTS, examples
from opus.lib.wording.learned import fingerprint as fingerprint_of_examples
from opus.lib.wording.rules import RULES, fingerprint
from tests.wording.corpora import unseen


def refused(label, sentences):
    """Of the sentences with that label, those that the guard refuses, and their number.

    A subject is refused whichever of them the guard names: nothing is stored.
    """
    own = [text for one, text in sentences if one == label]
    if label == INNOCENT:  # Texts about Opus have up to three sentences.
        own = [part for text in own for part in re.split(r"(?<=[.!?;]) ", text)]
    return {text for text in own if look(text)}, set(own)


def test_the_samples_are_large_enough():
    """V2: 600 sentences at least, and as many again that nothing was learned from."""
    learned, kept_apart = (
        Counter(label for label, _ in sentences) for sentences in [examples(), unseen()]
    )

    assert min(learned[family] for family in SUBJECTS) >= 2000
    assert learned[INNOCENT] >= 25_000
    assert min(kept_apart[family] for family in SUBJECTS) >= 200
    assert kept_apart[INNOCENT] >= 2000


def test_nothing_was_learned_from_what_is_kept_apart():
    """V2: else its figures would say nothing."""

    def plain(sentences):
        return {text.casefold().strip(" .") for _, text in sentences}

    assert plain(unseen()) & plain(examples()) == set()


def test_the_weights_are_those_of_the_examples():
    """V2: whoever adds an example learns anew (``make wording``)."""
    with WEIGHTS.open(encoding="utf-8") as file:
        assert next(file) == f"# {fingerprint_of_examples(examples())}\n"


def test_subjects_are_refused_in_sentences_that_nothing_was_learned_from():
    """V2: 95 in a hundred at least of each."""
    shares = {}
    for family in SUBJECTS:
        found, own = refused(family, unseen())
        shares[family] = len(found) / len(own)

    assert min(shares.values()) >= 0.95, shares


def test_a_hint_inside_a_long_note_is_found():
    """V2: what an innocent list surrounds is read as well as the rest."""
    own = [
        text
        for label, text in unseen()
        if label != INNOCENT and len(text.split()) >= 16
    ]
    found = [text for text in own if look(text)]

    assert len(own) >= 300
    assert len(found) >= 0.95 * len(own)


@pytest.mark.parametrize("family", [*SUBJECTS, *IDENTIFIERS])
def test_each_family_is_recognised_in_the_examples(family):
    """V2, V6: 95 in a hundred at least, and by its name."""
    own = [text for label, text in examples() if label == family]
    found = [text for text in own if family in families_of(text)]

    assert len(found) >= 0.95 * len(own), set(own) - set(found)


@pytest.mark.parametrize(
    "plain_word",
    [
        "dépressif",
        "sort de prison",
        "musulman",
        "syndiqué CGT",
        "homosexuel",
        "algérien",
    ],
)
def test_a_list_of_innocent_things_excuses_no_word(plain_word):
    """V2: what weights doubt is the clause that holds the word, not the sentence."""
    before = "Candidat motivé et ponctuel, disponible tout de suite, permis B, "
    after = ", accepte les horaires de nuit et le travail du samedi, CV à jour"

    assert look(f"{before}{plain_word}")
    assert look(f"{before}{plain_word}{after}")


@pytest.mark.parametrize("sentences", [unseen, examples])
def test_innocent_sentences_pass(sentences):
    """V2: three false alarms in a hundred at most."""
    found, own = refused(INNOCENT, sentences())

    assert len(found) <= 0.03 * len(own), found


def test_every_title_of_the_rome_passes():
    """V3."""
    path = Path(settings.BASE_DIR, "offers", "data", "rome.csv")
    with path.open(encoding="utf-8") as file:
        titles = [row["label"] for row in csv.DictReader(file)]

    assert len(titles) > 1500
    assert [title for title in titles if look(title)] == []


@pytest.mark.parametrize(
    "text",
    [
        "aide-soignant",
        "secteur social",
        "délégué syndical",
        "arabe courant",
        "peinture noire",
        "Harmonie Assurance Maladie",
    ],
)
def test_the_vocabulary_of_trades_passes(text):
    """V3."""
    assert look(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "DÉPRESSIVE",
        "d é p r e s s i v e",
        "dépre\u200bssive",
        "dépreeessive",
        "d3pr3ss1ve",
        "dép-ressive",
        "d\u0435pressive",
        "\uff44\uff45\uff50\uff52\uff45\uff53\uff53\uff49\uff56\uff45",
    ],
)
def test_a_word_in_disguise_is_recognised(text):
    """V2: case, spacing, signs without width, runs, leet, look-alikes."""
    assert families_of(text) == [Family.HEALTH]


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("2 84 05 38 193 123 80", [Family.NIR]),
        ("1 69 05 2A 049 588 92", [Family.NIR]),
        ("2840538193123", [Family.NIR]),
        ("284053819312381", []),
        ("FR14 2004 1010 0505 0001 3M02 606", [Family.IBAN]),
        ("FR15 2004 1010 0505 0001 3M02 606", []),
        ("06.39.98.12.34", [Family.PHONE]),
        ("+33 (0)6 39 98 12 34", [Family.PHONE]),
        ("tel 0 6 3 9 9 8 1 2 3 4", [Family.PHONE]),
        ("zéro six 39 98 12 34", [Family.PHONE]),
        ("le six trente-neuf quatre vingt dix-huit douze", [Family.PHONE]),
        ("six postes, sept candidats, douze jours", []),
        ("7 84 05 38 193 123 %s" % (97 - 7840538193123 % 97), [Family.NIR]),
        ("son numéro 1234567A", [Family.FT_ID]),
        ("12345678901", [Family.FT_ID]),
        ("offre 178XKQB, acte AST-2026-000042", []),
        ("offre 1234567, SIRET 35600000000048", []),
        ("nom.prenom [at] exemple.fr", [Family.EMAIL]),
    ],
)
def test_numbers_and_addresses_are_known_by_their_keys(text, families):
    """V6."""
    assert families_of(text) == families


@pytest.mark.parametrize(
    ("text", "family"),
    [("mœurs légères", Family.SEXUAL), ("bonne sœur", Family.BELIEFS)],
)
def test_letters_bound_together_are_two(text, family):
    """V2: œ and æ are read as they are typed without them."""
    assert families_of(text) == [family]


def test_a_finding_says_where_and_holds_no_word():
    (finding,) = look("Candidat très malade")

    assert (finding.start, finding.end) == (14, 20)
    assert "malade" not in repr(finding)


def test_the_rules_have_a_number_for_each_of_their_texts():
    """V5: whoever changes a rule tells a new version, so that old texts are read."""
    assert RULES.version.fingerprint == fingerprint()
