"""V13: the copy of a person's data: complete, the others masked, taken once."""

import io
import json
import threading
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.signin import sessions
from accounts.team.actions import change_account
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.background_files import delete_expired_files
from opus.lib.database.states import MoveRefused
from opus.lib.privacy import personal_data, subject_access
from opus.lib.privacy.personal_data import Person, Retention
from opus.support.data_rights import actions
from opus.support.data_rights.models import PersonFile
from referrals.candidates.models import Candidate
from tests.accounts.factories import (
    AdviserFactory,
    ExportFactory,
    FtAdminFactory,
    OpenSessionFactory,
)
from tests.admin.registers import action_url, record_url, text_of
from tests.files import make_file
from tests.referrals.cv_factories import CvFileFactory, CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
)
from tests.referrals.screened import ScreenedReferralFactory
from tests.support.factories import PersonFileFactory, RightsRequestFactory

pytestmark = pytest.mark.django_db


def acts_for(candidate: Candidate) -> None:
    referral = ReferralFactory(candidate=candidate, handed_over=True)
    DocumentFactory(ready=True, act=referral)
    CvFileFactory(cv_request=CvRequestFactory(candidate=candidate, handed_over=True))
    ScreenedReferralFactory(candidate=candidate)
    AppointmentFactory(candidate=candidate)
    FavouriteFactory(candidate=candidate)


def collect(candidate: Candidate) -> subject_access.Dossier:
    return subject_access.collect(Person(candidates=frozenset({candidate.pk})))


def test_every_declared_table_with_a_lookup_is_asked_and_each_of_its_fields_is_told():
    """V13: by introspection; a field that is added appears by itself."""
    person = Person(frozenset({1}), frozenset({uuid.uuid4()}), frozenset({"1ABC"}))
    for table in personal_data.tables():
        if not (table.accounts or table.candidates or table.offers):
            continue
        held = subject_access.held_in(table, person, {})
        assert all([held.source, *held.left_out.values()]), table.model
        subject_access.rows_of(table, person).query.sql_with_params()
        fields = {one.name: one for one in table.class_._meta.concrete_fields}
        assert table.left_out.keys() <= fields.keys()
        for name in fields.keys() - table.left_out.keys():
            given = subject_access.describe(table.class_(), fields[name], person, {})
            assert given["intitule"], (table.model, name)


def test_no_secret_is_told():
    """V13: a field that opens an account is left out, with its reason."""
    secrets = ("password", "hash", "nonce", "digest", "sealed", "public_key", "salt")
    given = {
        f"{table.model}.{field.name}"
        for table in personal_data.tables()
        if table.accounts
        for field in table.class_._meta.concrete_fields
        if field.name not in table.left_out
    }
    assert given
    assert not [name for name in given if any(word in name for word in secrets)]


def test_a_candidates_copy_holds_all_of_hers_and_nothing_of_another(adviser):
    """V13: the canary of another person is absent, a colleague's name too."""
    colleague = AdviserFactory(structure=adviser.structure, first_name="Zcanari")
    hers = CandidateFactory(adviser=colleague, last_name="Cherchée")
    acts_for(hers)
    acts_for(CandidateFactory(adviser=adviser, last_name="Zautrecanari"))
    journal.record(Action.PERSON_READ, by=adviser, persons=[hers.pk])

    told = subject_access.as_json(collect(hers))

    tables = {one["table"] for one in json.loads(told)["tables"]}
    names = ("Candidate", "Act", "Document", "CvFile", "Favourite")
    assert tables >= {f"referrals.{name}" for name in names}
    for words in ["Cherchée", hers.email, "une autre personne (conseiller)"]:
        assert words in told
    for other in ["Zautrecanari", "Zcanari", adviser.last_name]:
        assert other not in told


def test_an_accounts_copy_holds_its_own_life_and_nobody_elses():
    mine, other = AdviserFactory(last_name="Zmoi"), AdviserFactory(last_name="Zautre")
    for account in [mine, other]:
        OpenSessionFactory(account=account)
        ExportFactory(account=account, ready=True)
        journal.record(Action.SIGN_IN, by=account)
    CandidateFactory(adviser=mine, last_name="Zcandidat")

    dossier = subject_access.collect(Person(accounts=frozenset({mine.pk})))
    told = subject_access.as_json(dossier)

    assert "Zmoi" in told
    for words in ["Zautre", other.identifier, "Zcandidat", mine.password]:
        assert words not in told
    assert len(dossier.journal) == 1


