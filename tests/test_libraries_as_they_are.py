"""bin/check refuses what replaces a library's code or leans on its private names."""

import ast
from types import ModuleType

import pytest
from checks import libraries


@pytest.mark.parametrize(
    "code",
    [
        "from django.utils import dateformat\ndateformat.DateFormat.j = print",
        "import django.db\ndjango.db.connection = None",
        "from django.http import HttpRequest\nsetattr(HttpRequest, 'body', b'')",
        "query = make()\nquery.get_compiler = lambda: None",
    ],
)
def test_what_replaces_a_librarys_code_is_found(code):
    [(line, _)] = libraries.replaced(ast.parse(code))

    assert line == len(code.splitlines())


@pytest.mark.parametrize(
    "code",
    [
        "from opus.lib import outbox\noutbox.channel = None",
        "class Row:\n    def __init__(self):\n        self.key = 1",
        "request = ask()\nrequest.structure = None",
    ],
)
def test_what_is_our_own_is_left_alone(code):
    assert list(libraries.replaced(ast.parse(code))) == []


@pytest.mark.parametrize(
    "body",
    [
        "def _get_page(self): pass",
        "def page(self): return super()._get_page()",
        "def page(self): return self._get_page()",
    ],
)
def test_a_private_name_of_a_base_class_is_found(body):
    code = (
        "from django.core.paginator import Paginator\n"
        f"class List(Paginator):\n    {body}\n"
        "class Own:\n    def _get_page(self): return self._kept"
    )
    planted = ModuleType("offers.planted")
    exec(code, vars(planted))  # noqa: S102 - the lines above

    [(line, fault)] = libraries.inherited(planted, ast.parse(code))

    assert (line, fault) == (3, "List._get_page is a library's")


def test_a_private_name_that_a_base_class_sets_on_its_objects_is_found():
    code = (
        "from django.contrib.admin import AdminSite\n"
        "class Site(AdminSite):\n    def index(self): return self._registry"
    )
    planted = ModuleType("offers.planted")
    exec(code, vars(planted))  # noqa: S102 - the lines above

    assert [line for line, _ in libraries.inherited(planted, ast.parse(code))] == [3]
