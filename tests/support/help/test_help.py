"""The help: found without accents, escaped, led to from each screen (art. 6, U17)."""

import re
from itertools import chain

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.support.help.models import CertifiedBrowser, Guide, Question
from opus.support.management.commands.load_help import load_help
from opus.support.templatetags.helping import (
    DESK_GUIDE,
    GUIDE_OF_REGISTER,
    LISTS_GUIDE,
    REGISTERS,
    SCREENS,
    prose,
)
from tests.accounts.factories import AgencyFactory, AgentFactory, FtAdminFactory
from tests.admin.registers import list_url, record_url
from tests.conftest import sign_in
from tests.forms import longest_form
from tests.opus.page import Page
from tests.support.factories import (
    CertifiedBrowserFactory,
    GuideFactory,
    QuestionFactory,
)

pytestmark = pytest.mark.django_db

HELP = "/aide/"


# --- What Opus comes with -------------------------------------------------------------


def test_every_screen_has_a_guide_and_every_guide_a_screen():
    """U17: no link leads to a page that is not there."""
    load_help()

    own = {*REGISTERS, DESK_GUIDE, LISTS_GUIDE}
    staff = Guide.objects.filter(is_for_staff=True).values_list("slug", flat=True)
    partners = Guide.objects.filter(is_for_staff=False).values_list("slug", flat=True)
    assert (set(staff), set(partners)) == (own, set(SCREENS))
    registers = {model._meta.label_lower for model in admin.site._registry}
    assert set(GUIDE_OF_REGISTER) == registers
    names = list(filter(None, names_of(get_resolver())))
    for beginning in chain.from_iterable(SCREENS.values()):
        assert any(name.startswith(beginning) for name in names), beginning


def names_of(resolver):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names_of(pattern)
        else:
            yield pattern.name


def test_the_first_help_comes_once_and_never_over_what_was_edited(capsys):
    call_command("load_help")
    Question.objects.filter(slug="second-facteur").update(title="Corrigé")
    Guide.objects.filter(slug="accueil").delete()
    before = Question.objects.count()

    call_command("load_help")

    assert capsys.readouterr().out.splitlines()[-1] == "Aide : 1 texte(s) ajouté(s)."
    assert Question.objects.count() == before
    assert Question.objects.get(slug="second-facteur").title == "Corrigé"


def test_the_first_help_is_written_as_the_house_writes():
    """U17: nobody is called « tu », signs have their spaces, texts are short."""
    load_help()
    rows = [*Question.objects.all(), *Guide.objects.all()]
    told = "\n".join(f"{row.title}\n{row.body}" for row in rows)

    assert not re.search(r"\b(tu|ton|ta|tes|toi)\b", told)
    assert "'" not in told
    assert not re.search(r"\w [:;?!](\s|$)", told)
    assert max(len(row.body) for row in rows) < 2000
    assert CertifiedBrowser.objects.count() >= 4


# --- Plain text -----------------------------------------------------------------------


def test_a_plain_text_becomes_paragraphs_lists_and_headings():
    text = "Un.\nDeux.\r\n\r\n## Titre\nTrois.\n- a\n- b\n\n\nFin."

    assert prose(text) == (
        "<p>Un.<br>Deux.</p>\n<h2>Titre</h2>\n<p>Trois.</p>\n"
        "<ul><li>a</li><li>b</li></ul>\n<p>Fin.</p>"
    )


@pytest.mark.parametrize(
    "typed", ["<script>x</script>", "- <img src=x onerror=y>", "## <b>t</b>"]
)
def test_every_sign_of_a_plain_text_is_escaped(typed):
    """S29."""
    made = prose(typed)

    assert set(re.findall(r"<(\w+)", made)) <= {"p", "ul", "li", "h2"}
    assert "&lt;" in made


# --- Pages ----------------------------------------------------------------------------


