"""What the project cites, and where: requirements and articles of the agreement."""

import ast
import io
import re
import subprocess
import tokenize
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# By suffix, what starts and ends a comment.
COMMENTS = {
    ".html": r"{#.*?#}|{% comment.*?{% endcomment %}",
    ".txt": r"{#.*?#}|{% comment.*?{% endcomment %}",
    ".css": r"/\*.*?\*/",
    ".js": r"/\*.*?\*/|(?<!:)//[^\n]*",
    ".sql": r"--[^\n]*",
    ".toml": r"#[^\n]*",
    ".yaml": r"#[^\n]*",
    ".yml": r"#[^\n]*",
    ".conf": r"#[^\n]*",
    ".example": r"#[^\n]*",
    "": r"#[^\n]*",
}
# Codes and quotations, which cite nothing.
QUOTED = re.compile(r"(`+).*?\1|«[^»]*»", re.DOTALL)
# A sheet of paper, which no requirement is.
PAPER = re.compile(r"one A4\b|\bA4(?=,? (?:page|paper|black))")


@cache
def files() -> list[str]:
    """Return the project's files, without history, locks and licence."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(
        name
        for name in listing.stdout.split("\0")
        if (ROOT / name).is_file()
        and name not in {"CHANGELOG.md", "LICENSE"}
        and not name.startswith("requirements/")
    )


@cache
def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="ignore")


@cache
def prose(name: str) -> str:
    """Return a file's comments, docstrings or text, without codes and quotations."""
    source, suffix = read(name), Path(name).suffix
    if suffix == ".md":
        text = source
    elif suffix == ".py":
        text = "\n".join(_python_prose(source).values())
    elif suffix in COMMENTS:
        text = "\n".join(re.findall(COMMENTS[suffix], source, re.DOTALL))
    else:
        text = ""
    return PAPER.sub("", QUOTED.sub("", text))


def _python_prose(source: str) -> dict[int, str]:
    """Return comments, docstrings and comments of SQL, by line."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            found[token.start[0]] = token.string
        elif token.type == tokenize.STRING and "\n" in token.string:
            sql = re.findall(r"(?m)^\s*--.*", token.string)
            found[token.start[0]] = "\n".join(sql)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
            found[node.body[0].lineno] = text
    return found


@cache
def definitions(name: str) -> dict[str, str]:
    """Return the prose of each function, by name; "" is the module's docstring."""
    source = read(name)
    tree, lines = ast.parse(source), _python_prose(source)
    found = {"": ast.get_docstring(tree) or ""}
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for each in inner:
            if isinstance(each, ast.FunctionDef):
                own = range(each.lineno, (each.end_lineno or each.lineno) + 1)
                found[prefix + each.name] = "\n".join(
                    text for line, text in lines.items() if line in own
                )
    return found
