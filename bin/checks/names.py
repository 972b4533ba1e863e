"""Check names (docs/glossary.md) and file sizes; count docstring lines.

A banned name says nothing about its value, or has two meanings here.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from common import ROOT

BANNED = {"ask", "asked", "door", "hold", "let_go", "notice", "sheet", "take", "tell"}
BANNED |= {"told"}
LONGEST = 800  # lines
# Lines of the commands together: bin/*.py, without the folders beside.
LONGEST_BIN = 910


def sources() -> Iterator[Path]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).split()
    for path in map(Path, names):
        if "migrations" not in path.parts and (ROOT / path).exists():
            yield path


def defined(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of functions, classes, parameters and variables."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name


def functions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.lineno, node.name


def docstring_lines(tree: ast.Module) -> int:
    found = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str())) as first, *_]:
                    found += (first.end_lineno or 0) - first.lineno + 1
    return found


def main() -> int:
    faults, lines, docstrings, commands = [], 0, 0, 0
    for path in sources():
        text = (ROOT / path).read_text(encoding="utf-8")
        tree, length = ast.parse(text), text.count("\n")
        if path.parts[0] == "tests":
            names = [(line, name) for line, name in functions(tree) if name in BANNED]
            faults += [f"{path}:{line}: {name} is banned" for line, name in names]
            continue
        lines, docstrings = lines + length, docstrings + docstring_lines(tree)
        commands += length if path.parent == Path("bin") else 0
        if length > LONGEST and "data" not in path.parts:
            faults.append(f"{path}: {length} lines, {LONGEST} at most")
        for line, name in [*defined(tree), (1, path.stem)]:
            if name.lower() in BANNED:
                faults.append(f"{path}:{line}: {name} is a banned name")
    if commands > LONGEST_BIN:
        faults.append(f"bin/*.py: {commands} lines, {LONGEST_BIN} at most")
    print(*faults, sep="\n")
    print(f"note: {lines:,} lines, docstrings {docstrings / lines:.1%}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