def test_questions_stand_under_their_themes_and_what_is_withdrawn_stands_nowhere(
    as_adviser: Client,
):
    shown = QuestionFactory(theme="connexion")
    hidden = QuestionFactory(is_shown=False)

    page = as_adviser.get(HELP)

    assert [theme.value for theme, _ in page.context["themes"]] == ["connexion"]
    assert Page.of(page).links()[shown.title] == shown.get_absolute_url()
    assert hidden.title not in page.text
    assert as_adviser.get(hidden.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    "typed",
    ["securite", "SÉCURITÉ", "clés de sécurité", "l'sécurité", "une clé perdue"],
)
def test_the_help_is_found_without_accents_or_endings(as_adviser: Client, typed):
    """Article 6: a searchable FAQ; French stems, accents ignored."""
    wanted = QuestionFactory(title="Ma clé de sécurité est perdue", body="Demandez.")
    QuestionFactory(title="Autre chose", body="Rien à voir.")

    page = as_adviser.get(HELP, {"q": typed})

    assert list(page.context["questions"]) == [wanted]


def test_where_no_text_has_all_the_words_one_of_them_is_enough(as_adviser: Client):
    told = QuestionFactory(title="Imprimer", body="Le document.")

    page = as_adviser.get(HELP, {"q": "imprimer les convocations"})

    assert list(page.context["questions"]) == [told]


def test_a_word_of_the_title_comes_before_one_of_the_text(as_adviser: Client):
    second = QuestionFactory(title="Autre", body="Le quota, un peu.", position=1)
    first = QuestionFactory(title="Le quota", body="Des comptes.", position=2)

    page = as_adviser.get(HELP, {"q": "quota"})

    assert list(page.context["questions"]) == [first, second]


@pytest.mark.parametrize(
    "typed", ["zzz", "de la", "a & b | !", "'", "x" * 500, "<script>x"]
)
def test_odd_words_find_nothing_break_nothing_and_are_escaped(
    as_adviser: Client, typed
):
    """S29."""
    QuestionFactory()

    page = as_adviser.get(HELP, {"q": typed})

    assert "Rien ne répond à ces mots" in page.text
    assert "<script>x" not in page.text


def test_a_question_has_its_own_page_and_its_date(as_adviser: Client):
    question = QuestionFactory(body="Un.\n\n- deux")

    page = as_adviser.get(question.get_absolute_url())

    assert "<li>deux</li>" in page.text
    day = timezone.localdate(question.updated_at)
    assert f'datetime="{day.isoformat()}"' in page.text


def test_the_certified_browsers_are_told_to_everybody(client: Client):
    """Article 6: their characteristics; an old browser may shut somebody out."""
    browser = CertifiedBrowserFactory(name="Navigateur certain")
    gone = CertifiedBrowserFactory(name="Navigateur ancien", is_certified=False)

    page = client.get("/aide/navigateurs/")

    assert page.status_code == 200
    assert browser.name in page.text
    assert gone.name not in page.text


def test_the_help_costs_the_same_whatever_its_length(as_adviser: Client):
    def count(**query):
        with CaptureQueriesContext(connection) as queries:
            assert as_adviser.get(HELP, query).status_code == 200
        return len(queries)

    QuestionFactory(title="Imprimer un")
    count()
    before = count(), count(q="imprimer")
    QuestionFactory.create_batch(2, title="Imprimer encore")

    assert (count(), count(q="imprimer")) == before


# --- From a screen to its guide -------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "guide"),
    [
        ("/offres/?lieu=", "recherche"),
        ("/candidats/", "candidats"),
        ("/profil/", "mon-compte"),
    ],
)
def test_a_screen_leads_to_its_guide_the_help_and_contact(
    as_adviser: Client, path, guide
):
    """U17."""
    links = Page.of(as_adviser.get(path)).links()

    assert links["Aide sur cette page"] == f"/aide/guides/{guide}/"
    assert (links["Aide"], links["Contact"]) == ("/aide/", "/contact/")


@pytest.mark.parametrize(
    ("path", "guide"),
    [
        ("/admin/", "ft-bureau"),
        ("/admin/accounts/letter/", "ft-lettres"),
        ("/admin/accounts/letter/envois/", "ft-lettres"),
        ("/admin/accounts/structure/", "ft-structures"),
    ],
)
def test_an_admin_page_leads_to_its_guide(as_ft_admin: Client, path, guide):
    load_help()

    links = Page.of(as_ft_admin.get(path)).links()

    assert links["Aide"] == f"/aide/guides/{guide}/"
    assert as_ft_admin.get(links["Aide"]).status_code == 200


