"""V20: acts under pseudonyms, whose key stands outside the database."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from opus.lib.audit.models import AuditEntry
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    ReferralFactory,
)

pytestmark = pytest.mark.django_db


def key_file(folder: Path, letter: str = "k") -> Path:
    file = folder / f"cle-{letter}"
    file.write_text(letter * 43)
    file.chmod(0o600)
    return file


def extract(folder: Path, key: Path, name: str) -> list[dict[str, str]]:
    output = folder / name
    call_command("extract_acts", key=key, output=output)
    assert output.stat().st_mode & 0o077 == 0
    return list(csv.DictReader(output.read_text().splitlines()))


def test_one_person_is_the_same_under_one_key_and_nobody_under_another(tmp_path):
    """V20: rotation breaks the link."""
    candidate = CandidateFactory()
    ReferralFactory(candidate=candidate)
    AppointmentFactory(candidate=candidate)
    ReferralFactory()
    first, second = key_file(tmp_path, "a"), key_file(tmp_path, "b")

    now = [row["personne"] for row in extract(tmp_path, first, "1.csv")]
    again = [row["personne"] for row in extract(tmp_path, first, "2.csv")]
    rotated = [row["personne"] for row in extract(tmp_path, second, "3.csv")]

    assert now == again
    assert (len(now), len(set(now))) == (3, 2)
    assert set(now) & set(rotated) == set()


def test_it_holds_month_department_kind_and_outcome_and_nothing_of_the_person(tmp_path):
    candidate = CandidateFactory(last_name="Zzcanari", ft_id="1234567A")
    act = ReferralFactory(candidate=candidate, structure__postcode="38080")

    (row,) = extract(tmp_path, key_file(tmp_path), "1.csv")

    text = (tmp_path / "1.csv").read_text()
    assert row.keys() == {"personne", "mois", "departement", "acte", "suite"}
    assert row["acte"] == "mise_en_contact"
    for told in ["Zzcanari", "1234567A", str(candidate.pk), act.number, act.offer_id]:
        assert told not in text


def test_the_journal_tells_that_it_was_made_and_names_nobody(tmp_path):
    ReferralFactory()

    extract(tmp_path, key_file(tmp_path), "1.csv")

    entry = AuditEntry.objects.get(action="export_made")
    assert entry.details == {"what": "extract_acts", "rows": 1}
    assert (entry.persons, entry.person_ids) == (1, [])


def test_a_key_that_protects_nobody_is_refused(tmp_path):
    """A short one, one that others read, none, and a file that is there already."""
    short, open_, good = (key_file(tmp_path, each) for each in "sog")
    short.write_text("s" * 31)
    open_.chmod(0o644)
    (tmp_path / "deja.csv").touch()

    for key, output, words in [
        (short, "1.csv", "31 octets"),
        (open_, "1.csv", "chmod 600"),
        (tmp_path / "aucune", "1.csv", "aucune"),
        (good, "deja.csv", "deja.csv"),
    ]:
        with pytest.raises(CommandError, match=words):
            call_command("extract_acts", key=key, output=tmp_path / output)
    assert not AuditEntry.objects.filter(action="export_made").exists()