def test_the_copy_says_who_received_what_and_for_how_long_all_is_kept(adviser):
    """V13: recipients and retention."""
    hers = CandidateFactory(adviser=adviser)
    act = ScreenedReferralFactory(candidate=hers, offer__agency_safir="38086")
    journal.record(Action.PERSON_READ, by=adviser, persons=[hers.pk])

    dossier = collect(hers)

    told = {(one.who, one.what) for one in dossier.recipients}
    assert ("agence France Travail 38086", f"la proposition n° {act.number}") in told
    assert [(line.by, line.ip) for line in dossier.journal] == [("conseiller", None)]
    kept = {held.table.retention.delay for held in dossier.tables}
    assert Retention.ACTS.delay in kept
    pages = render_to_string("documents/person.html", {"dossier": dossier})
    for told_so in (pages, subject_access.as_json(dossier).replace("{}", "")):
        assert "jamais sur moins de 5 personnes" in told_so
        assert "cell_of" not in told_so


def test_an_accounts_copy_names_its_recipients_and_its_corrections_by_their_words():
    """V13, V14: no key, no column's name in what a person reads."""
    mine = AdviserFactory(last_name="Ferand")
    change_account(mine, by=FtAdminFactory(), last_name="Ferrand")
    mine.steps.create(origin="cree", target="actif", by=FtAdminFactory())

    dossier = subject_access.collect(Person(accounts=frozenset({mine.pk})))

    whose = {one.who for one in dossier.recipients}
    rgc = f"responsable de gestion des comptes de la structure {mine.structure}"
    assert whose == {rgc, f"agence {mine.structure.agency}"}
    pages = render_to_string("documents/person.html", {"dossier": dossier})
    correction = mine.corrections.get()
    assert "Ferand" in pages
    assert "nom\xa0: «\xa0Ferand\xa0» est devenu «\xa0Ferrand\xa0»" in pages
    assert "last_name" not in pages
    assert "de «\xa0créé, jamais utilisé\xa0» à «\xa0actif\xa0»" in pages
    assert "{}" not in pages
    assert str(correction.gesture) not in pages
    assert str(correction.gesture) in subject_access.as_json(dossier)


def test_the_pages_begin_with_the_person_then_what_was_done_who_saw_and_how_long(
    adviser,
):
    """GDPR 12.1: in sentences, without a name of somebody else, a key or a code."""
    hers = CandidateFactory(adviser=adviser, phone="0601020304")
    acts_for(hers)
    for _ in range(3):
        journal.record(Action.PERSON_READ, by=adviser, persons=[hers.pk])
    pages = render_to_string("documents/person.html", {"dossier": collect(hers)})

    wanted = [
        f"Vous vous appelez {hers}.",
        "Votre téléphone est\xa0: 06 01 02 03 04.",
        "Ce qui a été fait pour vous",
        "Qui a reçu vos données",
        "Conseiller\xa0: 3 fois",
        "Combien de temps",
        "donnees.json",
    ]
    places = [pages.index(words) for words in wanted]
    assert places == sorted(places)
    assert str(hers.pk) not in pages
    assert str(adviser) not in pages
    assert "idempotency" not in pages


def test_the_pages_are_pdf_ua_and_the_files_of_the_rows_are_beside(adviser):
    """V13, A13."""
    hers = CandidateFactory(adviser=adviser)
    acts_for(hers)

    made = subject_access.make(Person(candidates=frozenset({hers.pk})))

    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        names = parts.namelist()
        pages = parts.read(subject_access.PDF_NAME)
    assert names[:2] == [subject_access.PDF_NAME, subject_access.JSON_NAME]
    assert [name for name in names if name.startswith("fichiers/document")]
    assert [name for name in names if name.startswith("fichiers/cvfile")]
    assert "Candidat" not in "".join(names)
    with pikepdf.open(io.BytesIO(pages)) as printed:
        with printed.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
        assert str(printed.Root.Lang) == "fr"


def test_a_person_is_found_by_an_exact_identifier_and_never_by_a_name(adviser):
    """S24, V13: in every structure, or by the number of an act."""
    facts = {"ft_id": "7654321Z", "email": "k.b@messagerie.example"}
    hers = {one.pk for one in CandidateFactory.create_batch(2, **facts)}
    act = ReferralFactory(candidate__last_name="Benali")

    for typed in ["7654321z", " 765 4321 Z ", "K.B@Messagerie.example"]:
        assert personal_data.find(typed).candidates == hers
    assert personal_data.find(act.number.lower()).candidates == {act.candidate_id}
    assert personal_data.find(adviser.identifier.lower()).accounts == {adviser.pk}
    assert not personal_data.find("Benali")
    assert not personal_data.find("")


