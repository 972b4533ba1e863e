"""Every answer carries its headers, whatever it is (S18, S29, S30)."""

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client

from tests.cases import each_case
from tests.opus.page import Page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; report-uri /csp/"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ANSWERS = [
    ("get", "/accessibilite/", 200),
    ("get", "/", 302),
    ("get", "/refus/", 403),
    ("get", "/nulle-part/", 404),
    ("get", "/csp/", 405),
    ("get", "/bouge/", 409),
    ("get", "/souvent/", 429),
    ("get", "/casse/", 500),
    ("get", "/lent/", 503),
    ("get", "/readyz", 200),
    ("post", "/csp/", 204),
    ("options", "/accessibilite/", 405),
    ("head", "/accessibilite/", 200),
]


OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def browser() -> Client:
    return Client(
        headers={"host": "localhost"},
        enforce_csrf_checks=True,
        raise_request_exception=False,
    )


@pytest.mark.django_db
@pytest.mark.urls("tests.opus.breaking_urls")
@each_case(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_headers(browser, referral, method, path, status):
    """S30."""
    response = getattr(browser, method)(path, secure=True)

    assert response.status_code == status
    assert {name: response.headers.get(name) for name in ALWAYS} == ALWAYS
    assert response["Cache-Control"] == "no-store"
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.django_db
def test_signed_in_pages_are_kept_nowhere(as_adviser):
    """S30."""
    assert as_adviser.get("/", secure=True)["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_style_sheet_may_be_kept(browser):
    response = browser.get("/static/css/base.css", secure=True)
    response.close()

    assert "no-store" not in response["Cache-Control"]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_every_cookie_is_bound_to_this_host_and_hidden_from_scripts(browser):
    """S18."""
    cookies = browser.post("/", {"a": "b"}, headers=OURS).cookies

    assert list(cookies) == ["__Host-opus"]
    assert {
        name: cookies["__Host-opus"][name]
        for name in ["secure", "httponly", "samesite", "path", "domain"]
    } == {
        "secure": True,
        "httponly": True,
        "samesite": "Lax",
        "path": "/",
        "domain": "",
    }


@pytest.mark.django_db
def test_a_page_without_form_sets_no_cookie(browser):
    assert not browser.get("/accessibilite/", secure=True).cookies


def test_messages_travel_in_the_session():
    """S18: Django's usual cookie for them has no ``__Host-`` prefix."""
    assert settings.MESSAGE_STORAGE.endswith("SessionStorage")


INLINE = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "htmx code": re.compile(r"\s(?:data-)?hx-(?:on\b|vals=[\"']js:)", re.IGNORECASE),
}
TEMPLATES = sorted(settings.BASE_DIR.glob("templates/**/*.html"))


def test_no_template_holds_what_the_policy_would_block():
    """S29."""
    found = [
        f"{template.relative_to(settings.BASE_DIR)}: {fault}"
        for template in TEMPLATES
        for fault, pattern in INLINE.items()
        if pattern.search(template.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_a_first_visit_stays_light():
    """P8: 250 kB, of which we keep 40 for the page itself and its own parts."""
    base = (settings.BASE_DIR / "templates/base.html").read_text(encoding="utf-8")
    paths = [
        *re.findall(r"{% static '([^']+)' %}", base),
        "dsfr/dist/fonts/Marianne-Regular.woff2",
        "dsfr/dist/fonts/Marianne-Bold.woff2",
    ]

    weights = [
        len(brotli.compress(Path(finders.find(path)).read_bytes())) for path in paths
    ]

    assert len(paths) > 10
    assert sum(weights) < 210_000


def test_every_static_file_that_a_template_names_exists():
    named = {
        match
        for template in TEMPLATES
        for match in re.findall(
            r"{% static ['\"]([^'\"]+)['\"] %}", template.read_text(encoding="utf-8")
        )
    }

    assert {path for path in named if finders.find(path) is None} == set()


@pytest.mark.parametrize("status", [400, 404, 405, 413, 500, 503])
def test_a_breakdown_leads_to_the_source_code_too(status):
    """AGPL, section 13: with neither request nor database."""
    page = Page.of(render_to_string(f"{status}.html"))

    assert page.links()["Code source"] == settings.CONTACT["source"]