def test_the_help_of_the_staff_is_theirs(client: Client, adviser, ft_admin):
    """S20: for a partner it does not exist."""
    load_help()
    page, question = "/aide/guides/ft-alertes/", "/aide/questions/ft-export/"
    sign_in(client, adviser)
    hidden = [client.get(url).status_code for url in (page, question)]
    asked = client.get("/aide/", {"q": "recommandé"}).text
    sign_in(client, ft_admin)
    own, theirs = client.get("/aide/"), client.get("/aide/", {"pour": "partenaires"})

    assert hidden == [404, 404]
    assert "ft-numero-recommande" not in asked
    assert "ft-export" in own.text
    assert "second-facteur" not in own.text
    assert "second-facteur" in theirs.text


def test_a_page_without_guide_or_without_a_member_has_no_such_link(
    client: Client, as_adviser: Client
):
    as_adviser.get("/offres/?lieu=")
    assert "Aide sur cette page" not in as_adviser.get("/mentions-legales/").text

    client.logout()

    assert "Aide sur cette page" not in client.get("/contact/").text
    assert AnonymousUser().is_anonymous


# --- The desk of France Travail -------------------------------------------------------


def test_a_text_is_signed_by_who_edited_it_last(as_ft_admin: Client, ft_admin):
    """Who edited, and when."""
    guide = GuideFactory()
    form = longest_form(as_ft_admin.get(record_url(guide)))

    as_ft_admin.post(form.action, form.data(body="Autrement."))

    guide.refresh_from_db()
    assert (guide.body, guide.updated_by) == ("Autrement.", ft_admin)
    assert AuditEntry.objects.get(action="admin_changed").actor_id == ft_admin.pk


def test_a_text_is_looked_at_before_it_is_saved(as_ft_admin: Client):
    guide = GuideFactory(body="Avant.")
    page = as_ft_admin.get(record_url(guide))
    look = reverse("admin:support_guide_preview")
    assert f'formaction="{look}"' in page.text

    shown = as_ft_admin.post(look, {"title": "T", "body": "- <b>un</b>"})

    assert "<li>&lt;b&gt;un&lt;/b&gt;</li>" in shown.text
    guide.refresh_from_db()
    assert guide.body == "Avant."
    assert as_ft_admin.get(look).status_code == 405


def test_the_help_is_written_by_national_staff_and_read_by_the_others(client: Client):
    """S27."""
    guide = GuideFactory(body="Avant.")
    sign_in(client, FtAdminFactory(agency=AgencyFactory(safir="38900", kind="dt")))

    page = client.get(record_url(guide))
    answer = client.post(record_url(guide), {"title": "T", "body": "Après."})

    assert "Enregistrer" not in page.text
    assert answer.status_code == 403
    sign_in(client, AgentFactory())
    assert client.get(list_url("support.guide")).status_code == 403


def test_what_the_database_refuses_comes_back_with_its_reason(
    as_ft_admin: Client, monkeypatch
):
    """The page of the form again: what was typed, why, and nothing in the journal."""
    guide = GuideFactory(title="Avant")
    form = longest_form(as_ft_admin.get(record_url(guide)))

    def refuse(*args, **kwargs):
        Guide.objects.filter(pk=guide.pk).update(body="Écrit à moitié.")
        raise MoveRefused("Ce guide est figé.")

    monkeypatch.setattr(Guide, "save", refuse)
    page = as_ft_admin.post(form.action, form.data(title="Après"))

    assert "Ce guide est figé." in page.text
    assert longest_form(page).data()["title"] == ["Après"]
    assert Page.of(page).one("h1").words() == "Avant"
    guide.refresh_from_db()
    assert guide.body != "Écrit à moitié."
    assert not AuditEntry.objects.filter(action="admin_changed").exists()