def test_the_copy_is_made_by_a_worker_sealed_taken_once_and_gone(
    as_ft_admin, ft_admin, django_capture_on_commit_callbacks
):
    """V13."""
    hers = CandidateFactory(last_name="Zcherchée")
    asked = RightsRequestFactory(under_way=True, kind="non_inscrit", account=None)
    asked.candidates.create(candidate=hers.pk)
    # Whose it is, read and confirmed.
    confirmed = {"is_this_person": "on", "about": ",".join(asked.about)}
    with django_capture_on_commit_callbacks(execute=True):
        as_ft_admin.post(action_url(asked, "preparer-la-copie"), confirmed)
    make_file(PersonFile.objects.get())

    kept = PersonFile.objects.get()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(bytes(kept.content)))
    # To look at the page, or to read ahead, spends nothing.
    for look in (as_ft_admin.head, as_ft_admin.get):
        assert look(action_url(asked, "telecharger-la-copie")).status_code == 200
    first = as_ft_admin.post(action_url(asked, "telecharger-la-copie"))
    second = as_ft_admin.post(action_url(asked, "telecharger-la-copie"))
    question = as_ft_admin.get(action_url(asked, "telecharger-la-copie"))
    actions.prepare_file(asked, by=ft_admin, about=asked.about)
    another = as_ft_admin.get(action_url(asked, "telecharger-la-copie"))

    assert first["Content-Type"] == "application/zip"
    assert "Zcherch" not in first["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(first.content)) as parts:
        assert "Zcherchée" in parts.read("donnees.json").decode()
    for gone in [second, question]:
        assert gone.status_code == 410
        assert "elle se télécharge une seule fois" in text_of(gone)
        assert action_url(asked, "preparer-la-copie") in text_of(gone)
    kept.refresh_from_db()
    assert kept.content is None
    # Another one may follow.
    assert another.status_code == 200
    told = AuditEntry.objects.filter(target_id=str(asked.pk))
    taken = told.get(action=Action.PERSON_FILE_TAKEN)
    assert taken.person_ids == [hers.pk]


@pytest.mark.django_db(transaction=True)
def test_of_ten_downloads_at_once_one_has_the_copy(ft_admin):
    """V13: the row is locked; the nine others are told that it is gone."""
    asked = PersonFileFactory(ready=True).request
    ready = threading.Barrier(10)

    def download(_: int) -> bool:
        try:
            ready.wait(timeout=60)
            return bool(actions.download_file(asked, by=ft_admin))
        except MoveRefused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as hands:
        assert sum(hands.map(download, range(10))) == 1


def test_no_copy_before_the_identity_is_checked(ft_admin):
    """V12, V13."""
    for asked in [RightsRequestFactory(), RightsRequestFactory(verified=True)]:
        with pytest.raises(MoveRefused):
            actions.prepare_file(asked, by=ft_admin, about=asked.about)


def test_after_seven_days_the_copy_cannot_be_taken_and_is_deleted(
    ft_admin, time_machine
):
    """V13."""
    file = PersonFileFactory(ready=True)
    PersonFile.objects.update(expires_at=timezone.now())

    with pytest.raises(MoveRefused):
        actions.download_file(file.request, by=ft_admin)
    delete_expired_files()

    assert not PersonFile.objects.exists()


@pytest.mark.parametrize("slug", ["preparer-la-copie", "telecharger-la-copie"])
def test_the_copy_asks_for_the_second_factor_again(as_ft_admin, slug):
    """S17."""
    asked = RightsRequestFactory(under_way=True, ready=slug.startswith("tele"))
    session = as_ft_admin.session
    del session["confirmed"]
    session.save()
    assert not sessions.is_confirmed(as_ft_admin.session)

    response = as_ft_admin.post(action_url(asked, slug))

    assert response["Location"].startswith(reverse("step_up"))
    assert as_ft_admin.get(record_url(asked)).status_code == 200


def test_a_request_that_was_closed_meanwhile_gets_no_copy():
    file = PersonFileFactory(request__answered=True)

    make_file(file)

    file.refresh_from_db()
    assert (file.state, file.failure) == ("echec", "droits")
