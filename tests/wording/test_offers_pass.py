"""The prose of offers is work: the guard has next to nothing to say of it (V3)."""

import datetime as dt
import gzip
import json
import re
from itertools import islice

import pytest
from django.conf import settings

from offers.synthetic import make_offers
from opus.lib.wording.families import SUBJECTS
from opus.lib.wording.guard import look

REAL = settings.BASE_DIR.parent / "shared" / "data" / "offers"
REAL_FILE = REAL / "offers-full.jsonl.gz"
SENTENCES = re.compile(r"[.!?\n]+")


def share_refused(descriptions):
    """Of the sentences, those where the guard sees a subject."""
    sentences = {
        sentence.strip()
        for text in descriptions
        for sentence in SENTENCES.split(text or "")
        if len(sentence.split()) > 2
    }
    refused = [
        sentence
        for sentence in sentences
        if any(one.family in SUBJECTS for one in look(sentence))
    ]
    assert len(sentences) > 100
    return len(refused) / len(sentences)


def test_invented_offers_pass():
    offers = make_offers(300, seed=3, today=dt.date(2026, 11, 24))

    assert share_refused(offer["description"] for offer in offers) <= 0.03


@pytest.mark.skipif(not REAL_FILE.exists(), reason="the real offers are not here")
def test_real_offers_pass():
    with gzip.open(REAL_FILE, "rt", encoding="utf-8") as lines:
        offers = [json.loads(line) for line in islice(lines, 0, 4000, 20)]

    assert share_refused(offer.get("description") for offer in offers) <= 0.02
