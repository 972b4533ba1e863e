"""Each link, file and function that a page names is there."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\]\(([^)\s]*)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# What a decision or a release said of the code is history.
TODAY = [
    page for page in PAGES if page.parent.name != "adr" and page.name != "CHANGELOG.md"
]
FILE = re.compile(
    r"`((?:accounts|demo|offers|opus|referrals|tests|templates|bin|docs|requirements|static)"
    r"/[\w./-]+?)(?:::([\w:]+))?`"
)


def anchors_of(page: Path) -> set[str]:
    """Return explicit ids, and headings as a forge writes them."""
    text = page.read_text(encoding="utf-8")
    headings = [
        re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", one) for one in HEADING.findall(text)
    ]
    plain = [re.sub(r"[^\w -]", "", heading.lower()) for heading in headings]
    return {
        *re.findall(r'\bid="([^"]+)"', text),
        *(one.replace(" ", "-") for one in plain),
    }


def broken_links(page: Path) -> list[str]:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    return [link for link in links if "://" not in link and not leads(page, link)]


def leads(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in anchors_of(target)


def names_in(path: Path) -> set[str]:
    """The functions and classes of a file; methods as ``Class::method``."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            names |= {f"{node.name}::{each.name}" for each in inner}
    return names


def missing_names(page: Path) -> list[str]:
    return [
        f"{path}::{name}" if name else path
        for path, name in FILE.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path).exists() or (name and name not in names_in(ROOT / path))
    ]


def by_page(pages: list[Path], faults_of) -> dict[str, list[str]]:
    found = {str(page.relative_to(ROOT)): faults_of(page) for page in pages}
    return {name: faults for name, faults in found.items() if faults}


def test_every_link_of_the_pages_leads_somewhere():
    assert by_page(PAGES, broken_links) == {}


def test_every_file_and_name_in_it_that_a_page_gives_exists():
    assert by_page(TODAY, missing_names) == {}


def test_a_broken_link_or_a_missing_file_would_be_seen(tmp_path):
    """The control."""
    page = tmp_path / "page.md"
    page.write_text("# Own\n[a](none.md) [b](#own) [c](#other) `tests/none.py`")

    assert broken_links(page) == ["none.md", "#other"]
    assert missing_names(page) == ["tests/none.py"]
