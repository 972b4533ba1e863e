"""Nothing of one structure's persons ever shows in another's pages (S20, S24)."""

import io
from contextlib import suppress

import pikepdf
import pytest
from django.urls import reverse

from referrals.candidates.models import Candidate
from referrals.documents import documents
from referrals.documents.models import Document
from tests.accounts.factories import AdviserFactory, RgcFactory
from tests.conftest import sign_in
from tests.files import make_file
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DocumentFactory,
    ReferralFactory,
    SavedSearchFactory,
    end,
)
from tests.referrals.print_job_cases import make_job
from tests.referrals.screened import ScreenedReferralFactory
from tests.test_access_matrix import TABLE, Cast
from tests.walk import NOBODY, addresses

pytestmark = pytest.mark.django_db

CANARY = "Zzcanari"
# They would end the walk.
WAYS_OUT = {"deconnexion/", "premier-acces/"}


@pytest.fixture
def theirs():
    return sing(AdviserFactory())


def sing(adviser):
    """A person of that adviser, whose every field sings, with an act that ended."""
    candidate = CandidateFactory(
        adviser=adviser,
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
        act=referral, candidate=referral.candidate, title=f"Proposition {CANARY}"
    )
    document.freeze(documents.body_of(referral))
    document.save(force_insert=True)
    make_file(document)
    end(referral)
    return document


def content_of(response):
    """What the answer says, headers included, and PDFs opened."""
    content = b"".join(response) if response.streaming else response.content
    if response.get("Content-Type") == "application/pdf":
        # Some files of the cast are a few bytes, no PDF: they are read as they are.
        with suppress(pikepdf.PdfError), pikepdf.open(io.BytesIO(content)) as file:
            content = b"".join(
                stream.read_bytes()
                for stream in file.objects
                if isinstance(stream, pikepdf.Stream)
            )
    return content.decode("utf-8", "replace") + str(dict(response.headers))


def test_the_canary_would_be_heard(theirs, client):
    """The control: its own adviser hears it on every kind of page."""
    sign_in(client, theirs.act.adviser)

    for url in [
        reverse("candidates"),
        reverse("referrals"),
        theirs.act.get_absolute_url(),
        theirs.act.candidate.get_absolute_url(),
        theirs.get_absolute_url(),
        theirs.act.offer.get_absolute_url(),
    ]:
        assert CANARY in content_of(client.get(url)), url


def addresses_of(cast, document, mine):
    """Each address with the ids that it is made for: theirs of each kind, and mine.

    An id of another kind opens nothing: tests/test_nominative.py holds the 404.
    """
    parts = cast.parts
    theirs = {
        "<reference:reference>": document.act.offer_id,
        "<uuid:candidate_pk>": document.candidate_id,
        "candidats/<uuid:pk>": f"candidats/{document.candidate_id}",
        "mises-en-contact/<uuid:pk>": f"mises-en-contact/{document.act_id}",
        "documents/<uuid:pk>": f"documents/{document.pk}",
    }
    own = {
        "<uuid:candidate_pk>": mine.pk,
        "candidats/<uuid:pk>": f"candidats/{mine.pk}",
    }
    for route in dict.fromkeys(route for _, route in TABLE):
        if route not in WAYS_OUT:
            paths = []
            for more in ({}, theirs, theirs | own):
                cast.parts = parts | more
                paths.append(cast.url(route))
            yield dict.fromkeys(paths)


@pytest.mark.parametrize(
    "who",
    ["stranger"]
    + [pytest.param(one, marks=pytest.mark.thorough) for one in ("colleague", "rgc")],
)
def test_no_page_lets_another_adviser_hear_the_canary(client, who):
    """S20, S24: every address × GET and POST × their ids, acts of each kind."""
    cast = Cast()
    theirs = sing(cast.owner)
    Candidate.objects.filter(adviser=cast.owner).update(
        first_name=f"{CANARY}prenom", last_name=f"{CANARY}nom", city=f"{CANARY}ville"
    )
    me = {
        "stranger": AdviserFactory,
        "colleague": lambda: AdviserFactory(structure=cast.structure),
        "rgc": lambda: RgcFactory(structure=cast.structure),
    }[who]()
    sign_in(client, me)
    typed = {
        "who": "7654321Z",
        "look_up": "1",
        "first_name": "Zoé",
        "last_name": "Autre",
        "ft_id": "7654321Z",
        "q": "maçon",
        "etat": "",
    }
    heard, answered = [], 0
    for paths in addresses_of(cast, theirs, CandidateFactory(adviser=me)):
        for ask, data in [(client.get, None), (client.post, typed)]:
            for path in paths:
                response = ask(path, data)
                if response.status_code == 405:
                    break  # Whatever the id.
                answered += 1
                if CANARY in content_of(response):
                    heard.append((response.request["REQUEST_METHOD"], path))

    assert heard == []
    assert answered > 300
    # Nothing of the walk signed him out.
    assert client.get(reverse("candidates")).status_code == 200


def test_a_stranger_cannot_tell_a_taken_identifier_from_a_free_one(client, theirs):
    """S20: the answer is the same, word for word but for what was typed."""
    sign_in(client, AdviserFactory())

    taken, free = (
        client.post(reverse("candidates"), {"who": ft_id}).context["found"]
        for ft_id in ["7654321Z", "7654321Y"]
    )

    assert taken == free


FACTORIES = {
    "/mises-en-contact/": ReferralFactory,
    "/mises-en-contact/preselection/": ScreenedReferralFactory,
    "/demandes-de-cv/": CvRequestFactory,
    "/convocations/": AppointmentFactory,
    "/candidats/": CandidateFactory,
    "/documents/": DocumentFactory,
    "/recherches/": SavedSearchFactory,
    "/impressions/": make_job,
}


@pytest.mark.parametrize("role", [AdviserFactory, RgcFactory])
@pytest.mark.parametrize("page", FACTORIES)
def test_what_is_a_colleagues_does_not_exist(client, page, role):
    """S20, S24: its page, each of its steps and files; a stranger's: docs/access.md."""
    owner = AdviserFactory()
    person = CandidateFactory(adviser=owner, last_name=CANARY)
    theirs = {
        "/candidats/": lambda make: person,
        "/documents/": lambda make: make(act__candidate=person, ready=True),
        "/recherches/": lambda make: make(account=owner, name=CANARY),
        "/impressions/": lambda make: make(owner),
    }.get(page, lambda make: make(candidate=person))(FACTORIES[page])
    sign_in(client, role(structure=owner.structure))
    of_one = f"{page}{NOBODY}/"
    paths = [one.path for one in addresses() if one.path.startswith(of_one)]
    assert len(paths) > 2

    for path in paths:
        path = path.replace(str(NOBODY), str(theirs.pk))
        codes = {client.get(path).status_code, client.post(path).status_code}
        assert codes in ({404}, {404, 405}), path
    assert CANARY not in client.get(page).text
