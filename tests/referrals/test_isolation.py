"""Nothing of one structure's persons ever shows in another's pages (S20, S24)."""

import io

import pikepdf
import pytest
from django.urls import reverse

from referrals import documents, tasks
from referrals.models import Document
from tests.accounts.factories import AdviserFactory, RgcFactory
from tests.conftest import sign_in
from tests.offers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory, end
from tests.walk import NOBODY, addresses

pytestmark = pytest.mark.django_db

CANARY = "Zzcanari"


@pytest.fixture
def theirs():
    """A person of another adviser, whose every field sings, with an act that ended."""
    candidate = CandidateFactory(
        first_name=f"{CANARY}prenom",
        last_name=f"{CANARY}nom",
        ft_id="7654321Z",
        email=f"{CANARY}@messagerie.example",
        address=f"1 rue {CANARY}",
        city=f"{CANARY}ville",
    )
    referral = ReferralFactory(
        candidate=candidate, handed_over=True, number=f"MEC-{CANARY}"
    )
    document = Document(
        referral=referral, candidate=referral.candidate, title=f"Proposition {CANARY}"
    )
    document.freeze(documents.body_of(referral))
    document.save(force_insert=True)
    tasks.make_document(str(document.pk))
    end(referral)
    return document


def content_of(response):
    """What the answer says, headers included, and PDFs opened."""
    content = b"".join(response) if response.streaming else response.content
    if response.get("Content-Type") == "application/pdf":
        with pikepdf.open(io.BytesIO(content)) as file:
            content = b"".join(
                stream.read_bytes()
                for stream in file.objects
                if isinstance(stream, pikepdf.Stream)
            )
    return content.decode("utf-8", "replace") + str(dict(response.headers))


def test_the_canary_would_be_heard(theirs, client):
    """The control: its own adviser hears it on every kind of page."""
    sign_in(client, theirs.referral.adviser)

    for url in [
        reverse("candidates"),
        reverse("referrals"),
        theirs.referral.get_absolute_url(),
        theirs.referral.candidate.get_absolute_url(),
        theirs.get_absolute_url(),
        theirs.referral.offer.get_absolute_url(),
    ]:
        assert CANARY in content_of(client.get(url)), url


@pytest.mark.parametrize("who", ["stranger", "colleague", "rgc"])
def test_no_page_lets_another_adviser_hear_the_canary(client, theirs, who):
    """S20, S24: every address × every one of their ids × GET and POST."""
    structure = theirs.referral.structure
    me = {
        "stranger": AdviserFactory,
        "colleague": lambda: AdviserFactory(structure=structure),
        "rgc": lambda: RgcFactory(structure=structure),
    }[who]()
    sign_in(client, me)
    mine = CandidateFactory(adviser=me)
    ids = [theirs.pk, theirs.referral.pk, theirs.referral.candidate.pk, mine.pk]
    typed = {
        "who": "7654321Z",
        "look_up": "1",
        "first_name": "Zoé",
        "last_name": "Autre",
        "ft_id": "7654321Z",
        "q": "maçon",
        "etat": "",
    }
    heard = []
    for address in addresses():
        if address.is_admin or address.name in {"logout", "first_access"}:
            continue
        for pk in ids:
            path = address.path.replace(str(NOBODY), str(pk)).replace(
                "188VMCV", theirs.referral.offer_id
            )
            for response in (client.get(path), client.post(path, typed)):
                if CANARY in content_of(response):
                    heard.append((address.name, response.request["REQUEST_METHOD"]))
            if str(NOBODY) not in address.path:
                break
    assert heard == []


def test_a_stranger_cannot_tell_a_taken_identifier_from_a_free_one(client, theirs):
    """S20: the answer is the same, word for word but for what was typed."""
    sign_in(client, AdviserFactory())

    taken, free = (
        client.post(reverse("candidates"), {"who": ft_id}).context["found"]
        for ft_id in ["7654321Z", "7654321Y"]
    )

    assert taken == free


def test_an_offers_panel_counts_strangers_and_names_none(client, theirs):
    offer = theirs.referral.offer
    ReferralFactory(offer=offer, candidate__last_name=CANARY)
    sign_in(client, AdviserFactory())

    text = client.get(offer.get_absolute_url()).text

    assert "1 acte en cours" in text
    assert CANARY not in text


def test_look_alikes_and_lists_of_offers_tell_nothing_of_acts(client, theirs):
    OfferFactory()
    sign_in(client, AdviserFactory())

    assert CANARY not in client.get(reverse("offers")).text
